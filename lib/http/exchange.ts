/**
 * The contract between a connection and what responds to its requests: all that the two
 * know of each other.
 *
 * @module
 */

import { formed } from "./error_forms.ts";
import type { BodyBytes, HttpResponse, RequestHead } from "./message.ts";
import { encodeFieldLines } from "./response_fields.ts";

/** A request as a connection has read it: all but a body that is streamed. */
export interface ReceivedRequest {
  /** What its head says. */
  readonly head: RequestHead;
  /** The lines of its head as they came, each with its CRLF, a character per
   * byte: text crosses to another thread for a tenth of what the fields cost. */
  readonly text: string;
  /** The body, or `null` where the message has none. */
  readonly body: BodyBytes | RequestBodySource | null;
  /** Who sent it: an IP address, a space, a port. */
  readonly peer: string;
  /** What a trusted proxy says that the client has asked for; `null` where the head
   * says all that is known. */
  readonly origin: RequestOrigin | null;
  /** Whether the client wants the connection to go on. */
  readonly persistent: boolean;
  /** Whether the connection can become a tunnel, and the client asks for that. */
  readonly upgradable?: boolean;
}

/** The scheme and the host that a client has asked for; `null` for what nobody tells. */
export interface RequestOrigin {
  readonly scheme: "http" | "https" | null;
  readonly host: string | null;
  /** What its certificate says, where it has shown one: JSON of a `ClientCertificate`. */
  readonly certificate?: string | null;
}

/** What a handshake has found out. */
export interface SecureChannel {
  /** What the certificate of the client says: JSON of a `ClientCertificate`; `null`
   * where it has shown none. */
  readonly certificate: string | null;
}

/** The client behind a proxy. */
export interface ClientOrigin extends RequestOrigin {
  /** An IP address, a space, a port; 0 for a port that is not known. */
  readonly peer: string;
}

/** What stands for the address of a client that came through a socket file. */
export const unixClient = "unix:";

/** Proxies in front of a server, and what they say of clients. */
export interface Proxies {
  /** @param address an IP address, or {@linkcode unixClient} */
  isTrusted(address: string): boolean;
  /** The client of a request; `null` where it is the peer itself. */
  originOf(peer: string, head: RequestHead): ClientOrigin | null;
}

/** What the first bytes of a connection say of its client. */
export type ProxyHeader =
  /** They are not enough. */
  | { readonly kind: "more" }
  /** They are no header. */
  | { readonly kind: "bad" }
  | {
    readonly kind: "read";
    /** Bytes of the header. */
    readonly length: number;
    /** An IP address, a space, a port; `null` where the peer itself is the client. */
    readonly peer: string | null;
  };

/** Reads the header that a connection begins with. */
export type ReadProxyHeader = (bytes: Uint8Array) => ProxyHeader;

/** A request body that has not arrived yet. It is read only as far as its receiver
 * asks for it. */
export interface RequestBodySource {
  /** Sets the receiver; `null` for none. */
  sendTo(sink: RequestBodySink | null): void;
  /** The receiver wants so many pieces more. */
  credit(pieces: number): void;
  /** The receiver does not want the rest. */
  stop(): void;
  /** The time since which the client is not what everybody waits for: now, while
   * it is. */
  busySince(now: number): number;
}

/** The receiver of a request body. */
export interface RequestBodySink {
  /** The next piece; it belongs to the receiver from now on. */
  piece(bytes: BodyBytes): void;
  /** The body is complete. */
  end(): void;
  /** The rest will not come. */
  cut(why: string): void;
}

/**
 * Pieces of a streamed request body that may be on the way to its handler. Credit
 * counts pieces and not bytes: a client that sends one byte at a time would fill a
 * window of bytes with messages that are a hundred times as large.
 */
export const piecesAhead = 4;

/** A response body that is not in memory: a file, or what a handler still produces. */
export interface BodySource {
  /** Its number of bytes, or `null` where nobody knows it beforehand. */
  readonly length: number | null;
  /**
   * The next piece, to be used before the next call; `null` at the end.
   * Rejects where the rest cannot be had: the message is cut off then.
   */
  read(): Promise<Uint8Array | null>;
  /** Nobody will read on. May be called at any time, and more than once. */
  cancel(): void;
}

/** The rest of a response body cannot be had. The source has told the log why. */
export class BodyCutError extends Error {
  constructor(why: string) {
    super(`Cannot send the rest of the content: ${why}`);
    this.name = "BodyCutError";
  }
}

