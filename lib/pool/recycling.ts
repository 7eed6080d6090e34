/**
 * When a worker is worn: by its number of jobs, or by its heap. A handler that
 * leaks is so kept from becoming the process's end. Must not know what is done
 * about it.
 *
 * @module
 */

import type { Limits } from "../limits.ts";
import { BootError } from "./boot_error.ts";
import type { WorkerHandle } from "./worker_handle.ts";

// Each worker has up to a fifth fewer jobs than the limit, at random: those that
// began together, and share the work fairly, would else be replaced together.
const jitter = 1 / 5;

/** The wear of one worker. */
export class RecyclingRule {
  readonly #maxJobs: number;
  readonly #maxHeapBytes: number;
  /** What its heap was at the first look. */
  #firstHeapBytes = 0;

  /**
   * Begins without wear.
   *
   * @param limits of jobs and of heap
   * @param random from 0 to 1
   */
  constructor(limits: Limits, random: () => number = Math.random) {
    const { maxJobsPerWorker, maxWorkerHeapBytes } = limits;
    this.#maxJobs = Math.ceil(maxJobsPerWorker * (1 - jitter * random()));
    this.#maxHeapBytes = maxWorkerHeapBytes;
  }

  /** Whether it should be replaced. */
  isDue(
    { books, heapBytes }: Pick<WorkerHandle, "books" | "heapBytes">,
  ): boolean {
    if (this.#firstHeapBytes === 0) this.#firstHeapBytes = heapBytes;
    return books.jobsGiven >= this.#maxJobs ||
      heapBytes >= this.#heapLimit();
  }

  /** An app that needs more than the limit from its first job on would be replaced
   * without end; so it may have twice that. */
  #heapLimit(): number {
    return this.#firstHeapBytes < this.#maxHeapBytes
      ? this.#maxHeapBytes
      : this.#firstHeapBytes * 2;
  }
}

/** What is done about them. */
export interface LostOptions {
  /** How many are borne. */
  readonly limit: number;
  /** One line for the log. */
  readonly log: (line: string) => void;
  /** There are more. */
  readonly onTooMany: () => void;
}

/** The lost workers of a pool. */
export class LostWorkers {
  readonly #options: LostOptions;
  #count = 0;

  /**
   * Makes one that has counted none.
   *
   * @param options what is done about them
   */
  constructor(options: LostOptions) {
    this.#options = options;
  }

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** One more, for that reason. */
  add(why: string): void {
    this.#count++;
    const { limit, log, onTooMany } = this.#options;
    log(`A worker is lost: ${why} (${this.#count} so far, ${limit} at most)`);
    if (this.#count > limit) onTooMany();
  }

  /** One more, where that is why a worker did not boot. */
  addIfSpinning(error: unknown): void {
    if (error instanceof BootError && error.spins) {
      this.add("its app computes for ever while it is loaded");
    }
  }
}
