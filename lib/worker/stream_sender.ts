/**
 * The worker's end of a streamed response: reads the handler's stream as far as
 * there is credit and sends its chunks as messages. A stream is not transferred
 * itself: a transferred one hangs for ever when its worker dies.
 *
 * @module
 */

import type { ChunkStream } from "../http/handler.ts";
import { IdMap } from "../id_map.ts";
import type { FromWorker } from "../messages/messages.ts";
import { errorText } from "./error_text.ts";

/** What a pump needs of its worker. */
export interface SenderContext {
  /** Sends a message to the pool. */
  readonly post: (message: FromWorker, transfer?: Transferable[]) => void;
  /** Bytes that may be ahead of the client. */
  readonly streamWindowBytes: number;
}

/** Sends one stream. */
export class StreamSender {
  readonly #id: number;
  readonly #stream: ChunkStream;
  readonly #context: SenderContext;
  #credit: number;
  #cancelled = false;
  #wake: (() => void) | null = null;

  /**
   * Makes one.
   *
   * @param id the job's
   * @param stream the handler's
   * @param context the worker's
   */
  constructor(id: number, stream: ChunkStream, context: SenderContext) {
    this.#id = id;
    this.#stream = stream;
    this.#context = context;
    this.#credit = context.streamWindowBytes;
  }

  /** Sends the whole stream. Never rejects. */
  async run(): Promise<void> {
    try {
      while (!this.#cancelled) {
        const chunk = await this.#stream.next();
        if (chunk === null) break;
        await this.#send(chunk);
      }
      if (!this.#cancelled) this.#context.post({ kind: "end", id: this.#id });
    } catch (error) {
      this.#stream.cancel();
      if (this.#cancelled) return;
      this.#context.post({
        kind: "cut",
        id: this.#id,
        trace: errorText(error),
      });
    }
  }

  /** One chunk of any size may overdraw the credit; the next waits. */
  async #send(chunk: Uint8Array<ArrayBuffer>): Promise<void> {
    while (this.#credit <= 0 && !this.#cancelled) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    if (this.#cancelled || chunk.length === 0) return;
    this.#credit -= chunk.length;
    // Copied, not moved: the handler may use its buffer again.
    this.#context.post({ kind: "chunk", id: this.#id, bytes: chunk });
  }

  /** The client took so many bytes. */
  credit(bytes: number): void {
    this.#credit += bytes;
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

/** The streams of one worker. */
export class AnswerStreams {
  readonly #context: SenderContext;
  readonly #onOver: (id: number) => void;
  readonly #pumps = new IdMap<StreamSender>();
  /** Those whose answers are in a batch: they begin when that is sent. */
  #inBatch: number[] = [];

  /**
   * Makes none yet.
   *
   * @param context the worker's
   * @param onOver is called at the end of each, however it ends
   */
  constructor(context: SenderContext, onOver: (id: number) => void) {
    this.#context = context;
    this.#onOver = onOver;
  }

  /** How many there are. */
  get size(): number {
    return this.#pumps.size;
  }

  /** Sends a stream behind its answer: its chunks must not overtake that.
   *
   * @param inBatch whether the answer waits for the end of its batch
   */
  open(id: number, stream: ChunkStream, inBatch: boolean): void {
    this.#pumps.add(id, new StreamSender(id, stream, this.#context));
    if (inBatch) this.#inBatch.push(id);
    else queueMicrotask(() => this.#run(id));
  }

  /** The batch is sent, with its answers. */
  beginBatch(): void {
    for (const id of this.#inBatch.splice(0)) this.#run(id);
  }

  #run(id: number): void {
    this.#pumps.get(id)!.run().finally(() => {
      this.#pumps.take(id);
      this.#onOver(id);
    });
  }

  /** Nobody reads that one any more. */
  cancel(id: number): void {
    this.#pumps.get(id)?.cancel();
  }

  /** That one may send so many bytes more. */
  credit(id: number, bytes: number): void {
    this.#pumps.get(id)?.credit(bytes);
  }
}
