/**
 * Who waits behind whom: a light job never behind a costly one while some worker
 * is free of those. First with threads in the test's hands, then with an app that
 * computes.
 */

import { assertEquals } from "@std/assert";
import type { Limits } from "../../lib/limits.ts";
import { appUrl } from "../support/apps.ts";
import { ask } from "../support/clients.ts";
import { inTime, pause, until } from "../support/in_time.ts";
import { TestPool } from "../support/test_pool.ts";
import { startTestServer } from "../support/test_server.ts";

const light = { costs: [0.1], busyMs: 0.1 };
const costly = { costs: [200], busyMs: 200 };

/** A pool that has seen light jobs of those paths. */
async function poolThatKnows(
  size: number,
  paths: readonly string[],
  options: Partial<Limits> & { cores?: number } = {},
): Promise<TestPool> {
  const test = await TestPool.start(size, { learnCosts: true, ...options });
  for (const path of [...paths, ...paths]) {
    await test.give(path);
    test.threadWith(path).acknowledge(undefined, light);
  }
  for (const thread of test.threads) thread.batches.length = 0;
  return test;
}

/** Lets an idle pool see that a path is costly. */
async function learnCostly(test: TestPool, path: string): Promise<void> {
  await test.give(path);
  test.busy.acknowledge(undefined, costly);
  for (const thread of test.threads) thread.batches.length = 0;
}

/** The batches that are out, the most jobs first. */
function shares(test: TestPool): number[] {
  return test.threads.map(({ lastBatch }) => lastBatch.length)
    .toSorted((a, b) => b - a);
}

const heavy = (count: number) =>
  Array.from({ length: count }, (_, i) => `/heavy/${i}`);

Deno.test(
  "the pool keeps one worker for light jobs where there are more workers than cores",
  inTime(async () => {
    using test = await poolThatKnows(4, ["/light/1"], { cores: 2 });
    await test.give(...heavy(10));
    assertEquals(shares(test), [1, 1, 1, 0]);
    await test.give("/light/1");
    assertEquals(shares(test), [1, 1, 1, 1]);
  }),
);

Deno.test(
  "the pool keeps one worker for light jobs where light jobs come",
  inTime(async () => {
    using test = await poolThatKnows(2, ["/light/1"], { cores: 2 });
    await test.give(...heavy(10));
    assertEquals(shares(test), [1, 0]);
    await test.give("/light/1");
    assertEquals(shares(test), [1, 1]);
  }),
);

Deno.test(
  "the pool keeps no core idle where only costly jobs come",
  inTime(async () => {
    using test = await poolThatKnows(2, [], { cores: 2 });
    await test.give(...heavy(10));
    assertEquals(shares(test), [1, 1]);
  }),
);

Deno.test(
  "the pool gives the worker that it kept to costly jobs when light ones no longer come",
  inTime(async () => {
    using test = await poolThatKnows(2, ["/light/1"], { cores: 2 });
    await test.give(...heavy(2));
    assertEquals(shares(test), [1, 0]);
    await until(() => shares(test)[1] === 1);
  }),
);

Deno.test(
  "the pool gives costly jobs to the only worker that is left",
  inTime(async () => {
    using test = await poolThatKnows(2, ["/light/1"], { cores: 1 });
    test.boots = false;
    test.threads[0].crash();
    await test.give(...heavy(2));
    await until(() => test.threads[1].batches.length > 0);
    assertEquals(test.threads[1].paths, [["/heavy/0"]]);
  }),
);

Deno.test(
  "the pool keeps the only worker that is left for light jobs while another boots",
  inTime(async () => {
    using test = await poolThatKnows(2, ["/light/1"], { cores: 1 });
    await learnCostly(test, "/heavy");
    test.boots = "hangs";
    test.threads[0].crash();
    await test.give("/heavy", "/light/1");
    assertEquals(test.threads[1].paths, [["/light/1"]]);
    test.threads[1].acknowledge(undefined, light);
    assertEquals(test.pool.queued, 1);
    test.threads[2].say({ kind: "ready" });
    await until(() => test.pool.queued === 0);
    assertEquals(test.threads.map(({ paths }) => paths), [
      [],
      [["/light/1"]],
      [["/heavy"]],
    ]);
  }),
);

Deno.test(
  "the pool learns from the first of unknown jobs that the others are light",
  inTime(async () => {
    using test = await poolThatKnows(1, []);
    const [thread] = test.threads;
    await test.give("/users/1", "/users/2", "/users/3", "/users/4");
    thread.acknowledge(undefined, light);
    assertEquals(thread.paths, [
      ["/users/1"],
      ["/users/2", "/users/3", "/users/4"],
    ]);
  }),
);

