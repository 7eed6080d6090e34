/**
 * `deno task fuzz [--seconds 60] [--seed N]`: mutated traffic for a while, seeded;
 * where something does not hold, the seed and the very bytes, and exit code 1.
 *
 * @module
 */

import { readDuration } from "./duration.ts";
import { fuzz, FuzzError } from "./fuzz.ts";

const { seed, seconds } = readDuration();
const end = performance.now() + seconds * 1000;
try {
  const { inputs, statuses } = await fuzz({
    seed,
    goOn: () => performance.now() < end,
  });
  const counts = [...statuses].sort(([a], [b]) => a - b)
    .map(([status, count]) => `${status}: ${count}`);
  console.log(`${inputs} inputs, nothing found; answers ${counts.join(", ")}`);
} catch (error) {
  if (!(error instanceof FuzzError)) throw error;
  console.error(`Seed ${seed} found something. ${error.message}`);
  Deno.exit(1);
}
