/**
 * Numbers that look random and are the same for the same seed. Must not know what
 * they are for.
 *
 * @module
 */

/** A seeded sequence (mulberry32: 32 bits of state, and good enough to choose by). */
export class Random {
  #state: number;

  /**
   * Makes one.
   *
   * @param seed an integer; sequences of different seeds differ
   */
  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** The next number: at least 0, less than 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer from 0 on, less than that. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** One of those. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** Whether something of that probability comes about. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }
}
