/**
 * Reloads of a pool whose threads do what the test tells them: who takes over, and what
 * becomes of it where no thread boots.
 */

import { assertEquals } from "@std/assert";
import { inTime, until } from "../support/in_time.ts";
import { statuses, TestPool } from "../support/test_pool.ts";

Deno.test(
  "a reload gives jobs to new workers, and lets the old ones finish",
  inTime(async () => {
    using test = await TestPool.start(2);
    const old = [...test.threads];
    for (const thread of old) thread.claimed = 1;
    const exchanges = await test.give("/a", "/b", "/c", "/d");
    const begun = old.map(({ lastBatch }) => lastBatch[0]);
    assertEquals(await test.pool.reload(), { kind: "reloaded" });
    assertEquals([test.threads.length, test.pool.ready], [4, 2]);
    const fresh = test.threads.slice(2);
    const rest = fresh.flatMap(({ paths }) => paths.flat());
    assertEquals(rest.length, 2, "what was not begun is begun by them");
    for (const thread of fresh) thread.acknowledge();
    assertEquals(old.map(({ terminated }) => terminated), [false, false]);
    old.forEach((thread, i) => thread.acknowledge([begun[i]]));
    assertEquals(await statuses(exchanges), [200, 200, 200, 200]);
    assertEquals(old.map(({ terminated }) => terminated), [true, true]);
  }),
);

Deno.test(
  "a reload that fails leaves the old workers, and says why",
  inTime(async () => {
    using test = await TestPool.start(3);
    test.boots = false;
    assertEquals(await test.pool.reload(), {
      kind: "kept",
      why: "told not to",
    });
    assertEquals(test.threads.length, 4, "one try was enough");
    assertEquals(test.threads.map(({ terminated }) => terminated), [
      false,
      false,
      false,
      true,
    ]);
    const [exchange] = await test.give("/a");
    test.busy.acknowledge();
    assertEquals(await statuses([exchange]), [200]);
    test.boots = true;
    assertEquals(await test.pool.reload(), { kind: "reloaded" });
  }),
);

Deno.test(
  "a reload that hangs is given up, and its thread counts as lost where it computes",
  inTime(async () => {
    using test = await TestPool.start(1, { bootTimeoutMs: 50 });
    test.boots = "hangs";
    const why = "A worker was not ready after 0.05 s (the limit bootTimeoutMs)";
    assertEquals(await test.pool.reload(), { kind: "kept", why });
    assertEquals(test.pool.lost, 0, "it answered a ping");
    const reload = test.pool.reload();
    test.threads.at(-1)!.listens = false;
    assertEquals(await reload, { kind: "kept", why });
    assertEquals([test.pool.lost, test.pool.ready], [1, 1]);
  }),
);

Deno.test(
  "reloads that are asked for during one are one more",
  inTime(async () => {
    using test = await TestPool.start(1);
    const reloads = Array.from({ length: 10 }, () => test.pool.reload());
    const results = await Promise.all(reloads);
    assertEquals(new Set(results.map(({ kind }) => kind)).size, 1);
    assertEquals([test.threads.length, test.pool.ready], [3, 1]);
  }),
);

Deno.test(
  "a reload takes the place of workers that do not boot again",
  inTime(async () => {
    using test = await TestPool.start(2, {
      respawnBackoffMs: 60_000,
      maxRespawnBackoffMs: 60_000,
    });
    test.boots = false;
    for (const thread of [...test.threads]) thread.crash();
    await until(() => test.threads.length === 4);
    assertEquals(await statuses(await test.give("/a")), [503]);
    test.boots = true;
    assertEquals(await test.pool.reload(), { kind: "reloaded" });
    assertEquals(test.pool.ready, 2);
    const [exchange] = await test.give("/b");
    test.busy.acknowledge();
    assertEquals(await statuses([exchange]), [200]);
    assertEquals(test.threads.length, 6, "nobody else was started");
  }),
);

Deno.test(
  "a reload that is under way when the pool closes leaves nothing behind",
  inTime(async () => {
    using test = await TestPool.start(2);
    test.boots = "hangs";
    const reload = test.pool.reload();
    test.pool.close();
    assertEquals(await reload, { kind: "ending" });
    assertEquals(await test.pool.reload(), { kind: "ending" });
    assertEquals(test.threads.every(({ terminated }) => terminated), true);
  }),
);
