/**
 * Inside a worker: what answers jobs, and what it makes of them. Must not know
 * what runs them, or when.
 *
 * @module
 */

import type { HttpRequest, HttpResponse } from "./message.ts";

/** What a handler made of a job. */
export interface HandlerResponse {
  /** The plain part. */
  readonly response: HttpResponse;
  /** Where its body is a stream: where that comes from. */
  readonly stream: ChunkStream | null;
}

/** Answers jobs; the only thing that a runner knows of site and app. */
export interface JobHandler {
  /** May throw, reject, never settle, or never return. */
  handle(
    request: HttpRequest,
    id: number,
  ): HttpResponse | Promise<HandlerResponse>;
  /** Nobody waits for that job any more. */
  abort(id: number): void;
  /** The answer to a job that it watches was handed over: whole, or not. */
  handedOver(id: number, whole: boolean): void;
}

/** The chunks of a handler's stream. */
export interface ChunkStream {
  /** The next chunk; `null` at the end. Rejects where the stream fails. */
  next(): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Nobody will ask for more. */
  cancel(): void;
}

/** Bytes of content above which copying costs more than a value of its own. */
export const maxPackedContentBytes = 16 * 1024;
