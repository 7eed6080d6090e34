/**
 * How long a runner of jobs stays under one watch of the watchdog: for which batches it
 * sleeps, and for which it does not.
 */

import { assert, assertEquals } from "@std/assert";
import { IncomingJob } from "../../lib/messages/jobs.ts";
import type { Jobs } from "../../lib/messages/messages.ts";
import { inTime, until } from "../support/in_time.ts";
import {
  answerAfter,
  Bench,
  type Handle,
  statuses,
  text,
} from "../support/runner_bench.ts";

const good: Handle = () => text("");

/** A runner to which those come while it sleeps, and how often it has slept. */
function makeBench(
  handlers: Record<string, Handle>,
  ...next: (() => Jobs | null)[]
): { bench: Bench; slept: () => number } {
  let slept = 0;
  const bench = new Bench(handlers, {
    nextBatch: (waitMs) => {
      assert(
        waitMs > 0 && waitMs < 100,
        "no event loop stands still for longer",
      );
      slept++;
      return next.shift()?.() ?? null;
    },
  });
  return { bench, slept: () => slept };
}

Deno.test("JobRunner runs the batches that come while it sleeps, and acknowledges each", async () => {
  // It sleeps for 10 ms in all, which a busy machine may take from it.
  for (let attempts = 50;; attempts--) {
    const { bench, slept } = makeBench(
      { "/a": good },
      () => bench.pack(3, "/a"),
      () => bench.pack(4, "/a", "/a"),
    );
    await bench.run("/a", "/a");
    if (slept() < 3 && attempts > 0) continue;
    const acknowledged = bench.messages.map((message) => {
      assert(message.kind === "batch-done");
      return [statuses(message), message.costs.length];
    });
    assertEquals(acknowledged, [
      [{ 1: 200, 2: 200 }, 2],
      [{ 3: 200 }, 1],
      [{ 4: 200, 5: 200 }, 2],
    ]);
    return assertEquals(slept(), 3);
  }
});

Deno.test("JobRunner lets the event loop turn, however many batches come", async () => {
  let id = 2;
  let turned = false;
  const work: Handle = () => {
    const end = performance.now() + 1;
    while (performance.now() < end);
    return text("");
  };
  const again = () => turned ? null : bench.pack(id++, "/work");
  const { bench, slept } = makeBench(
    { "/work": work },
    ...Array.from({ length: 20_000 }, () => again),
  );
  setTimeout(() => turned = true);
  await bench.run("/work");
  assert(slept() < 20_000, "or else it would have run for 20 s");
});

Deno.test(
  "JobRunner does not sleep while an answer is owed, which may need the event loop",
  inTime(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const later = answerAfter(promise);
    const { bench, slept } = makeBench({ "/now": good, "/later": later });
    await bench.run("/now", "/later");
    assertEquals([bench.kinds, slept()], [["batch-done"], 0]);
    resolve();
    await until(() => bench.messages.length > 1);
    await bench.run("/now");
    assertEquals(slept(), 1);
  }),
);

Deno.test(
  "JobRunner does not sleep while a stream is open",
  inTime(async () => {
    const { promise, resolve } = Promise.withResolvers<null>();
    const stream = { next: () => promise, cancel: () => {} };
    const response = {
      status: 200,
      fields: [],
      body: { kind: "stream", length: null },
    } as const;
    const { bench, slept } = makeBench({
      "/now": good,
      "/stream": () => Promise.resolve({ response, stream }),
    });
    await bench.run("/stream");
    await bench.runFrom(2, "/now");
    assertEquals(slept(), 0);
    resolve(null);
    await until(() => bench.kinds.includes("stream-end"));
    await until(() => bench.runner.pending.size === 0);
    await bench.run("/now");
    assertEquals(slept(), 1);
  }),
);

Deno.test("JobRunner does not sleep while an upload is under way", async () => {
  const { bench, slept } = makeBench({ "/now": good });
  const { pending } = bench.runner;
  pending.begin(
    new IncomingJob({
      id: 7,
      flags: 1,
      peer: "127.0.0.1 4321",
      text: "POST / HTTP/1.1\r\nHost: localhost",
      body: "streamed",
    }),
  );
  pending.stop(7);
  await bench.run("/now");
  assertEquals(slept(), 0);
  pending.endBody(7);
  await bench.run("/now");
  assertEquals(slept(), 1);
});

Deno.test("JobRunner takes no further batch after a job that it had to stop", async () => {
  const { bench, slept } = makeBench({
    "/good": good,
    "/loop": () => {
      for (;;);
    },
  });
  await bench.run("/good", "/loop");
  assertEquals([bench.kinds, slept()], [["leaving", "batch-done"], 0]);
});

Deno.test("JobRunner gives up where it is stopped between two batches", async () => {
  const { bench } = makeBench({ "/good": good }, () => {
    for (;;);
  });
  await bench.run("/good");
  assertEquals(bench.kinds, ["batch-done", "broken"]);
});
