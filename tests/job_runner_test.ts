/**
 * The runner of jobs, with a handler and a pool that are the test's own. It runs
 * in the test's thread: its messages are cloned as on their way to another.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { setImmediate } from "node:timers";
import type { Handled, JobHandler } from "../lib/job_handler.ts";
import { JobRunner, type RunnerOptions } from "../lib/job_runner.ts";
import type { HttpRequest, HttpResponse } from "../lib/message.ts";
import { parseRequestHead } from "../lib/request_head.ts";
import type { ChunkStream } from "../lib/stream_pump.ts";
import {
  type Answers,
  claimsClosed,
  type FromWorker,
} from "../lib/worker_protocol.ts";
import { unpackAnswers } from "../lib/packed_answers.ts";
import { packJobs } from "../lib/packed_jobs.ts";
import { inTime, until } from "./support/in_time.ts";
import { textOf } from "./support/wire.ts";

type Handle = JobHandler["handle"];

const encoder = new TextEncoder();

function text(body: string): HttpResponse {
  return {
    status: 200,
    fields: [["X-Kind", "test"]],
    body: { kind: "bytes", bytes: encoder.encode(body) },
  };
}

/** A runner whose jobs' paths name what handles them. */
class Bench {
  readonly claims = new Int32Array(new SharedArrayBuffer(4));
  readonly messages: FromWorker[] = [];
  readonly aborted: number[] = [];
  readonly runner: JobRunner;

  constructor(
    handlers: Record<string, Handle>,
    options: Partial<RunnerOptions> = {},
  ) {
    const handler: JobHandler = {
      handle: (request, id) => handlers[request.target](request, id),
      abort: (id) => this.aborted.push(id),
      handedOver: () => {},
    };
    this.runner = new JobRunner({
      handler,
      post: (message) => this.messages.push(structuredClone(message)),
      claims: this.claims,
      serverName: null,
      timeoutMs: 250,
      streamWindowBytes: 10,
      ...options,
    });
  }

