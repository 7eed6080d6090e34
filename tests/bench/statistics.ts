/**
 * The summaries that the benchmark uses. Medians, not means: one round that the machine spent on
 * something else must not move the figure.
 *
 * @module
 */

/**
 * The middle of `values`, or the mean of the middle two; `NaN` for none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(median([9, 1, 2]), 2);
 * ```
 */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? sorted[half]
    : (sorted[half - 1] + sorted[half]) / 2;
}

/**
 * How far `values` lie apart, as a share of their median: 0.1 says that the best and the worst round
 * differ by a tenth, so that a smaller difference between two servers says nothing.
 */
export function spread(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / median(values);
}

/**
 * The smallest of `values` that at least `share` of them do not exceed; `NaN` for none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(percentile([4, 1, 3, 2], 0.75), 3);
 * ```
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(Math.ceil(share * sorted.length), 1) - 1] ?? NaN;
}
