/**
 * All that is written on a connection: responses, `100 Continue`, and the end of the
 * output; with the deadline that all writing has, and one event for each request that
 * is over. Must not know what is read.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import {
  clientLeftStatus,
  type Exchange,
  type RequestListener,
  type UpgradeResponse,
  type WireResponse,
  wireResponseOf,
} from "../http/exchange.ts";
import type { HttpResponse, RequestHead } from "../http/message.ts";
import type { PersistenceFacts } from "../http/persistence.ts";
import type { Limits } from "../limits.ts";
import { encodeUpgradeHead, withLines } from "../http/response_head.ts";
import type { ConnectionStatus } from "./connection_state.ts";
import { writeResponse } from "./response_writer.ts";
import type { Client, Socket } from "./socket.ts";
import { turnNow } from "./turn_clock.ts";

/** What the writers of a server share. */
export interface WriterContext {
  readonly limits: Limits;
  /** The value of `Server`, or `null` for none. */
  readonly serverName: string | null;
  /** Field lines for responses over a secure channel, or `null`. */
  readonly secureLines: string | null;
  /** Receives an event for every request that is over; `null` where nobody listens,
   * and then no time is taken. */
  readonly onRequest: RequestListener | null;
}

const continueBytes: Uint8Array<ArrayBuffer> = new TextEncoder().encode(
  "HTTP/1.1 100 Continue\r\n\r\n",
);

const lastResponse: PersistenceFacts = {
  wanted: true,
  closing: true,
  body: "complete",
};

/** A response after which the connection still speaks HTTP. */
type PlainWireResponse = Exclude<WireResponse, UpgradeResponse>;

/** What is known of a request that is not over. */
interface OpenRequest {
  readonly receivedAt: number;
  head: RequestHead | null;
  peer: string;
  status: number;
  headBytes: number;
  /** Its body, where it has one. */
  body: { readonly received: number } | null;
  /** Whether its client was seen to end its side before there was a response. */
  clientLeft: boolean;
  /** What responds to it, until there is a response. */
  exchange: Exchange | null;
  /** The number of the worker that has responded. */
  worker: number | null;
  /** What its client is told, where it is refused here. */
  refusal: string | null;
}

/** The output of one connection. */
export class ConnectionWriter {
  readonly #socket: Socket;
  readonly #peer: string;
  readonly #lines: string | null;
  readonly #status: ConnectionStatus;
  readonly #context: WriterContext;
  /** A `100 Continue` that is being written. */
  #continuing: Promise<void> | null = null;
  /** Kept only where somebody listens for events. */
  #request: OpenRequest | null = null;
  #bytesSent = 0;

  /**
   * @param client its socket is written by nobody else
   * @param status changes with what is done here
   */
  constructor(
    { socket, peer, channel }: Client,
    status: ConnectionStatus,
    context: WriterContext,
  ) {
    this.#socket = socket;
    this.#peer = peer;
    this.#lines = channel === null ? null : context.secureLines;
    this.#status = status;
    this.#context = context;
  }

  /** The first bytes of a request have come. */
  beginRequest(): void {
    if (this.#context.onRequest === null) return;
    this.#request = {
      receivedAt: turnNow(),
      head: null,
      peer: this.#peer,
      status: 0,
      headBytes: 0,
      body: null,
      clientLeft: false,
      exchange: null,
      worker: null,
      refusal: null,
    };
  }

