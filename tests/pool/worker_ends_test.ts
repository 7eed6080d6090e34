/**
 * The pool and the ends of its workers, with threads that do what the test tells them:
 * what becomes of jobs whose worker is slow, leaves, or dies, and who takes its place. How
 * real threads die is in crash_test.ts.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { BootError } from "../../lib/pool/boot_error.ts";
import type { OpenResponse } from "../../lib/http/exchange.ts";
import { Pool } from "../../lib/pool/pool.ts";
import { inTime, until } from "../support/in_time.ts";
import { poolOptions, statuses, TestPool, turn } from "../support/test_pool.ts";
import { responsesTo, TestThread } from "../support/test_thread.ts";

Deno.test(
  "the pool ends a job that takes too long with 504, tells the worker, and takes no late answer",
  inTime(async () => {
    using test = await TestPool.start(1, { handlerTimeoutMs: 30 });
    const [thread] = test.threads;
    const [exchange] = await test.give("/a");
    const [job] = thread.lastBatch;
    thread.acknowledge([]);
    assertEquals(await statuses([exchange]), [504]);
    assert(
      thread.messages.some(({ kind }) => kind === "abort"),
      "it is told to stop",
    );
    thread.stream(job);
    assertEquals(thread.messages.at(-1), { kind: "abort", id: job.id });
    assertEquals(test.pool.ready, 1);
  }),
);

Deno.test(
  "the pool hears what workers have said while its thread stood still, before it decides that they are late",
  inTime(async () => {
    using test = await TestPool.start(1, {
      ...{ handlerTimeoutMs: 60, workerGraceMs: 20, workerSilenceMs: 10 },
      sweepMs: 20,
    });
    const [thread] = test.threads;
    thread.listens = false;
    const [begun] = await test.give("/begun");
    thread.claimed = 1;
    await until(() => thread.messages.some(({ kind }) => kind === "ping"));
    setTimeout(() => thread.acknowledge(), 40);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    assertEquals(await statuses([begun]), [200]);
    assertEquals([test.pool.lost, test.threads.length], [0, 1]);
  }),
);

Deno.test(
  "the pool takes from a worker that leaves what it has not begun, awaits the rest, and ends it",
  inTime(async () => {
    using test = await TestPool.start(1);
    const [first] = test.threads;
    first.claimed = 1;
    const [begun, other] = await test.give("/begun", "/other");
    const [job] = first.lastBatch;
    first.say({ kind: "leaving", reason: "exit", why: "told to" });
    first.acknowledge([]);
    await until(() => test.threads.length === 2 && test.pool.ready === 1);
    const [, second] = test.threads;
    assertEquals(second.paths, [["/other"]]);
    second.acknowledge();
    assertEquals(await statuses([other]), [200]);
    assert(!first.terminated, "it owes an answer");
    first.answer([job]);
    assertEquals(await statuses([begun]), [200]);
    assert(first.terminated, "it owes nothing");
    assertEquals(test.log, ["A worker was replaced: told to"]);
  }),
);

Deno.test(
  "the pool replaces a worker that is broken at once, and loses only what that had begun",
  inTime(async () => {
    using test = await TestPool.start(1);
    const [first] = test.threads;
    first.claimed = 1;
    const [begun, other] = await test.give("/begun", "/other");
    first.say({ kind: "broken", why: "told to be" });
    assertEquals(await statuses([begun]), [500]);
    assert(first.terminated);
    await until(() => test.threads.length === 2 && test.pool.ready === 1);
    const [, second] = test.threads;
    assertEquals(second.paths, [["/other"]]);
    second.acknowledge();
    assertEquals(await statuses([other]), [200]);
    assertEquals(test.log, ["told to be", "A worker was replaced: it crashed"]);
  }),
);

Deno.test(
  "the pool ends a worker that leaves when the last job it owed took too long",
  inTime(async () => {
    using test = await TestPool.start(1, { handlerTimeoutMs: 30 });
    const [first] = test.threads;
    const [exchange] = await test.give("/never");
    first.say({ kind: "leaving", reason: "exit", why: "told to" });
    first.acknowledge([]);
    assertEquals(await statuses([exchange]), [504]);
    await until(() => first.terminated);
    assertEquals([test.pool.ready, test.pool.lost], [1, 0]);
  }),
);

for (const state of ["ready", "leaving"]) {
  Deno.test(
    `the pool counts a ${state} worker that hears of nothing as lost, and replaces it once`,
    inTime(async () => {
      using test = await TestPool.start(1, {
        ...{ handlerTimeoutMs: 30, workerGraceMs: 20, workerSilenceMs: 10 },
        maxLostWorkers: 1,
      });
      const [first] = test.threads;
      first.listens = false;
      const [spins] = await test.give("/spins");
      if (state === "leaving") {
        first.say({ kind: "leaving", reason: "exit", why: "told to" });
      }
      first.acknowledge([]);
      assertEquals(await statuses([spins]), [504]);
      await until(() => test.pool.lost === 1);
      await until(() => test.pool.ready === 1);
      assertEquals(test.threads.length, 2);
      assertEquals(test.tooManyLost, 0, "one is not too many");
    }),
  );
}

Deno.test(
  "the pool answers 504 for what a lost worker had begun, runs the rest elsewhere, and says when it has lost too many",
  inTime(async () => {
    using test = await TestPool.start(1, {
      ...{ handlerTimeoutMs: 30, workerGraceMs: 20, workerSilenceMs: 10 },
      maxLostWorkers: 1,
    });
    for (const lost of [1, 2]) {
      const thread = test.threads.at(-1)!;
      thread.listens = false;
      thread.claimed = 1;
      const [begun, other] = await test.give("/begun", "/other");
      assertEquals(await statuses([begun]), [504]);
      assertEquals(test.pool.lost, lost);
      await until(() => test.threads.at(-1)!.paths.length === 1);
      const next = test.threads.at(-1)!;
      assertEquals(next.paths, [["/other"]]);
      next.acknowledge();
      assertEquals(await statuses([other]), [200]);
    }
    assertEquals(test.tooManyLost, 1);
  }),
);

Deno.test(
  "the pool answers 500 for what a worker that crashes had begun, and replaces it",
  inTime(async () => {
    using test = await TestPool.start(1);
    const [first] = test.threads;
    first.claimed = 1;
    const [begun, other] = await test.give("/begun", "/other");
    first.crash();
    assertEquals(await statuses([begun]), [500]);
    assert(first.terminated, "nothing more is wanted of it");
    await until(() => test.pool.ready === 1);
    const [, second] = test.threads;
    assertEquals(second.paths, [["/other"]]);
    second.acknowledge();
    assertEquals(await statuses([other]), [200]);
    assertEquals(test.threads.length, 2);
  }),
);

Deno.test(
  "the pool gives others what a worker had not begun that crashes while it is recycled",
  inTime(async () => {
    for (const boots of [true, "hangs"] as const) {
      using test = await TestPool.start(1, { maxJobsPerWorker: 1 });
      test.boots = boots;
      const [first] = test.threads;
      await test.give("/a");
      const [begun, other] = await test.give("/begun", "/other");
      first.claimed = 1;
      first.acknowledge();
      // Its successor boots; or it is there, and the first one is retiring.
      await until(() => test.threads.length === 2);
      await turn();
      assertEquals(first.paths, [["/a"], ["/begun", "/other"]]);
      first.crash();
      assertEquals(await statuses([begun]), [500]);
      if (boots === "hangs") test.threads[1].say({ kind: "ready" });
      await until(() => test.threads[1].batches.length > 0);
      assertEquals(test.threads[1].paths, [["/other"]]);
      test.threads[1].acknowledge();
      assertEquals(await statuses([other]), [200]);
    }
  }),
);

Deno.test(
  "the pool cuts the streams of a worker that crashes",
  inTime(async () => {
    using test = await TestPool.start(1);
    const [thread] = test.threads;
    const [exchange] = await test.give("/stream");
    const [job] = thread.lastBatch;
    thread.acknowledge([]);
    thread.stream(job);
    const { body } = await exchange.response as OpenResponse;
    assert(body !== null && "read" in body, "it is a stream");
    const read = body.read();
    thread.crash();
    await assertRejects(() => read, Error, "its worker is gone");
  }),
);

Deno.test(
  "the pool tries a worker that does not boot again after longer and longer waits",
  inTime(async () => {
    using test = await TestPool.start(2, {
      respawnBackoffMs: 16,
      maxRespawnBackoffMs: 64,
    });
    test.boots = false;
    test.threads[0].say({ kind: "leaving", reason: "exit", why: "told to" });
    // Two of the start, the one at once, and four tries after waits.
    await until(() => test.threads.length === 7);
    const waits = test.spawnedAt.slice(3).map((at, index) =>
      at - test.spawnedAt[index + 2]
    );
    const least = [16, 32, 64, 64];
    // A millisecond for the timers' own rounding.
    assert(waits.every((ms, index) => ms >= least[index] - 1), `${waits}`);
    assertEquals(test.pool.ready, 1);
    test.boots = true;
    await until(() => test.pool.ready === 2);
    assertEquals(test.threads.length, 8);
  }),
);

Deno.test(
  "the pool refuses what waits when its last worker cannot be replaced, until it can",
  inTime(async () => {
    using test = await TestPool.start(1);
    test.boots = false;
    const [first] = test.threads;
    const [begun] = await test.give("/begun");
    const [queued] = await test.give("/queued");
    first.crash();
    assertEquals(await statuses([begun, queued]), [500, 503]);
    assertEquals(await statuses(await test.give("/next")), [503]);
    test.boots = true;
    await until(() => test.pool.ready === 1);
    const [late] = await test.give("/late");
    test.threads.at(-1)!.acknowledge();
    assertEquals(await statuses([late]), [200]);
  }),
);

Deno.test(
  "the pool replaces a worker that has had its number of jobs when the next one is ready",
  inTime(async () => {
    using test = await TestPool.start(1, { maxJobsPerWorker: 3 });
    const [first] = test.threads;
    await test.give("/a", "/b", "/c");
    first.acknowledge();
    assertEquals(
      test.pool.ready,
      1,
      "the old one serves until the new one can",
    );
    await until(() => first.terminated);
    assertEquals([test.threads.length, test.pool.ready], [2, 1]);
    await test.give("/d");
    assertEquals(test.threads[1].paths, [["/d"]]);
  }),
);

Deno.test(
  "the pool replaces a worker whose heap is past the limit",
  inTime(async () => {
    using test = await TestPool.start(1, { maxWorkerHeapBytes: 1000 });
    const [first] = test.threads;
    const report = (heapBytes: number) =>
      first.say({
        kind: "batch-done",
        responses: responsesTo([]),
        failures: [],
        costs: [],
        busyMs: 1,
        heapBytes,
      });
    report(999);
    await turn();
    assertEquals(test.threads.length, 1);
    report(1000);
    await until(() => first.terminated);
    assertEquals([test.threads.length, test.pool.ready], [2, 1]);
  }),
);

Deno.test(
  "the pool does not start where its first worker does not boot",
  inTime(async () => {
    const threads: TestThread[] = [];
    const error = await assertRejects(
      () =>
        Pool.start(poolOptions(3, () => {
          const thread = new TestThread(false);
          threads.push(thread);
          return thread;
        })),
      BootError,
    );
    assertEquals(error.message, "told not to");
    assertEquals(threads.map(({ terminated }) => terminated), [true]);
  }),
);

Deno.test(
  "the pool starts with its first worker, and tries one behind it that does not boot again",
  inTime(async () => {
    const threads: TestThread[] = [];
    const log: string[] = [];
    const pool = await Pool.start({
      ...poolOptions(2, () => {
        const thread = new TestThread(threads.length !== 1);
        threads.push(thread);
        return thread;
      }),
      log: (line) => log.push(line),
    });
    assertEquals([pool.ready, pool.size], [1, 2]);
    await until(() => pool.ready === 2);
    assertEquals(log, ["A worker does not start: told not to"]);
    assertEquals(threads.length, 3);
    pool.close();
  }),
);

Deno.test(
  "the pool settles everything when it closes, and runs nothing any more",
  inTime(async () => {
    using test = await TestPool.start(2, { maxBatch: 1 });
    const [first] = test.threads;
    const [stream] = await test.give("/stream");
    const { busy } = test;
    const [job] = busy.lastBatch;
    busy.acknowledge([]);
    busy.stream(job);
    const { body } = await stream.response as OpenResponse;
    const exchanges = await test.give("/a", "/b", "/c", "/d");
    assertEquals(test.pool.queued, 2);
    // One of the workers is being replaced meanwhile.
    first.say({ kind: "leaving", reason: "exit", why: "told to" });
    test.pool.close();
    assertEquals(await statuses(exchanges), [503, 503, 503, 503]);
    assert(body !== null && "read" in body, "it is a stream");
    await assertRejects(() => body.read(), Error, "its worker is gone");
    assertEquals(await statuses(await test.give("/late")), [503]);
    assert(test.threads.every(({ terminated }) => terminated), "all ended");
    assertEquals([test.pool.ready, test.pool.queued], [0, 0]);
  }),
);

/** Threads that compute and are silent, while the process grows past its limit. */
async function computing(stoppable: boolean): Promise<TestPool> {
  const test = await TestPool.start(1, { maxBytes: 2 ** 30 });
  const [thread] = test.threads;
  thread.listens = false;
  thread.stoppable = stoppable;
  const [exchange] = await test.give("/a");
  await until(() => thread.messages.some(({ kind }) => kind === "ping"));
  test.processBytes = 2 ** 31;
  assertEquals(await statuses([exchange]), [500]);
  await until(() => test.threads.length === 2);
  return test;
}

