/**
 * Which worker uses more memory than it may. A worker tells while its event loop turns;
 * of one that computes only the growth of the whole process tells. Must not know what
 * is done about it.
 *
 * @module
 */

import type { WorkerHandle } from "./worker_handle.ts";

/** What is looked at. */
export interface MemoryWatchOptions {
  /** Bytes that one worker may use. */
  readonly maxBytes: number;
  /** Bytes of memory that the process holds. */
  readonly processBytes: () => number;
}

/** A worker that uses too much. */
export interface Excess<T> {
  readonly worker: T;
  /** Whether its event loop does not turn at the moment. */
  readonly computes: boolean;
}

type Watched = Pick<WorkerHandle, "inFlight" | "heapBytes" | "heardAt">;

interface Seen {
  readonly heardAt: number;
  /** Bytes of the process when the worker was last heard. */
  readonly processBytes: number;
}

// The rest of the process grows as well: request bodies, responses, garbage.
const minGrowthBytes = 256 * 1024 * 1024;

/** Looks at the workers of a pool. */
export class MemoryWatch<T extends Watched = WorkerHandle> {
  readonly #options: MemoryWatchOptions;
  #seen = new Map<T, Seen>();

  constructor(options: MemoryWatchOptions) {
    this.#options = options;
  }

  /**
   * Looks at all workers, every now and then.
   *
   * @returns one that uses too much, or `null`
   */
  look(workers: Iterable<T>): Excess<T> | null {
    const processBytes = this.#options.processBytes();
    const { maxBytes } = this.#options;
    const seen = new Map<T, Seen>();
    let suspect: T | null = null;
    for (const worker of workers) {
      if (worker.inFlight.isEmpty) continue;
      const { heardAt, heapBytes } = worker;
      const before = this.#seen.get(worker);
      if (before?.heardAt !== heardAt) {
        if (heapBytes > maxBytes) return { worker, computes: false };
        seen.set(worker, { heardAt, processBytes });
        continue;
      }
      seen.set(worker, before);
      const growth = processBytes - before.processBytes;
      if (growth <= Math.max(maxBytes - heapBytes, minGrowthBytes)) continue;
      if (suspect === null || isLikelier(worker, suspect)) suspect = worker;
    }
    // What grew is accounted for: others begin anew.
    this.#seen = suspect === null ? seen : new Map();
    return suspect === null ? null : { worker: suspect, computes: true };
  }
}

/** On a busy machine a worker with light jobs may be silent as well. Of two that compute,
 * the one that began last: memory is filled within seconds. */
function isLikelier(worker: Watched, than: Watched): boolean {
  const { hasHeavy } = worker.inFlight;
  return hasHeavy === than.inFlight.hasHeavy
    ? worker.heardAt > than.heardAt
    : hasHeavy;
}
