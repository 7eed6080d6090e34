/**
 * When a worker is due for recycling: by its number of jobs, or by its heap, so that a
 * handler that leaks does not end the process; and how many threads are lost. Must not
 * know what is done about either.
 *
 * @module
 */

import type { Limits } from "../limits.ts";
import { BootError } from "./boot_error.ts";
import type { WorkerHandle } from "./worker_handle.ts";

// Where the limit is a wall, a leak should not get there: what a worker runs then fails.
const beforeWall = 3 / 4;

// Each worker has up to a fifth fewer jobs than the limit, at random: those that
// began together, and share the work fairly, would else be replaced together.
const jitter = 1 / 5;

/** When one worker should be replaced. */
export class RecyclingRule {
  readonly #maxJobs: number;
  readonly #maxHeapBytes: number;
  /** The size of its heap at the first look. */
  #firstHeapBytes = 0;

  /**
   * @param wall whether a worker ends where its heap reaches the limit
   * @param random from 0 to 1
   */
  constructor(
    limits: Limits,
    wall: boolean,
    random: () => number = Math.random,
  ) {
    const { maxJobsPerWorker, maxWorkerHeapBytes } = limits;
    this.#maxJobs = Math.ceil(maxJobsPerWorker * (1 - jitter * random()));
    this.#maxHeapBytes = maxWorkerHeapBytes * (wall ? beforeWall : 1);
  }

  /** Why it should be replaced; `null` where it should not. */
  due(
    { inFlight, heapBytes }: Pick<WorkerHandle, "inFlight" | "heapBytes">,
  ): "jobs" | "heap" | null {
    if (this.#firstHeapBytes === 0) this.#firstHeapBytes = heapBytes;
    if (inFlight.given >= this.#maxJobs) return "jobs";
    return heapBytes >= this.#heapLimit() ? "heap" : null;
  }

  /** An app that needs more than the limit from its first job on would be replaced
   * without end; so it may have twice that. */
  #heapLimit(): number {
    return this.#firstHeapBytes < this.#maxHeapBytes
      ? this.#maxHeapBytes
      : this.#firstHeapBytes * 2;
  }
}

// A thread that can be stopped is gone within milliseconds.
const goneMs = 1000;

/** What is done about lost threads. */
export interface LostOptions {
  readonly limit: number;
  readonly log: (line: string) => void;
  readonly onTooMany: () => void;
}

/** Threads that could not be stopped. Each is a core that spins for nothing until the
 * process ends, so there is a number past which it should. */
export class LostWorkers {
  readonly #options: LostOptions;
  #count = 0;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  constructor(options: LostOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#count;
  }

  add(why: string): void {
    this.#count++;
    const { limit, log, onTooMany } = this.#options;
    log(`A worker is lost: ${why} (${this.#count} so far, ${limit} at most)`);
    if (this.#count > limit) onTooMany();
  }

  /**
   * Tells of a thread that was to be ended, and is not.
   *
   * @param ended resolves when it is gone; `null` where it cannot be ended
   * @param onSpinning called where it goes on
   */
  addUnlessEnded(ended: Promise<void> | null, onSpinning: () => void): void {
    if (ended === null) return onSpinning();
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      onSpinning();
    }, goneMs);
    this.#timers.add(timer);
    ended.then(() => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    });
  }

  /** Nothing is told any more. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Counts the thread of a boot that failed, where it spins. */
  addIfSpinning(error: unknown): void {
    if (error instanceof BootError && error.spins) {
      this.add("its app computes for ever while it is loaded");
    }
  }
}
