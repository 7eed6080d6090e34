/**
 * `deno task soak [--minutes 60] [--seed N] [--isolation strict] [--chart FILE]`: a
 * mixed load for a long time, and whether memory, descriptors and threads stay flat.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { chart } from "./chart.ts";
import { soak } from "./soak.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    isolation: { type: "string", default: "standard" },
    chart: { type: "string", default: "soak.svg" },
  },
});
const minutes = Number(values.minutes);
const result = await soak({
  ms: minutes * 60_000,
  seed: Number(values.seed),
  isolation: values.isolation,
});
await Deno.writeTextFile(values.chart, chart(result.samples));
for (const [kind, count] of result.counts) console.log(`${kind}: ${count}`);
const first = result.samples[0];
for (const [index, sample] of result.samples.entries()) {
  if (index % Math.ceil(result.samples.length / 12) !== 0) continue;
  console.log(JSON.stringify(sample));
}
console.log(`First ${JSON.stringify(first)}`);
console.log(`Last  ${JSON.stringify(result.samples.at(-1))}`);
for (const wrong of result.complaints) console.error(wrong);
for (const line of result.unexpected) console.error(`In the log: ${line}`);
if (result.complaints.length + result.unexpected.length > 0) Deno.exit(1);
console.log("Nothing found");
