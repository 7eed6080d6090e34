/**
 * How long a random run goes on, and where it begins: `[--seconds 60] [--seed N]`.
 *
 * @module
 */

import { parseArgs } from "node:util";

/** Reads both from the command line, and says them; ends the process where they are
 * none. */
export function readDuration(): { seed: number; seconds: number } {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "60" },
      seed: { type: "string", default: `${Date.now() % 1_000_000_000}` },
    },
  });
  const seed = Number(values.seed);
  const seconds = Number(values.seconds);
  if (!Number.isInteger(seed) || !(seconds > 0)) {
    console.error("--seed takes an integer and --seconds a number above 0");
    Deno.exit(2);
  }
  console.log(`Seed ${seed}, for ${seconds} s`);
  return { seed, seconds };
}