Deno.test(
  "the pool asks for an end where a thread fills memory and cannot be stopped",
  inTime(async () => {
    using test = await computing(false);
    assertEquals(test.outOfMemory, 1);
    assert(
      test.log.includes("A worker was ended: it uses more memory than it may"),
    );
  }),
);

Deno.test(
  "the pool ends a thread that fills memory, and asks for nothing where it is gone",
  inTime(async () => {
    using test = await computing(true);
    const [thread] = test.threads;
    assert(thread.terminated);
    thread.gone.resolve();
    assertEquals(test.outOfMemory, 0);
  }),
);

Deno.test(
  "the pool asks for an end where a thread was to be ended and goes on",
  inTime(async () => {
    using test = await computing(true);
    await until(() => test.outOfMemory === 1);
  }),
);

Deno.test(
  "the pool ends a worker that says it uses more memory than it may",
  inTime(async () => {
    using test = await TestPool.start(1, { maxBytes: 1000 });
    const [thread] = test.threads;
    thread.heapBytes = 1001;
    const [exchange] = await test.give("/a");
    thread.acknowledge([]);
    assertEquals(await statuses([exchange]), [500]);
    await until(() => test.threads.length === 2);
    assertEquals([thread.terminated, test.outOfMemory], [true, 0]);
  }),
);

