/**
 * Reads the stream of a response: the chunks that are available at once, and the rest
 * one by one. Must not know status or fields.
 *
 * @module
 */

import type { ChunkStream } from "../http/handler.ts";
import { appMistake } from "./app_mistake.ts";

type Chunk = Uint8Array<ArrayBuffer>;

export interface ReadAhead {
  /** The whole body, where `rest` is `null`. */
  readonly bytes: Chunk;
  /** The whole stream, where not all of it was available. */
  readonly rest: ChunkStream | null;
}

// A larger body is sent as a stream even if it is available at once.
const maxAheadBytes = 1024 * 1024;
const maxAheadChunks = 1024;

/**
 * Reads what is available without waiting. A stream that ends by then can be sent as
 * bytes, with its length, in one message. A stream that makes its reader wait stays a
 * stream, so that an event is sent when it is produced.
 *
 * @throws {TypeError} where the stream is locked or has a chunk that is not bytes
 * @throws whatever the stream fails with
 */
export async function readAhead(
  stream: ReadableStream<unknown>,
): Promise<ReadAhead> {
  const reader = stream.getReader();
  const chunks: Chunk[] = [];
  let size = 0;
  let pending: Promise<ReadableStreamReadResult<unknown>> | null = null;
  while (size < maxAheadBytes && chunks.length < maxAheadChunks) {
    pending = reader.read();
    const next = await soon(pending);
    if (next === null) break;
    if (next.done) return { bytes: join(chunks, size), rest: null };
    const chunk = chunkBytes(next.value);
    chunks.push(chunk);
    size += chunk.length;
    pending = null;
  }
  return {
    bytes: new Uint8Array(),
    rest: chunkStream(reader, chunks, pending),
  };
}

// Microtasks. A chunk of a text stream takes 7; anything from outside the thread takes
// a turn of the event loop.
const soonTicks = 32;

/** What a promise resolves with, or `null` where it has to wait for the event loop. */
async function soon<T>(promise: Promise<T>): Promise<T | null> {
  let result: T | null = null;
  let settled = false;
  const done = promise.then((value) => {
    result = value;
    settled = true;
  }, () => settled = true);
  for (let tick = 0; tick < soonTicks && !settled; tick++) await null;
  // A rejection passes on to the caller.
  return settled && result === null ? await done.then(() => promise) : result;
}

function join(chunks: readonly Chunk[], size: number): Chunk {
  if (chunks.length === 1) return chunks[0];
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/**
 * @param ahead chunks that were read already
 * @param pending a read that has not settled yet
 */
function chunkStream(
  reader: ReadableStreamDefaultReader<unknown>,
  ahead: Chunk[],
  pending: Promise<ReadableStreamReadResult<unknown>> | null,
): ChunkStream {
  return {
    async next() {
      const chunk = ahead.shift();
      if (chunk !== undefined) return chunk;
      const read = pending ?? reader.read();
      pending = null;
      const { value, done } = await read;
      return done ? null : chunkBytes(value);
    },
    cancel() {
      reader.cancel("The client has left").catch(() => {});
    },
  };
}

/** @throws {TypeError} where a chunk is not bytes, as `fetch` would throw */
function chunkBytes(chunk: unknown): Chunk {
  if (!(chunk instanceof Uint8Array)) {
    throw appMistake(
      "A response body's stream must have Uint8Array chunks only",
    );
  }
  // A view of a part of a buffer would cross to the main thread with all of it.
  return chunk.length < chunk.buffer.byteLength
    ? chunk.slice()
    : chunk as Chunk;
}