/** A response that is encoded to the last byte. */
export interface EncodedResponse {
  readonly kind: "encoded";
  readonly status: number;
  /** Bytes of its head, which says what the client wants of the connection. */
  readonly headLength: number;
  /** Its head and its body. */
  readonly bytes: Uint8Array;
}

/** A response whose head is still to be encoded. */
export interface OpenResponse {
  readonly kind: "open";
  readonly status: number;
  /** Field lines with their CRLFs; the writer adds those that are its own. */
  readonly fieldLines: string;
  /** The body of the response to a GET, or only its length. */
  readonly body: null | Uint8Array | BodySource | { readonly length: number };
}

/**
 * A connection that speaks another protocol from now on (RFC 9110 section 7.8): bytes
 * both ways, until one side ends it.
 */
export interface Tunnel {
  /** The next bytes for the client; `null` at the end: the connection is to be closed. */
  read(): Promise<Uint8Array | null>;
  /** Bytes from the client. They are copied. */
  write(bytes: Uint8Array): void;
  /** Resolves when the handler has caught up; `null` where it has. */
  room(): Promise<void> | null;
  /** The client sends nothing more. */
  end(): void;
  /** The server ends. The handler says so to the client, and ends the tunnel. */
  goAway(): void;
  /** The connection is closed. */
  cancel(): void;
  /** Called where the worker wants the connection closed at once, whatever was sent. */
  onCut: () => void;
}

/** A response after which the connection is a tunnel. */
export interface UpgradeResponse {
  readonly kind: "upgrade";
  readonly status: 101;
  /** Field lines with their CRLFs; the writer adds those that are its own. */
  readonly fieldLines: string;
  /** The name of the protocol, as in `Upgrade`. */
  readonly protocol: string;
  readonly tunnel: Tunnel;
}

/** A response as a connection writes it. */
export type WireResponse = EncodedResponse | OpenResponse | UpgradeResponse;

/** A request that is being responded to. */
export interface Exchange {
  /** Always resolves: an error is a response too. Some are there at once. */
  readonly response: WireResponse | Promise<WireResponse>;
  /** The number of the worker that has it; `null` while none has, or where none is
   * needed. */
  readonly worker: number | null;
  /** The client has left: what was not begun need not be. */
  abandon(): void;
  /** The response was handed to the system whole, or it never will be. */
  handedOver(whole: boolean): void;
}

/** Begins to respond to a request. Never throws. */
export type Dispatch = (request: ReceivedRequest) => Exchange;

/**
 * Refuses a request by its head, before its body is read: a large one, or one that its
 * client waits to be asked for (RFC 9110 section 10.1.1); `null` where it is not
 * refused.
 *
 * @param peer who sent it: an IP address, a space, a port
 */
export type Refuse = (
  head: RequestHead,
  peer: string,
) => HttpResponse | null | Promise<HttpResponse | null>;

/** The status that stands for a client that left before it had a response; it is
 * never sent. nginx logs the same. */
export const clientLeftStatus = 499;

/** A request that is over. Access log and metrics are made of these. */
export interface RequestEvent {
  /** What was asked; `null` where the head was not understood. */
  readonly head: RequestHead | null;
  /** Who asked: an IP address, a space, a port. */
  readonly peer: string;
  /** The status code of the response, or {@linkcode clientLeftStatus}. */
  readonly status: number;
  /** Bytes that were written, head included. */
  readonly bytesSent: number;
  /** Of these, bytes of the head. */
  readonly headBytes: number;
  /** Bytes of its body that were read, without its framing. */
  readonly bodyBytesReceived: number;
  /** Whether the response was written whole. */
  readonly complete: boolean;
  /** The number of the worker that has responded; `null` where none has. */
  readonly worker: number | null;
  /** What its client was told, where the connection itself has refused it. */
  readonly refusal: string | null;
  /** When the first bytes of the request had come; `performance.now()` milliseconds. */
  readonly receivedAt: number;
  /** When its response was written, or could not be any more, likewise. */
  readonly endedAt: number;
}

/** Receives an event for every request, once it is over. */
export type RequestListener = (event: RequestEvent) => void;

/**
 * A response of the server's own, which has plain bytes for a body.
 *
 * @param head what it responds to, or `null` where that was not understood
 */
export function wireResponseOf(
  response: HttpResponse,
  head: RequestHead | null,
): OpenResponse {
  const { status, fields, body } = formed(response, head);
  return {
    kind: "open",
    status,
    fieldLines: encodeFieldLines(fields),
    body: body.kind === "bytes" ? body.bytes : null,
  };
}
