/**
 * How much work takes how long here: the app that computes is told an amount, the same for every server
 * of a run, and not a time.
 *
 * @module
 */

import { work } from "../apps/computing.ts";

/** Some tenths of a millisecond: most of them are over before anything else gets the core. */
const probeTurns = 200_000;

/** Long enough for the compiler to have done its best, also while the machine is busy. */
const probeMs = 500;

/** The amount, measured when it is first asked for. */
let perMs: number | undefined;

/** The turns of {@link work} that take `ms` milliseconds on an idle core. */
export function turnsFor(ms: number): number {
  perMs ??= turnsPerMs();
  return Math.round(perMs * ms);
}

/** The best of many: what takes longer was disturbed, or not compiled yet. */
function turnsPerMs(): number {
  const end = performance.now() + probeMs;
  let best = Infinity;
  for (let start = performance.now(); start < end; start = performance.now()) {
    work(probeTurns);
    best = Math.min(best, performance.now() - start);
  }
  return probeTurns / best;
}
