/**
 * The answers of which one worker waits to hear that they were handed over: those
 * whose handlers asked. Must not know what an answer is.
 *
 * @module
 */

import type { Job } from "./job.ts";
import type { ToWorker } from "../messages/messages.ts";

/** What hand-overs need of their worker. */
export interface HandOverOptions {
  /** Sends it a message. */
  readonly post: (message: ToWorker) => void;
  /** It was told of one. */
  readonly onTold: () => void;
}

/** The hand-overs of one worker. */
export class HandOvers {
  readonly #options: HandOverOptions;
  readonly #ids = new Set<number>();

  /**
   * Makes none yet.
   *
   * @param options the way to the worker
   */
  constructor(options: HandOverOptions) {
    this.#options = options;
  }

  /** How many it waits for. */
  get size(): number {
    return this.#ids.size;
  }

  /**
   * It wants to know of that one.
   *
   * @param job whose answer it is; `undefined` where the pool has answered it
   * meanwhile: it took too long
   */
  watch(id: number, job: Job | undefined): void {
    this.#ids.add(id);
    if (job === undefined) this.tell(id, false);
    else job.watched = true;
  }

  /** That one was handed over: whole, or not. */
  tell(id: number, whole: boolean): void {
    if (!this.#ids.delete(id)) return;
    this.#options.post({ kind: "handed-over", id, whole });
    this.#options.onTold();
  }

  /** The worker is gone. */
  clear(): void {
    this.#ids.clear();
  }
}
