/**
 * The pool, with threads that do what the test tells them: who is given which jobs and
 * when. What becomes of jobs whose worker is slow, leaves or dies is in
 * worker_ends_test.ts.
 */

import { assertEquals } from "@std/assert";
import type { Exchange } from "../../lib/http/exchange.ts";
import { inTime, pause, until } from "../support/in_time.ts";
import { statuses, TestPool } from "../support/test_pool.ts";

const letters = (count: number) =>
  Array.from({ length: count }, (_, index) => `/${index}`);

Deno.test(
  "the pool gives a job to a worker that is free at once, and then gathers until it acknowledges",
  inTime(async () => {
    using test = await TestPool.start(1);
    const [thread] = test.threads;
    await test.give("/first");
    await test.give("/a");
    await test.give("/b", "/c");
    assertEquals(thread.paths, [["/first"]]);
    thread.acknowledge();
    assertEquals(thread.paths, [["/first"], ["/a", "/b", "/c"]]);
  }),
);

Deno.test(
  "the pool hands early answers on, and still waits for the batch to be acknowledged",
  inTime(async () => {
    using test = await TestPool.start(1);
    const [thread] = test.threads;
    const [first, second] = await test.give("/first", "/second");
    const [, job] = thread.lastBatch;
    thread.answerEarly(thread.lastBatch.slice(0, 1));
    assertEquals(await statuses([first]), [200]);
    await test.give("/next");
    assertEquals(thread.paths, [["/first", "/second"]]);
    thread.acknowledge([job]);
    assertEquals(await statuses([second]), [200]);
    assertEquals(thread.paths, [["/first", "/second"], ["/next"]]);
  }),
);

Deno.test(
  "the pool deals what waits out in fair shares",
  inTime(async () => {
    using test = await TestPool.start(3);
    await test.give(...letters(7));
    const sizes = test.threads.map(({ lastBatch }) => lastBatch.length);
    assertEquals(sizes.toSorted(), [2, 2, 3]);
  }),
);

Deno.test(
  "the pool gives all jobs to one worker where they are done in no time",
  inTime(async () => {
    using test = await TestPool.start(3);
    // Many such batches, for the average forgets slowly.
    for (let i = 0; i < 100; i++) {
      await test.give("/next");
      const { busy } = test;
      busy.acknowledge(undefined, { busyMs: 0.01 });
      busy.batches.length = 0;
    }
    await test.give(...letters(7));
    assertEquals(
      test.threads.map(({ lastBatch }) => lastBatch.length).toSorted(),
      [0, 0, 7],
    );
  }),
);

Deno.test(
  "the pool puts no more than so many jobs into a batch",
  inTime(async () => {
    using test = await TestPool.start(1, { maxBatch: 4 });
    const [thread] = test.threads;
    await test.give(...letters(10));
    thread.acknowledge();
    thread.acknowledge();
    assertEquals(thread.batches.map(({ length }) => length), [4, 4, 2]);
  }),
);

Deno.test(
  "the pool gives a worker more while answers of an earlier batch are outstanding",
  inTime(async () => {
    using test = await TestPool.start(1);
    const [thread] = test.threads;
    const [slow] = await test.give("/slow");
    const slowJobs = thread.lastBatch;
    thread.acknowledge([]);
    const [quick] = await test.give("/quick");
    thread.acknowledge();
    assertEquals(await statuses([quick]), [200]);
    thread.answer(slowJobs);
    assertEquals(await statuses([slow]), [200]);
  }),
);

Deno.test(
  "the pool leaves jobs in the queue while every worker owes as many as it may",
  inTime(async () => {
    using test = await TestPool.start(1, { maxInFlightPerWorker: 2 });
    const [thread] = test.threads;
    await test.give("/a", "/b", "/c", "/d");
    thread.acknowledge([]);
    assertEquals([thread.paths, test.pool.queued], [[["/a", "/b"]], 2]);
    thread.answer(thread.lastBatch.slice(0, 1));
    assertEquals([thread.paths, test.pool.queued], [[["/a", "/b"], ["/c"]], 1]);
  }),
);

Deno.test(
  "the pool deals jobs out when a stream or a late job has made room for them",
  inTime(async () => {
    using test = await TestPool.start(1, {
      maxInFlightPerWorker: 1,
      handlerTimeoutMs: 50,
    });
    const [thread] = test.threads;
    const [stream, next, last] = await test.give("/stream", "/next", "/last");
    const [job] = thread.lastBatch;
    thread.acknowledge([]);
    thread.stream(job);
    assertEquals(await statuses([stream]), [200]);
    assertEquals(thread.paths, [["/stream"]]);
    thread.say({ kind: "stream-end", id: job.id });
    assertEquals(thread.paths, [["/stream"], ["/next"]]);
    // This one never answers.
    thread.acknowledge([]);
    assertEquals(await statuses([next]), [504]);
    assertEquals(thread.paths, [["/stream"], ["/next"], ["/last"]]);
    thread.acknowledge();
    assertEquals(await statuses([last]), [200]);
  }),
);

Deno.test(
  "the pool takes back what a slow worker has not begun, and another runs it",
  inTime(async () => {
    using test = await TestPool.start(2);
    const [slow, quick] = test.threads;
    slow.claimed = 1;
    const exchanges = await test.give(...letters(8));
    assertEquals([slow.lastBatch.length, quick.lastBatch.length], [4, 4]);
    const [begun, ...taken] = slow.paths[0];
    quick.acknowledge();
    await until(() => quick.batches.length === 2);
    assertEquals(quick.paths[1], taken);
    quick.acknowledge();
    slow.acknowledge(slow.lastBatch.slice(0, 1));
    assertEquals(await statuses(exchanges), Array(8).fill(200));
    const run = [begun, ...quick.paths.flat()];
    assertEquals(run.toSorted(), letters(8), "each was run once");
  }),
);

