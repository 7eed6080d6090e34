/**
 * Inside a worker: the streams of its answers, by the ids of their jobs. Must not
 * know what an answer says besides.
 *
 * @module
 */

import type { ChunkStream } from "../http/handler.ts";
import { Ledger } from "../id_map.ts";
import { type PumpContext, StreamPump } from "./stream_sender.ts";

/** The streams of one worker. */
export class AnswerStreams {
  readonly #context: PumpContext;
  readonly #onOver: (id: number) => void;
  readonly #pumps = new Ledger<StreamPump>();
  /** Those whose answers are in a batch: they begin when that is sent. */
  #inBatch: number[] = [];

  /**
   * Makes none yet.
   *
   * @param context the worker's
   * @param onOver is called at the end of each, however it ends
   */
  constructor(context: PumpContext, onOver: (id: number) => void) {
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
    this.#pumps.add(id, new StreamPump(id, stream, this.#context));
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
