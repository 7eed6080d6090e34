/**
 * `deno task chaos [--seconds 60] [--seed N]`: handlers that die in every way, at
 * random; where something does not hold, the seed and what it was, and exit code 1.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { chaos } from "./chaos.ts";
import { findings } from "./findings.ts";

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
const result = await chaos({ seed, ms: seconds * 1000, lost: 2 });
const counts = [...result.answers].sort(([, a], [, b]) => b - a)
  .map(([kind, count]) => `${kind} ${count}`);
console.log(`Answers: ${counts.join(", ")}`);
console.log(`Workers replaced: ${result.replaced}`);
const mebibytes = (result.grownBytes ?? NaN) / 1024 / 1024;
console.log(`Memory grew by ${mebibytes.toFixed(1)} MiB`);
const found = findings(result);
for (const finding of found) console.error(finding);
if (found.length > 0) {
  console.error(`Seed ${seed} found something.`);
  Deno.exit(1);
}
console.log("Nothing found");
