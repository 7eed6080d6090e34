/**
 * The contract between a worker and what responds to its jobs, files or an app. Must
 * not know what runs them, or when.
 *
 * @module
 */

import type { BodyBytes, HttpRequest, HttpResponse } from "./message.ts";

/** What a handler returns for a request. */
export interface HandlerResponse {
  /** The plain part. */
  readonly response: HttpResponse;
  /** The stream, where the body is one. */
  readonly stream: ChunkStream | null;
}

/** Responds to requests. */
export interface Handler {
  /** May throw, reject, never settle, or never return. */
  handle(
    request: HttpRequest,
    job: HandlerJob,
  ): HttpResponse | Promise<HandlerResponse>;
}

/** A request that a handler works on, and the way to hear of its client. */
export interface HandlerJob {
  /** Set by a handler that wants to hear of its client. */
  client: ClientListener | null;
  /** Asks for a call of `handedOver`. */
  watch(): void;
}

/** Hears of a client. */
export interface ClientListener {
  /** The client has left, or nobody reads its stream any more. */
  abort(): void;
  /** The response was handed to the system whole, or it never will be. */
  handedOver(whole: boolean): void;
}

/** The chunks of a streamed response. */
export interface ChunkStream {
  /** The next chunk; `null` at the end. Rejects where the stream fails. */
  next(): Promise<BodyBytes | null>;
  /** Nobody will ask for more. */
  cancel(): void;
}

/** Bytes of a body above which copying them into a message of many costs more than a
 * value of their own. */
export const maxPackedContentBytes = 16 * 1024;