Deno.test(
  "the pool learns while a job runs that others of its kind may be costly",
  inTime(async () => {
    using test = await poolThatKnows(3, ["/mixed/a", "/light/1"], { cores: 1 });
    // It was slow once.
    await test.give("/mixed/a");
    test.threadWith("/mixed/a").acknowledge(undefined, { costs: [10] });
    for (const thread of test.threads) thread.batches.length = 0;
    await test.give("/mixed/a");
    const slow = test.threadWith("/mixed/a");
    await until(() => slow.takenBack);
    await test.give("/mixed/a", "/mixed/a", "/mixed/a");
    assertEquals(shares(test), [1, 1, 0]);
    await test.give("/light/1", "/light/1");
    assertEquals(shares(test), [2, 1, 1]);
    // It was an accident: what waits goes out together.
    slow.acknowledge(undefined, light);
    assertEquals(slow.paths.at(-1), ["/mixed/a", "/mixed/a"]);
  }),
);

Deno.test(
  "the pool gives an unknown job to the worker that it kept, and no other like it",
  inTime(async () => {
    using test = await poolThatKnows(3, ["/light/1"], { cores: 1 });
    await test.give("/heavy", "/heavy");
    assertEquals(shares(test), [1, 1, 0]);
    await test.give("/new", "/new", "/others/1", "/others/2");
    assertEquals(shares(test), [1, 1, 1]);
    const kept = test.threadWith("/new");
    await test.give("/light/1");
    kept.acknowledge(undefined, light);
    // Both light ones, then one of the others, and not the one after it.
    kept.acknowledge(undefined, light);
    kept.acknowledge(undefined, costly);
    assertEquals(kept.paths, [["/new"], ["/new", "/light/1"], ["/others/1"]]);
    assertEquals(test.pool.queued, 1);
  }),
);

Deno.test(
  "the pool gives a job that was not begun to the worker that it kept, as unknown as before",
  inTime(async () => {
    using test = await poolThatKnows(3, ["/light/1"], { cores: 1 });
    await test.give("/heavy", "/heavy");
    const kept = test.threads.find(({ lastBatch }) => lastBatch.length === 0)!;
    kept.claimed = 0;
    await test.give("/new");
    await until(() => kept.takenBack);
    kept.acknowledge([], { costs: [], busyMs: 0 });
    await until(() => kept.batches.length === 2);
    assertEquals(kept.paths, [["/new"], ["/new"]]);
  }),
);

Deno.test(
  "the pool does not let costly jobs wait for those that take very long, but for those like them",
  inTime(async () => {
    using test = await poolThatKnows(3, ["/light/1"], { cores: 1 });
    await learnCostly(test, "/costly");
    await test.give("/heavy", "/heavy", "/heavy", "/costly", "/costly");
    assertEquals(shares(test), [1, 1, 0]);
    await until(() => shares(test)[2] === 1);
    const kept = test.threadWith("/costly");
    for (let i = 0; i < 2; i++) kept.acknowledge(undefined, costly);
    assertEquals(kept.paths, [["/costly"], ["/costly"]]);
    assertEquals(test.pool.queued, 1);
  }),
);

Deno.test(
  "the pool gives light jobs their turn between costly ones that have waited for longer",
  inTime(async () => {
    using test = await poolThatKnows(1, ["/light/1"]);
    const [thread] = test.threads;
    await test.give(...heavy(3));
    await test.give("/light/1");
    await pause(60);
    thread.acknowledge(undefined, costly);
    assertEquals(thread.paths, [["/heavy/0"], ["/light/1"]]);
    // It came later than those, which have waited for long enough now.
    await test.give("/light/1");
    thread.acknowledge(undefined, light);
    thread.acknowledge(undefined, costly);
    thread.acknowledge(undefined, light);
    assertEquals(thread.paths.slice(2), [
      ["/heavy/1"],
      ["/light/1"],
      ["/heavy/2"],
    ]);
  }),
);

Deno.test(
  "the pool keeps a worker for light jobs that has an unknown one which only waits",
  inTime(async () => {
    using test = await poolThatKnows(3, ["/light/1"], { cores: 1 });
    await test.give("/heavy", "/heavy");
    await test.give("/waits");
    const kept = test.threadWith("/waits");
    kept.acknowledge([], light);
    await test.give("/heavy", "/light/1");
    assertEquals(kept.paths, [["/waits"], ["/light/1"]]);
  }),
);

