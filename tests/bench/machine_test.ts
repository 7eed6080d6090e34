import { assert, assertEquals, assertLess } from "@std/assert";
import { parseStat, watchOthers } from "./machine.ts";
import { cpuSeconds } from "./process_tree.ts";

Deno.test("parseStat() counts cores, and all time that is not idle", () => {
  const stat = `cpu  100 20 3000 99999 88888 400 50 6 77 8
cpu0 50 10 1500 50000 44444 200 25 3 38 4
cpu1 50 10 1500 49999 44444 200 25 3 39 4
intr 12345
ctxt 9
`;
  assertEquals(parseStat(stat), { cores: 2, busy: 35.76 });
});

Deno.test({
  name: "watchOthers() does not count what this process computes",
  ignore: Deno.build.os !== "linux",
  fn() {
    const others = watchOthers();
    const start = performance.now();
    const before = cpuSeconds(Deno.pid);
    while (cpuSeconds(Deno.pid) < before + 0.3);
    const mine = 300 / (performance.now() - start) /
      navigator.hardwareConcurrency;
    const share = others();
    assert(share !== undefined);
    // What is left is theirs at most, give or take some ticks.
    assertLess(share, 1 - mine + 0.1);
  },
});
