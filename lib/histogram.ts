/**
 * Counts of values between bounds, as metrics want them. Imports nothing.
 *
 * @module
 */

/** A histogram. Its last bucket has no upper bound. */
export class Histogram {
  /** Upper bounds, ascending; a value that is equal to one is in its bucket. */
  readonly bounds: readonly number[];
  /** One count for each bound, and one for what is larger than all. */
  readonly counts: number[];
  /** Of all values. */
  sum = 0;
  /** How many values there were. */
  count = 0;

  /**
   * An empty one.
   *
   * @param bounds ascending
   */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Array(bounds.length + 1).fill(0);
  }

  /** Adds a value. */
  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && value > this.bounds[bucket]) bucket++;
    this.counts[bucket]++;
    this.sum += value;
    this.count++;
  }
}
