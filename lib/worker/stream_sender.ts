/**
 * The worker's end of a streamed response: reads the handler's stream as far as there
 * is credit and sends its chunks as messages. The stream itself is not transferred: a
 * transferred stream hangs for ever when its worker dies.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type { ChunkStream } from "../http/handler.ts";
import type { BodyBytes } from "../http/message.ts";
import { chunkCost, type FromWorker } from "../messages/messages.ts";
import { natives } from "../natives.ts";
import { webNatives } from "../app/web_natives.ts";
import { errorText } from "./error_text.ts";

/** What all senders of a worker share. */
export interface SenderContext {
  /** Sends a message to the pool. */
  readonly post: (message: FromWorker, transfer?: Transferable[]) => void;
  /** Bytes that may be ahead of the client. */
  readonly streamWindowBytes: number;
}

// A chunk that is there within so many microtasks is there at once: the stream of a text
// is read in 7; what waits for anything outside takes a turn of the event loop.
const soonTicks = 32;
// Chunks that are there at once are joined up to this size.
const maxJoinedBytes = 64 * 1024;
// And this number: a stream that is always ready takes a third of a millisecond a turn.
const maxJoinedChunks = 256;
// So many at once are tiny ones, made in a loop: others come first. While three clients
// ask for such streams and read nothing, p99 of a hello app at 16 connections is 1.6
// times what it is without them; with no pause 3 times (deno serve: 44 times).
const tinyChunksPauseMs = 2;

type Chunk = BodyBytes;

/**
 * Sends one stream. Chunks that are there at once cross as one, and after each message
 * the event loop turns: a stream that is always ready would else keep the worker from
 * hearing anything.
 */
export class StreamSender {
  readonly #id: number;
  readonly #stream: ChunkStream;
  readonly #context: SenderContext;
  #credit: number;
  #cancelled = false;
  #wake: (() => void) | null = null;

  constructor(id: number, stream: ChunkStream, context: SenderContext) {
    this.#id = id;
    this.#stream = stream;
    this.#context = context;
    this.#credit = context.streamWindowBytes;
  }

  /** Sends the whole stream. Never rejects. */
  async run(): Promise<void> {
    try {
      let next = this.#stream.next();
      while (!this.#cancelled) {
        const chunk = await next;
        if (chunk === null) break;
        ({ next } = await this.#sendWithOthers(chunk));
      }
      // The read ahead of a stream that was cancelled may fail.
      next.catch(() => {});
      if (!this.#cancelled) {
        this.#context.post({ kind: "stream-end", id: this.#id });
      }
    } catch (error) {
      this.#stream.cancel();
      if (this.#cancelled) return;
      this.#context.post({
        kind: "stream-cut",
        id: this.#id,
        trace: errorText(error),
      });
    }
  }

  /** Sends a chunk, and with it those that are there at once.
   *
   * @returns the chunk after those */
  async #sendWithOthers(
    first: Chunk,
  ): Promise<{ next: Promise<Chunk | null> }> {
    if (first.length >= maxJoinedBytes) {
      await this.#send(first, 0);
      return { next: this.#stream.next() };
    }
    // Copies: the handler may use its buffer again for the next chunk.
    const chunks = [first.slice()];
    let size = first.length;
    let next = this.#stream.next();
    while (size < maxJoinedBytes && chunks.length < maxJoinedChunks) {
      const chunk = await soon(next);
      if (chunk === null) break;
      chunks.push(chunk.slice());
      size += chunk.length;
      next = this.#stream.next();
    }
    const areTiny = chunks.length === maxJoinedChunks;
    await this.#send(join(chunks), areTiny ? tinyChunksPauseMs : 0);
    return { next };
  }

  /** A chunk of any size may overdraw the credit; the next one waits. */
  async #send(chunk: Chunk, pauseMs: number): Promise<void> {
    while (this.#credit <= 0 && !this.#cancelled) {
      await new natives.Promise<void>((resolve) => this.#wake = resolve);
    }
    if (this.#cancelled || chunk.length === 0) return;
    this.#credit -= chunkCost(chunk.length);
    // Cloned, not moved: a large one may be the handler's own buffer.
    this.#context.post({ kind: "stream-chunk", id: this.#id, bytes: chunk });
    await new natives.Promise<void>((resolve) =>
      pauseMs === 0
        ? setImmediate(resolve)
        : webNatives.setTimeout(resolve, pauseMs)
    );
  }

  /** Chunks that cost so much were read. */
  credit(cost: number): void {
    this.#credit += cost;
    this.#wakeUp();
  }

  /** Nobody reads on. */
  cancel(): void {
    this.#cancelled = true;
    this.#wakeUp();
    this.#stream.cancel();
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = null;
  }
}

/** A chunk that is there at once; `null` for one that is not, for the end of the stream
 * and for its failure: the promise tells which. */
async function soon(next: Promise<Chunk | null>): Promise<Chunk | null> {
  let chunk: Chunk | null = null;
  let settled = false;
  next.then((value) => {
    chunk = value;
    settled = true;
  }, () => settled = true);
  for (let tick = 0; tick < soonTicks && !settled; tick++) await null;
  return chunk;
}

function join(chunks: readonly Chunk[]): Chunk {
  if (chunks.length === 1) return chunks[0];
  const size = chunks.reduce((sum, { length }) => sum + length, 0);
  const joined = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}