  /** The head of that request was understood, and who its client is. */
  headRead(head: RequestHead, peer: string): void {
    if (this.#request === null) return;
    this.#request.head = head;
    this.#request.peer = peer;
  }

  /** Its body begins to be read. */
  bodyOpened(body: { readonly received: number }): void {
    if (this.#request !== null) this.#request.body = body;
  }

  /** It was given to what responds to it. */
  dispatched(exchange: Exchange): void {
    if (this.#request !== null) this.#request.exchange = exchange;
  }

  /** The client has ended its side of the connection, and may be gone. */
  clientLeft(): void {
    if (this.#request !== null) this.#request.clientLeft = true;
  }

  /** The connection is closed. A request that was understood and has no response is
   * one whose client has left. */
  connectionClosed(): void {
    const request = this.#request;
    if (request === null) return;
    if (request.status === 0 && request.head === null) return;
    this.#endRequest(false);
  }

  /** The response is written whole. Whoever waits for that says so: a promise more for
   * each request costs 0.3 us. */
  requestSent(): void {
    if (this.#request !== null) this.#endRequest(true);
  }

  #endRequest(complete: boolean): void {
    const request = this.#request;
    if (request === null) return;
    this.#request = null;
    const began = request.status !== 0;
    this.#context.onRequest!({
      head: request.head,
      peer: request.peer,
      // An error is what is left of a request whose handler heard that nobody waits.
      status: began && !(request.clientLeft && request.status >= 500)
        ? request.status
        : clientLeftStatus,
      bytesSent: began ? this.#bytesSent : 0,
      headBytes: Math.min(request.headBytes, this.#bytesSent),
      bodyBytesReceived: request.body?.received ?? 0,
      complete,
      worker: request.worker,
      refusal: request.refusal,
      receivedAt: request.receivedAt,
      endedAt: turnNow(),
    });
  }

  /**
   * Writes a response.
   *
   * @param head what it responds to
   * @param facts decide whether the connection goes on
   * @returns what the head of the response said about that
   */
  send(
    response: PlainWireResponse,
    head: Pick<RequestHead, "method" | "version">,
    facts: PersistenceFacts,
  ): Promise<boolean> {
    return this.#continuing === null
      ? this.#write(response, head, facts)
      : this.#continuing.then(() => this.#write(response, head, facts));
  }

  #write(
    response: PlainWireResponse,
    { method, version }: Pick<RequestHead, "method" | "version">,
    persistence: PersistenceFacts,
  ): Promise<boolean> {
    const { limits, serverName } = this.#context;
    this.#status.enter("writing", limits.writeStallMs);
    this.#beginResponse(response.status);
    return writeResponse(this.#socket, response, {
      method,
      version,
      persistence,
      serverName,
      extraLines: this.#lines,
      onHead: this.#request === null ? null : this.#onHead,
      onProgress: this.#onProgress,
      onWaiting: this.#onWaiting,
    });
  }

  #beginResponse(status: number): void {
    const request = this.#request;
    if (request === null) return;
    this.#bytesSent = 0;
    request.status = status;
    request.worker = request.exchange?.worker ?? null;
    request.exchange = null;
  }

  /** Writes the head after which the connection is a tunnel. */
  async upgrade({ protocol, fieldLines }: UpgradeResponse): Promise<void> {
    this.#status.enter("upgraded", Infinity);
    const lines = this.#lines === null
      ? fieldLines
      : withLines(fieldLines, this.#lines);
    const { serverName } = this.#context;
    const text = encodeUpgradeHead(protocol, lines, serverName);
    this.#beginResponse(101);
    this.#onHead(text.length);
    await this.tunnel(Buffer.from(text, "latin1"));
  }

  /** Writes bytes of a tunnel. */
  async tunnel(bytes: Uint8Array): Promise<void> {
    this.#status.extend(this.#context.limits.writeStallMs);
    for (let at = 0; at < bytes.length;) {
      const written = await this.#socket.write(bytes.subarray(at));
      at += written;
      this.#onProgress(written);
    }
    // A client cannot stall over what it was not sent.
    this.#status.extend(Infinity);
  }

  readonly #onHead = (bytes: number): void => {
    if (this.#request !== null) this.#request.headBytes = bytes;
  };

  readonly #onProgress = (bytes: number): void => {
    this.#bytesSent += bytes;
    this.#status.extend(this.#context.limits.writeStallMs);
  };

  /** A client cannot stall over what it was not sent. */
  readonly #onWaiting = (waiting: boolean): void => {
    this.#status.extend(waiting ? Infinity : this.#context.limits.writeStallMs);
  };

  /** Writes the last response of a connection: the server's own.
   *
   * @param head what it responds to, or `null` where that was not understood
   */
  async refuse(
    response: HttpResponse,
    head: RequestHead | null,
  ): Promise<void> {
    // RFC 9110 section 9.3.2: no body for a HEAD, however it fails. Where the head is
    // not understood nothing is known of the method.
    const request = head ?? { method: "GET", version: "1.1" };
    if (this.#request !== null && response.body.kind === "error") {
      this.#request.refusal = response.body.text;
    }
    await this.send(wireResponseOf(response, head), request, lastResponse);
    this.requestSent();
  }

  /** Tells a client that waits for it that its body is wanted; not where it has a
   * final status already (RFC 9110 sections 10.1.1 and 15.2). */
  async sendContinue(): Promise<void> {
    const { state } = this.#status;
    if (state === "writing" || state === "lingering") return;
    try {
      await (this.#continuing = this.#writeContinue());
    } finally {
      this.#continuing = null;
    }
  }

  async #writeContinue(): Promise<void> {
    for (let at = 0; at < continueBytes.length;) {
      at += await this.#socket.write(continueBytes.subarray(at));
    }
  }

  /** Ends the output, once; what the client still sends is read and dropped. */
  async end(): Promise<void> {
    if (this.#status.state === "lingering") return;
    this.#status.enter("lingering", this.#context.limits.lingerStallMs);
    await this.#socket.closeWrite();
  }

  /** The client has sent something meanwhile. */
  stillLingering(): void {
    if (this.#status.state !== "lingering") return;
    const { lingerMs, lingerStallMs } = this.#context.limits;
    this.#status.extendUpTo(lingerStallMs, lingerMs);
  }
}
