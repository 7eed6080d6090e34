import { assertAlmostEquals, assertEquals } from "@std/assert";
import { median, percentile, spread } from "./statistics.ts";

const medians = [
  { name: "the middle of an odd count", values: [9, 1, 2], want: 2 },
  {
    name: "the mean of the middle two of an even count",
    values: [4, 1, 3, 100],
    want: 3.5,
  },
  { name: "the only value", values: [7], want: 7 },
  {
    name: "numbers in the order of numbers, not of words",
    values: [10, 9, 100],
    want: 10,
  },
  { name: "NaN of nothing", values: [], want: NaN },
];

for (const { name, values, want } of medians) {
  Deno.test(`median() gives ${name}`, () => assertEquals(median(values), want));
}

Deno.test("median() leaves its argument in order", () => {
  const values = [3, 1, 2];
  median(values);
  assertEquals(values, [3, 1, 2]);
});

Deno.test("spread() is the distance of best and worst as a share of the median", () => {
  assertAlmostEquals(spread([90, 100, 120]), 0.3);
  assertEquals(spread([5, 5]), 0);
});

const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);
const percentiles = [
  { name: "the 99th of a hundred", values: hundred, share: 0.99, want: 99 },
  { name: "the largest for all", values: hundred, share: 1, want: 100 },
  { name: "the smallest for none", values: hundred, share: 0, want: 1 },
  { name: "the worst of a few", values: [5, 9, 7], share: 0.99, want: 9 },
  { name: "NaN of nothing", values: [], share: 0.5, want: NaN },
];

for (const { name, values, share, want } of percentiles) {
  Deno.test(`percentile() gives ${name}`, () => {
    assertEquals(percentile(values, share), want);
  });
}
