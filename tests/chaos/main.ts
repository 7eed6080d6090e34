/**
 * `deno task chaos [--seconds 60] [--seed N]`: handlers that die in every way, at
 * random; where something does not hold, the seed and what it was, and exit code 1.
 *
 * @module
 */

import { readDuration } from "../fuzz/duration.ts";
import { chaos } from "./chaos.ts";
import { findings } from "./findings.ts";

const { seed, seconds } = readDuration();
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
