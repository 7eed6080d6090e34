import { assert, assertEquals } from "@std/assert";
import { defaultLimits } from "../../lib/limits.ts";
import { RecyclingRule } from "../../lib/pool/recycling.ts";

Deno.test("a worker with a wall is replaced before its heap gets there", () => {
  const limits = { ...defaultLimits, maxWorkerHeapBytes: 1000 };
  const rule = new RecyclingRule(limits, true);
  const due = (heapBytes: number) =>
    rule.due({ inFlight: { given: 1 } as never, heapBytes }) !== null;
  assertEquals([1, 749, 750].map(due), [false, false, true]);
});

function ruleOf(random: number, { jobs = Infinity, heap = Infinity } = {}) {
  const limits = {
    ...defaultLimits,
    maxJobsPerWorker: jobs,
    maxWorkerHeapBytes: heap,
  };
  const rule = new RecyclingRule(limits, false, () => random);
  return (jobsGiven: number, heapBytes = 1) =>
    rule.due({
      inFlight: { given: jobsGiven } as never,
      heapBytes,
    }) !== null;
}

for (
  const { jobs, random, wornAt } of [
    { jobs: 1, random: 0, wornAt: 1 },
    { jobs: 1, random: 0.99, wornAt: 1 },
    { jobs: 100, random: 0, wornAt: 100 },
    { jobs: 100, random: 0.5, wornAt: 90 },
    { jobs: 100, random: 0.9999, wornAt: 81 },
  ]
) {
  Deno.test(`a worker of at most ${jobs} jobs is worn after ${wornAt} where chance is ${random}`, () => {
    const isDue = ruleOf(random, { jobs });
    assertEquals([isDue(wornAt - 1), isDue(wornAt)], [false, true]);
  });
}

Deno.test("workers that begin together are not worn together", () => {
  const limits = { ...defaultLimits, maxJobsPerWorker: 1000 };
  const ends = new Set<number>();
  for (let i = 0; i < 64; i++) {
    const rule = new RecyclingRule(limits, false);
    let jobsGiven = 799;
    while (
      rule.due({ inFlight: { given: jobsGiven } as never, heapBytes: 0 }) ===
        null
    ) {
      jobsGiven++;
    }
    ends.add(jobsGiven);
    assert(jobsGiven >= 800 && jobsGiven <= 1000, `${jobsGiven}`);
  }
  assert(ends.size > 32, `${ends.size} of 64 end apart`);
});

Deno.test("a worker is worn when its heap is as large as it may be", () => {
  const isDue = ruleOf(0, { heap: 1000 });
  assertEquals([500, 999, 1000].map((bytes) => isDue(0, bytes)), [
    false,
    false,
    true,
  ]);
});

Deno.test("a worker whose heap was too large from the first is worn at twice that, not at once and for ever", () => {
  const isDue = ruleOf(0, { heap: 1000 });
  assertEquals([1200, 2399, 2400].map((bytes) => isDue(0, bytes)), [
    false,
    false,
    true,
  ]);
});
