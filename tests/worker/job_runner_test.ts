/**
 * The runner of jobs: batches, answers that come later, and jobs that fail or loop. Streams
 * are in job_streams_test.ts.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { HttpRequest } from "../../lib/http/message.ts";
import { claimsClosed } from "../../lib/messages/messages.ts";
import { inTime, until } from "../support/in_time.ts";
import {
  answerAfter,
  Bench,
  type Handle,
  read,
  statuses,
  text,
} from "../support/runner_bench.ts";

function loop(): never {
  for (;;);
}

Deno.test("JobRunner answers a batch with one message", async () => {
  const bench = new Bench({ "/a": () => text("A"), "/b": () => text("B") });
  await bench.run("/a", "/b");
  assertEquals(bench.kinds, ["batch-done"]);
  const { responses, failures, costs } = bench.only("batch-done");
  const head = "HTTP/1.1 200 OK\r\nX-Kind: test\r\nContent-Length: 1\r\n\r\n";
  assertEquals(read(responses), [
    { id: 1, status: 200, wire: `${head}A` },
    { id: 2, status: 200, wire: `${head}B` },
  ]);
  assertEquals(failures, []);
  assertEquals(costs.length, 2);
});

Deno.test("JobRunner sends answers of a long batch while others are made, each once", async () => {
  const bench = new Bench({ "/a": () => text("") });
  await bench.run(...Array.from({ length: 24 }, () => "/a"));
  const sent = bench.messages.map((message) => {
    assert(message.kind === "early-responses" || message.kind === "batch-done");
    return [message.kind, Object.keys(statuses(message)).map(Number)];
  });
  const ids = Array.from({ length: 24 }, (_, index) => index + 1);
  assertEquals(sent, [
    ["early-responses", ids.slice(0, 10)],
    ["batch-done", ids.slice(10)],
  ]);
  assertEquals(bench.only("batch-done").costs.length, 24);
});

Deno.test(
  "JobRunner sends nothing early of a batch whose answers come later",
  inTime(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const later = answerAfter(promise);
    const bench = new Bench({ "/later": later });
    await bench.run(...Array.from({ length: 24 }, () => "/later"));
    assertEquals(bench.kinds, ["batch-done"]);
    resolve();
    await until(() => bench.messages.length > 1);
    assertEquals(read(bench.only("late-responses").responses).length, 24);
  }),
);

Deno.test("JobRunner hands a handler the request as it was sent", async () => {
  const seen: HttpRequest[] = [];
  const handler: Handle = (request) => {
    const { method, target, authority, version, fields, body } = request;
    const { peer, scheme } = request;
    seen.push({
      ...{ method, target, authority, version, fields, body },
      ...{ peer, scheme },
    });
    return text("");
  };
  const bench = new Bench({ "/a": handler });
  await bench.run("/a");
  assertEquals(seen, [{
    method: "GET",
    target: "/a",
    authority: "localhost",
    version: "1.1",
    fields: [["host", "localhost"]],
    body: null,
    peer: "127.0.0.1 4321",
    scheme: "http",
  }]);
});

Deno.test("JobRunner fails a job that throws, and answers the others", async () => {
  const bench = new Bench({
    "/good": () => text(""),
    "/bad": () => {
      throw new Error("on purpose");
    },
    "/unsendable": () => ({
      status: 200,
      fields: [["X-Split", "a\r\nInjected: b"]],
      body: { kind: "none" },
    }),
  });
  await bench.run("/good", "/bad", "/unsendable", "/good");
  const done = bench.only("batch-done");
  assertEquals(statuses(done), { 1: 200, 2: 500, 3: 500, 4: 200 });
  assertStringIncludes(done.failures[0].trace, "Error: on purpose\n");
  assertStringIncludes(done.failures[1].trace, "UnsendableFieldError");
});

Deno.test("JobRunner puts the answer of a promise that waits for nothing into its batch", async () => {
  const bench = new Bench({
    "/a": async () => {
      for (let i = 0; i < 20; i++) await null;
      return { response: text("A"), stream: null };
    },
  });
  await bench.run("/a");
  assertEquals(statuses(bench.only("batch-done")), { 1: 200 });
});

Deno.test(
  "JobRunner acknowledges a batch before the answers that come later, and sends those together",
  inTime(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const later = answerAfter(promise);
    const failing: Handle = async () => {
      await promise;
      throw new Error("late");
    };
    const bench = new Bench({
      "/now": () => text(""),
      "/later": later,
      "/failing": failing,
    });
    await bench.run("/later", "/now", "/failing", "/later");
    assertEquals(statuses(bench.only("batch-done")), { 2: 200 });
    resolve();
    await until(() => bench.messages.length > 1);
    assertEquals(bench.kinds, ["batch-done", "late-responses"]);
    assertEquals(statuses(bench.only("late-responses")), {
      1: 200,
      3: 500,
      4: 200,
    });
  }),
);

for (
  const { name, handler } of [
    { name: "loops", handler: loop },
    {
      name: "loops after an await",
      handler: async () => {
        await null;
        return loop();
      },
    },
  ]
) {
  Deno.test(`JobRunner stops a job that ${name}, answers the others, and leaves`, async () => {
    const bench = new Bench({ "/good": () => text(""), "/bad": handler });
    await bench.run("/good", "/bad", "/good", "/bad", "/good");
    assertEquals(bench.kinds, ["leaving", "batch-done"]);
    assertEquals(statuses(bench.only("batch-done")), {
      ...{ 1: 200, 2: 504, 3: 200, 4: 504, 5: 200 },
    });
  });
}

Deno.test("JobRunner is not stopped by many jobs that take long together", async () => {
  const work: Handle = () => {
    const end = performance.now() + 20;
    while (performance.now() < end);
    return text("");
  };
  const bench = new Bench({ "/work": work }, { timeoutMs: 500 });
  await bench.run(...Array.from({ length: 30 }, () => "/work"));
  const { failures, costs } = bench.only("batch-done");
  const ids = bench.messages.flatMap((message) => {
    assert(message.kind === "early-responses" || message.kind === "batch-done");
    return read(message.responses).map(({ id }) => id);
  });
  assertEquals([ids.length, failures], [30, []]);
  assert(costs.every((ms) => ms >= 20), `${costs}`);
});

Deno.test("JobRunner runs no job that the pool has taken back", async () => {
  const bench = new Bench({
    "/first": () => {
      Atomics.store(bench.claims, 0, claimsClosed);
      return text("");
    },
    "/second": () => text(""),
  });
  await bench.run("/first", "/second", "/second");
  const done = bench.only("batch-done");
  assertEquals(statuses(done), { 1: 200 });
  assertEquals(done.costs.length, 1);
});

Deno.test("JobRunner fails the one job whose bytes were given away, and answers the others", async () => {
  const bench = new Bench({
    "/good": () => text("good"),
    "/gone": () => {
      const bytes = new Uint8Array(4);
      structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
      return { status: 200, fields: [], body: { kind: "bytes", bytes } };
    },
  });
  await bench.run("/good", "/gone", "/good");
  assertEquals(statuses(bench.only("batch-done")), { 1: 200, 2: 500, 3: 200 });
});
