/**
 * `deno task fuzz [--seconds 60] [--seed N]`: mutated traffic for a while, seeded;
 * where something does not hold, the seed and the very bytes, and exit code 1.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { fuzz, FuzzError } from "./fuzz.ts";

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