Deno.test(
  "the pool replaces a worker that listens, and has lost its batch",
  inTime(async () => {
    using test = await TestPool.start(1, { workerSilenceMs: 10 });
    const [thread] = test.threads;
    const [exchange] = await test.give("/a");
    assertEquals(await statuses([exchange]), [500]);
    await until(() => test.threads.length === 2);
    assert(thread.terminated);
    assertEquals(test.log[0], "It has lost its batch");
  }),
);

Deno.test(
  "the pool does not take late answers of earlier pings for those of a worker without its batch",
  inTime(async () => {
    using test = await TestPool.start(1, { workerSilenceMs: 10 });
    const [thread] = test.threads;
    thread.listens = false;
    const [waiting] = await test.give("/a");
    const [first] = thread.lastBatch;
    thread.acknowledge([]);
    const pings = () =>
      thread.messages.filter(({ kind }) => kind === "ping").length;
    for (let count = 1; count <= 3; count++) {
      await until(() => pings() === count);
      thread.say({ kind: "printed", text: "", isError: false });
    }
    const [exchange] = await test.give("/b");
    for (let count = 1; count <= 3; count++) {
      thread.say({ kind: "pong", heapBytes: 1 });
    }
    thread.acknowledge();
    thread.answer([first]);
    assertEquals(await statuses([exchange, waiting]), [200, 200]);
    assertEquals([thread.terminated, test.log], [false, []]);
  }),
);
