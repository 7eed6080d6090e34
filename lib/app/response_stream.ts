/**
 * The stream of a response: what is there at once, and the rest chunk by chunk.
 * Must not know what the response says besides.
 *
 * @module
 */

import type { ChunkStream } from "../http/handler.ts";

type Chunk = Uint8Array<ArrayBuffer>;

/** A stream that was begun. */
export interface ReadAhead {
  /** All of it, where there is no rest. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where it was not all there: the whole stream. */
  readonly rest: ChunkStream | null;
}

// What is there at once beyond this is sent as a stream all the same.
const maxAheadBytes = 1024 * 1024;
const maxAheadChunks = 1024;
const nothing = new Uint8Array();

/**
 * Reads what is there. Content that is all there can be sent as bytes, with its
 * length; one that makes its reader wait is a stream. So a stream that was full
 * from the start costs one message, and an event goes out when it is made.
 *
 * @throws {TypeError} where it is locked or holds anything but bytes, and whatever
 * it fails with
 */
export async function readAhead(
  stream: ReadableStream<unknown>,
): Promise<ReadAhead> {
  const reader = stream.getReader();
  const chunks: Chunk[] = [];
  let size = 0;
  let waiting: Promise<ReadableStreamReadResult<unknown>> | null = null;
  while (size < maxAheadBytes && chunks.length < maxAheadChunks) {
    waiting = reader.read();
    const next = await soon(waiting);
    if (next === null) break;
    if (next.done) return { bytes: join(chunks, size), rest: null };
    const chunk = chunkBytes(next.value);
    chunks.push(chunk);
    size += chunk.length;
    waiting = null;
  }
  return { bytes: nothing, rest: chunkStream(reader, chunks, waiting) };
}

// The stream of a text is read in 7; what has to wait for anything outside takes
// a turn of the event loop.
const soonTicks = 32;

/** What a promise resolves with, if it does so without waiting for anything. */
async function soon<T>(promise: Promise<T>): Promise<T | null> {
  let result: T | null = null;
  let settled = false;
  const done = promise.then((value) => {
    result = value;
    settled = true;
  }, () => settled = true);
  for (let tick = 0; tick < soonTicks && !settled; tick++) await null;
  // Its error is its reader's.
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

/** First what was read ahead, then the read that waits, then the rest. */
function chunkStream(
  reader: ReadableStreamDefaultReader<unknown>,
  ahead: Chunk[],
  waiting: Promise<ReadableStreamReadResult<unknown>> | null,
): ChunkStream {
  return {
    async next() {
      const chunk = ahead.shift();
      if (chunk !== undefined) return chunk;
      const read = waiting ?? reader.read();
      waiting = null;
      const { value, done } = await read;
      return done ? null : chunkBytes(value);
    },
    cancel() {
      reader.cancel("The client has left").catch(() => {});
    },
  };
}

/**
 * A chunk of a response body's stream.
 *
 * @throws {TypeError} where it is not bytes, as `fetch` would
 */
function chunkBytes(chunk: unknown): Chunk {
  if (!(chunk instanceof Uint8Array)) {
    throw new TypeError(
      "A response body's stream may hold bytes only (Uint8Array)",
    );
  }
  return withoutRest(chunk as Chunk);
}

/** A view of a part of a larger buffer would cross with all of it. */
function withoutRest(bytes: Chunk): Chunk {
  return bytes.length < bytes.buffer.byteLength ? bytes.slice() : bytes;
}
