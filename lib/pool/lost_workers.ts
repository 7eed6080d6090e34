/**
 * Threads that could not be stopped: each is a core that spins for nothing until
 * the process ends, so there is a number past which it should. Must not know why
 * they spin.
 *
 * @module
 */

import { BootError } from "./boot_error.ts";

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