  /** Runs those paths as one batch; their ids count from 1. As in a worker, in a
   * task of its own. */
  async run(...paths: string[]): Promise<void> {
    Atomics.store(this.claims, 0, 0);
    const jobs = packJobs(paths.map((path, index) => {
      const text = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n`;
      const head = parseRequestHead(text.split("\r\n", 2));
      const request = { head, text, body: null, peer: "127.0.0.1 4321" };
      return { id: index + 1, request };
    }));
    await new Promise<void>((resolve, reject) =>
      setImmediate(() => {
        try {
          this.runner.run(jobs);
          resolve();
        } catch (error) {
          reject(error);
        }
      })
    );
  }

  /** The one message of that kind. */
  only<Kind extends FromWorker["kind"]>(
    kind: Kind,
  ): Extract<FromWorker, { kind: Kind }> {
    const [message, ...others] = this.messages.filter((message) =>
      message.kind === kind
    );
    assertEquals(others, []);
    return message as Extract<FromWorker, { kind: Kind }>;
  }

  get kinds(): string[] {
    return this.messages.map((message) => message.kind);
  }
}

/** The ids and statuses in a message. */
function statuses(
  { answers, failures }: Extract<
    FromWorker,
    { kind: "batch-done" | "answers" }
  >,
): Record<number, number> {
  const all: Record<number, number> = {};
  for (const { id, status } of read(answers)) all[id] = status;
  for (const { id, status } of failures) all[id] = status;
  return all;
}

/** An answer, its bytes without the line of its Date. */
interface ReadAnswer {
  readonly id: number;
  readonly status: number;
  readonly wire: string;
}

function read(answers: Answers): ReadAnswer[] {
  const all: ReadAnswer[] = [];
  unpackAnswers(answers, {
    encoded: (id, status, _, bytes) => {
      const wire = textOf(bytes).replace(/Date: .*\r\n/, "");
      all.push({ id, status, wire });
    },
    open: (id, status, fieldLines) =>
      all.push({ id, status, wire: fieldLines }),
  });
  return all;
}

function loop(): never {
  for (;;);
}

Deno.test("JobRunner answers a batch with one message", async () => {
  const bench = new Bench({ "/a": () => text("A"), "/b": () => text("B") });
  await bench.run("/a", "/b");
  assertEquals(bench.kinds, ["batch-done"]);
  const { answers, failures, costs } = bench.only("batch-done");
  const head = "HTTP/1.1 200 OK\r\nX-Kind: test\r\nContent-Length: 1\r\n\r\n";
  assertEquals(read(answers), [
    { id: 1, status: 200, wire: `${head}A` },
    { id: 2, status: 200, wire: `${head}B` },
  ]);
  assertEquals(failures, []);
  assertEquals(costs.length, 2);
});

Deno.test("JobRunner hands a handler the request as it was sent", async () => {
  const seen: HttpRequest[] = [];
  const handler: Handle = (request) => {
    seen.push(request);
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
    const later: Handle = async () => {
      await promise;
      return { response: text(""), stream: null };
    };
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
    assertEquals(bench.kinds, ["batch-done", "answers"]);
    assertEquals(statuses(bench.only("answers")), { 1: 200, 3: 500, 4: 200 });
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
    assertEquals(bench.kinds, ["batch-done", "leaving"]);
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
  assertEquals(bench.kinds, ["batch-done"]);
  const { answers, failures, costs } = bench.only("batch-done");
  assertEquals([read(answers).length, failures], [30, []]);
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

Deno.test("JobRunner tells no costs of a handler that is not watched", async () => {
  const bench = new Bench({ "/a": () => text("") }, { timeoutMs: null });
  await bench.run("/a", "/a");
  const done = bench.only("batch-done");
  assertEquals([statuses(done), done.costs], [{ 1: 200, 2: 200 }, []]);
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

/** A stream of chunks of four bytes, and what was asked of it. */
function makeStream(chunks: number) {
  const asked = { chunks: 0, cancelled: 0 };
  const stream: ChunkStream = {
    next: () => {
      if (asked.chunks === chunks) return Promise.resolve(null);
      return Promise.resolve(new Uint8Array(4).fill(++asked.chunks));
    },
    cancel: () => void asked.cancelled++,
  };
  const handler: Handle = (): Promise<Handled> =>
    Promise.resolve({
      response: {
        status: 200,
        fields: [],
        body: { kind: "stream", length: null },
      },
      stream,
    });
  return { asked, handler };
}

Deno.test(
  "JobRunner sends a stream after its answer, as far as there is credit",
  inTime(async () => {
    const { asked, handler } = makeStream(6);
    const bench = new Bench({ "/stream": handler });
    await bench.run("/stream");
    // Ten bytes of credit: the third chunk overdraws it, the fourth waits.
    await until(() => asked.chunks === 4);
    assertEquals(bench.kinds, ["batch-done", "chunk", "chunk", "chunk"]);
    bench.runner.streams.credit(1, 2);
    await turn();
    assertEquals(bench.kinds.length, 4, "what was overdrawn is owed first");
    bench.runner.streams.credit(1, 4);
    await until(() => asked.chunks === 5);
    assertEquals(bench.kinds.slice(4), ["chunk"]);
    bench.runner.streams.credit(1, 100);
    await until(() => bench.kinds.at(-1) === "end");
    assertEquals(bench.kinds.slice(5), ["chunk", "chunk", "end"]);
    const chunks = bench.messages.filter((message) => message.kind === "chunk");
    assertEquals(chunks.map(({ bytes }) => bytes[0]), [1, 2, 3, 4, 5, 6]);
  }),
);

Deno.test(
  "JobRunner cancels a stream that nobody reads, and says nothing more of it",
  inTime(async () => {
    const { asked, handler } = makeStream(100);
    const bench = new Bench({ "/stream": handler });
    await bench.run("/stream");
    await until(() => asked.chunks === 4);
    bench.runner.abort(1);
    await turn();
    assertEquals(asked, { chunks: 4, cancelled: 1 });
    assertEquals(bench.kinds, ["batch-done", "chunk", "chunk", "chunk"]);
    assert(bench.aborted.includes(1), "its handler hears of it");
  }),
);

Deno.test(
  "JobRunner says that a stream was cut when it fails, with why",
  inTime(async () => {
    const { handler } = makeStream(1);
    const failing: Handle = async (request, id) => {
      const { response, stream } = await handler(request, id) as Handled;
      const { next } = stream!;
      const failAtEnd = async () => {
        const chunk = await next();
        if (chunk === null) throw new Error("midway");
        return chunk;
      };
      return { response, stream: { ...stream!, next: failAtEnd } };
    };
    const bench = new Bench({ "/stream": failing });
    await bench.run("/stream");
    await until(() => bench.kinds.at(-1) === "cut");
    assertEquals(bench.kinds, ["batch-done", "chunk", "cut"]);
    assertStringIncludes(bench.only("cut").trace, "Error: midway\n");
  }),
);

/** Whatever can go on now has gone on when it resolves. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
