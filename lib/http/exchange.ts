/**
 * All that a connection knows of whoever answers its requests, and all that
 * whoever answers knows of the connection.
 *
 * @module
 */

import type { HttpResponse, RequestHead } from "./message.ts";
import { encodeFieldLines } from "./response_fields.ts";

/** A request, as a connection has read it: all but content that is streamed. */
export interface ReceivedRequest {
  /** What its head says. */
  readonly head: RequestHead;
  /** The lines of its head as they came, each with its CRLF, a character per
   * byte: text crosses to another thread for a tenth of what the fields cost. */
  readonly text: string;
  /** The content, or `null` where the message has none. */
  readonly body: Uint8Array<ArrayBuffer> | RequestBodySource | null;
  /** Who sent it: an IP address, a space, a port. */
  readonly peer: string;
  /** Whether the client would have the connection go on. */
  readonly persistent: boolean;
}

/** Content of a request that has not arrived yet. It is read no further than whoever
 * answers asks for. */
export interface RequestBodySource {
  /** Says where it goes; `null` where it goes nowhere any more. */
  flowTo(receiver: RequestBodySink | null): void;
  /** So many pieces more are wanted. */
  credit(pieces: number): void;
  /** Nobody wants the rest. */
  stop(): void;
  /** Since when it is not the client who is waited for: now, while it is. */
  busySince(now: number): number;
}

/** Where the content of a request goes. */
export interface RequestBodySink {
  /** The next piece, which is the receiver's from now on. */
  piece(bytes: Uint8Array<ArrayBuffer>): void;
  /** That was the last one. */
  end(): void;
  /** The rest will not come. */
  cut(why: string): void;
}

/** Content that is not in memory: a file, or what a handler still produces. */
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

/** The rest of some content cannot be had. Thrown by a source that has told the
 * log why. */
export class BodyCutError extends Error {
  /**
   * Makes one.
   *
   * @param why for the log
   */
  constructor(why: string) {
    super(`Cannot send the rest of the content: ${why}`);
    this.name = "BodyCutError";
  }
}

/** A response that is encoded to the last byte. */
export interface EncodedResponse {
  /** Tells it from the other. */
  readonly kind: "encoded";
  /** The status code. */
  readonly status: number;
  /** Bytes of its head, which says what the client wishes of the connection. */
  readonly headLength: number;
  /** Its head and its content. */
  readonly bytes: Uint8Array;
}

/** A response whose content can be written to a connection. */
export interface OpenResponse {
  /** Tells it from the other. */
  readonly kind: "open";
  /** The status code. */
  readonly status: number;
  /** Field lines with their CRLFs; the writer adds those that are its own. */
  readonly fieldLines: string;
  /** The content of the answer to a GET, or only its length. */
  readonly body: null | Uint8Array | BodySource | { readonly length: number };
}

/** What a connection writes. */
export type WireResponse = EncodedResponse | OpenResponse;

/** One request being answered. */
export interface Exchange {
  /** Resolves with the answer, always: what goes wrong is an answer too. */
  readonly reply: Promise<WireResponse>;
  /** The client has left: what was not begun need not be. */
  abandon(): void;
  /** The answer was handed to the system whole, or it never will be. */
  handedOver(whole: boolean): void;
}

/** Answers requests. */
export interface Dispatch {
  /** Begins to answer a request. Never throws. */
  (request: ReceivedRequest): Exchange;
}

/**
 * Says before a body is read that it is not wanted, for a client that asked
 * (RFC 9110 section 10.1.1).
 */
export type Refuse = (head: RequestHead) => HttpResponse | null;

/**
 * Pieces of a streamed request body that may be on the way to its handler. Credit
 * counts pieces and not bytes: a client that sends one byte at a time would fill a
 * window of bytes with messages that are a hundred times as large.
 */
export const piecesAhead = 4;

/** A response of the server's own, which has no fields but its own. */
export function wireResponseOf(response: HttpResponse): WireResponse {
  const { status, fields, body } = response;
  return {
    kind: "open",
    status,
    fieldLines: encodeFieldLines(fields),
    body: body.kind === "bytes" ? body.bytes : null,
  };
}
