import { assertEquals, assertRejects } from "@std/assert";
import { Coalesced } from "../../lib/pool/supervisor.ts";

/** A task that ends when the test says so. */
function heldTask() {
  const runs: PromiseWithResolvers<number>[] = [];
  const coalesced = new Coalesced(() => {
    const run = Promise.withResolvers<number>();
    runs.push(run);
    return run.promise;
  });
  return { coalesced, runs };
}

Deno.test("Coalesced runs a task once for all who ask while it runs, and after it", async () => {
  const { coalesced, runs } = heldTask();
  const first = coalesced.run();
  const others = [coalesced.run(), coalesced.run(), coalesced.run()];
  assertEquals(runs.length, 1);
  runs[0].resolve(1);
  assertEquals(await first, 1);
  await Promise.resolve();
  runs[1].resolve(2);
  assertEquals(await Promise.all(others), [2, 2, 2]);
  assertEquals(runs.length, 2);
});

Deno.test("Coalesced runs again when it is asked after the end", async () => {
  const { coalesced, runs } = heldTask();
  for (const result of [1, 2, 3]) {
    const run = coalesced.run();
    runs.at(-1)!.resolve(result);
    assertEquals(await run, result);
  }
});

Deno.test("Coalesced tells a failure to those who asked for that run only", async () => {
  const { coalesced, runs } = heldTask();
  const first = coalesced.run();
  const second = coalesced.run();
  runs[0].reject(new Error("failed"));
  await assertRejects(() => first, Error, "failed");
  await Promise.resolve();
  runs[1].resolve(2);
  assertEquals(await second, 2);
});
