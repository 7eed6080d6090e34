import { assert, assertEquals, assertGreater } from "@std/assert";
import { Children } from "./children.ts";
import { cpuSeconds, processTree, residentBytes } from "./process_tree.ts";

const ignore = Deno.build.os !== "linux";

Deno.test({
  name: "processTree() finds children and grandchildren",
  ignore,
  async fn() {
    await using children = new Children();
    // Each of them ends the one below it, so that none outlives the test.
    const inner = 'sleep 1000 & trap "kill $!" TERM; echo ready; wait';
    const outer = 'sh -c "$1" & trap "kill $!" TERM; wait';
    const child = children.spawn(["sh", "-c", outer, "sh", inner]);
    await child.stdout.waitFor(/ready\s/);
    const tree = processTree(child.pid);
    assertEquals(tree[0], child.pid);
    assert(tree.length >= 3, `${tree}`);
  },
});

Deno.test({
  name: "cpuSeconds() grows while a process computes",
  ignore,
  async fn() {
    await using children = new Children();
    const before = cpuSeconds(Deno.pid);
    const child = children.spawn(["sh", "-c", "while :; do :; done"]);
    const ticks = () => cpuSeconds(child.pid);
    // It is watched until it has computed: how soon that is depends on the machine.
    while (ticks() < 0.2) await new Promise((done) => setTimeout(done, 10));
    assertGreater(cpuSeconds(Deno.pid), before + 0.19);
  },
});

Deno.test({
  name: "residentBytes() tells the memory of a process",
  ignore,
  fn() {
    assertGreater(residentBytes(Deno.pid), 10_000_000);
  },
});