Deno.test(
  "the pool learns that jobs compute after they have waited",
  inTime(async () => {
    using test = await poolThatKnows(2, ["/late/1", "/light/1"], { cores: 1 });
    await test.give("/late/1");
    const late = test.threadWith("/late/1");
    const jobs = late.lastBatch;
    // It waits for something, and then it does not begin what it is given.
    late.acknowledge([], light);
    const other = test.threads.find((thread) => thread !== late)!;
    late.claimed = 0;
    other.claimed = 0;
    await test.give("/light/1", "/light/1");
    const given = [late, other].filter(({ lastBatch }) =>
      lastBatch.some(({ path }) => path === "/light/1")
    );
    await until(() => given.every(({ takenBack }) => takenBack));
    await pause(30);
    late.answer(jobs);
    for (const thread of given) thread.acknowledge([], light);
    for (const thread of test.threads) {
      thread.claimed = Infinity;
      if (thread.lastBatch.length > 0) thread.acknowledge(undefined, light);
      thread.batches.length = 0;
    }
    await test.give("/late/1", "/late/1", "/late/2");
    assertEquals(shares(test), [1, 0]);
  }),
);

Deno.test(
  "the pool counts no job whose client has left as one that waits",
  inTime(async () => {
    using test = await poolThatKnows(1, ["/a"], { maxQueue: 40 });
    const [thread] = test.threads;
    await test.give("/a");
    const many = Array.from({ length: 40 }, () => "/a");
    for (let i = 0; i < 5; i++) {
      const exchanges = await test.give(...many);
      assertEquals(test.pool.queued, 40);
      for (const exchange of exchanges) exchange.abandon();
      assertEquals(test.pool.queued, 0);
    }
    await test.give("/last");
    thread.acknowledge(undefined, light);
    assertEquals(thread.paths, [["/a"], ["/last"]]);
  }),
);

const crunching = appUrl("crunching").href;

const lights = Array<string>(8).fill("/light");
// Long beside what twenty light requests take on a machine that is busy.
const heavyMs = 2000;

for (
  const { name, lightPath, warm, heavyPath, count } of [
    {
      name: "a route that computes",
      lightPath: "/light",
      warm: lights,
      heavyPath: () => `/heavy?ms=${heavyMs}`,
      count: 8,
    },
    {
      name: "a route that computes, where nobody has seen either",
      lightPath: "/light",
      warm: [],
      heavyPath: () => `/heavy?ms=${heavyMs}`,
      count: 8,
    },
    {
      name: "many routes that nobody has seen",
      lightPath: "/light",
      warm: lights,
      heavyPath: (i: number) => `/heavy/${i}?ms=${heavyMs}`,
      count: 64,
    },
    {
      name: "a route that was light until now",
      lightPath: "/light",
      warm: [...lights, ...Array<string>(8).fill("/heavy?ms=0")],
      heavyPath: () => `/heavy?ms=${heavyMs}`,
      count: 2,
    },
    {
      name: "a route that is light for others",
      lightPath: "/mixed",
      warm: Array<string>(8).fill("/mixed"),
      heavyPath: () => `/mixed?ms=${heavyMs}`,
      count: 2,
    },
    {
      name: "routes that compute after an await",
      lightPath: "/light",
      warm: lights,
      heavyPath: (i: number) => `/late/${i}?ms=${heavyMs}`,
      count: 3,
    },
    {
      name: "a route that was light and computes after an await",
      lightPath: "/light",
      warm: [...lights, ...Array<string>(8).fill("/late?ms=0")],
      heavyPath: () => `/late?ms=${heavyMs}`,
      count: 2,
    },
  ]
) {
  Deno.test(
    `a light request does not wait behind ${name}`,
    inTime(async () => {
      await using server = await startTestServer({
        app: crunching,
        workers: 4,
      });
      for (const path of warm) await ask(server, path);
      let ended = 0;
      await using crowd = new AsyncDisposableStack();
      for (let i = 0; i < count; i++) {
        const client = crowd.use(await server.connect());
        await client.send(`GET ${heavyPath(i)} HTTP/1.1\r\nHost: it\r\n\r\n`);
        const answer = client.readResponse().then(() => ended++, () => {});
        crowd.defer(() => answer.then(() => {}));
        crowd.defer(() => client.conn.close());
      }
      for (let i = 0; i < 20; i++) {
        assertEquals((await ask(server, lightPath)).status, 200);
      }
      assertEquals(ended, 0, "all were answered before the first heavy one");
    }),
  );
}