Deno.test(
  "the pool sends a costly job alone, after the cheap ones that are there",
  inTime(async () => {
    using test = await TestPool.start(1, { learnCosts: true });
    const [thread] = test.threads;
    await test.give("/cheap/1");
    thread.acknowledge(undefined, { costs: [0.1] });
    await test.give("/costly/1");
    thread.acknowledge(undefined, { costs: [100] });
    await test.give("/busy");
    await test.give("/costly/2", "/cheap/2", "/costly/3", "/cheap/3");
    thread.acknowledge(undefined, { costs: [0.1] });
    thread.acknowledge(undefined, { costs: [0.1, 0.1] });
    thread.acknowledge(undefined, { costs: [100] });
    assertEquals(thread.paths.slice(3), [
      ["/cheap/2", "/cheap/3"],
      ["/costly/2"],
      ["/costly/3"],
    ]);
  }),
);

Deno.test(
  "the pool counts how long a costly job has waited from when it came",
  inTime(async () => {
    // A clock that does not tick is as old as the pool.
    using test = await TestPool.start(1, { learnCosts: true, sweepMs: 60_000 });
    const [thread] = test.threads;
    await test.give("/costly/1");
    thread.acknowledge(undefined, { costs: [100] });
    await test.give("/cheap/1");
    thread.acknowledge(undefined, { costs: [0.1] });
    await test.give("/busy");
    await pause(100);
    await test.give("/costly/2", "/cheap/2");
    thread.acknowledge(undefined, { costs: [0.1] });
    assertEquals(thread.lastBatch.map(({ path }) => path), ["/cheap/2"]);
  }),
);

Deno.test(
  "the pool gives cheap jobs to one worker while another has a costly one",
  inTime(async () => {
    using test = await TestPool.start(2, { learnCosts: true });
    await test.give("/costly/1");
    const [costly] = test.threads.filter(({ batches }) => batches.length > 0);
    const [other] = test.threads.filter((thread) => thread !== costly);
    const exchanges: Exchange[] = [];
    for (let i = 0; i < 5; i++) {
      exchanges.push(...await test.give(`/cheap/${i}`));
      other.acknowledge(undefined, { costs: [0.1] });
    }
    assertEquals(await statuses(exchanges), Array(5).fill(200));
    assertEquals(costly.paths, [["/costly/1"]]);
  }),
);

Deno.test(
  "the pool answers 503 at once when its queue is full, and answers those who are in",
  inTime(async () => {
    using test = await TestPool.start(1, { maxQueue: 2 });
    const [thread] = test.threads;
    const inFlight = await test.give("/in-flight");
    const queued = await test.give("/a", "/b");
    assertEquals(await statuses(await test.give("/c", "/d")), [503, 503]);
    thread.acknowledge();
    thread.acknowledge();
    assertEquals(await statuses([...inFlight, ...queued]), [200, 200, 200]);
    assertEquals(thread.paths.flat(), ["/in-flight", "/a", "/b"]);
  }),
);

Deno.test(
  "the pool answers 503 to a job that waited for too long, and never runs it",
  inTime(async () => {
    using test = await TestPool.start(1, { queueTimeoutMs: 30 });
    const [thread] = test.threads;
    const [inFlight] = await test.give("/in-flight");
    assertEquals(await statuses(await test.give("/a", "/b")), [503, 503]);
    thread.acknowledge();
    assertEquals(await statuses([inFlight]), [200]);
    assertEquals(thread.paths, [["/in-flight"]]);
  }),
);

Deno.test(
  "the pool does not run a job whose client has left while it was queued",
  inTime(async () => {
    using test = await TestPool.start(1);
    const [thread] = test.threads;
    const [inFlight] = await test.give("/in-flight");
    const [left, stays] = await test.give("/left", "/stays");
    left.abandon();
    thread.acknowledge();
    thread.acknowledge();
    assertEquals(thread.paths, [["/in-flight"], ["/stays"]]);
    assertEquals(await statuses([inFlight, left, stays]), [200, 503, 200]);
  }),
);

Deno.test(
  "the pool tells a worker of a client that has left, and still takes the answer",
  inTime(async () => {
    using test = await TestPool.start(1);
    const [thread] = test.threads;
    const [exchange] = await test.give("/a");
    exchange.abandon();
    const [{ id }] = thread.lastBatch;
    assertEquals(thread.messages.at(-1), { kind: "abort", id });
    thread.acknowledge();
    assertEquals(await statuses([exchange]), [200]);
    const before = thread.messages.length;
    exchange.abandon();
    assertEquals(
      thread.messages.length,
      before,
      "it is over: nothing to abort",
    );
  }),
);

Deno.test(
  "the pool takes no notice of an answer that it did not ask for",
  inTime(async () => {
    using test = await TestPool.start(1);
    const [thread] = test.threads;
    const [exchange] = await test.give("/a");
    thread.answer([{ id: -1, path: "/never-given" }]);
    thread.acknowledge();
    assertEquals(await statuses([exchange]), [200]);
    // Its handler is told at once that nobody reads its stream.
    thread.stream({ id: -1, path: "/never-given" });
    assertEquals(thread.messages.at(-1), { kind: "abort", id: -1 });
  }),
);
