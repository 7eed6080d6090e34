/**
 * Streams that a runner of jobs sends: as far as there is credit, and to their end or not.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { setImmediate } from "node:timers";
import { chunkCost } from "../../lib/messages/messages.ts";
import type { ChunkStream, HandlerResponse } from "../../lib/http/handler.ts";
import { inTime, until } from "../support/in_time.ts";
import { Bench, type Handle } from "../support/runner_bench.ts";

/** A stream of chunks of four bytes, each of which has to be waited for, and what was
 * asked of it. */
function makeStream(chunks: number, isSlow = true) {
  const asked = { chunks: 0, cancelled: 0 };
  const stream: ChunkStream = {
    next: async () => {
      const count = ++asked.chunks;
      if (isSlow) await turn();
      return count > chunks ? null : new Uint8Array(4).fill(count);
    },
    cancel: () => void asked.cancelled++,
  };
  const handler: Handle = (): Promise<HandlerResponse> =>
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
    // The first chunk overdraws the credit, the second waits.
    await until(() => asked.chunks === 3);
    assertEquals(bench.kinds, ["batch-done", "stream-chunk"]);
    bench.runner.pending.creditStream(1, chunkCost(4) - 10);
    await turn();
    assertEquals(bench.kinds.length, 2, "what was overdrawn is owed first");
    bench.runner.pending.creditStream(1, 1);
    await until(() => asked.chunks === 4);
    assertEquals(bench.kinds.slice(2), ["stream-chunk"]);
    bench.runner.pending.creditStream(1, 10_000);
    await until(() => bench.kinds.at(-1) === "stream-end");
    assertEquals(bench.kinds.slice(3, -1), Array(4).fill("stream-chunk"));
    const chunks = bench.messages.filter((message) =>
      message.kind === "stream-chunk"
    );
    assertEquals(chunks.map(({ bytes }) => bytes[0]), [1, 2, 3, 4, 5, 6]);
  }),
);

Deno.test(
  "JobRunner cancels a stream that nobody reads, and says nothing more of it",
  inTime(async () => {
    const { asked, handler } = makeStream(100);
    const bench = new Bench({ "/stream": handler });
    await bench.run("/stream");
    await until(() => asked.chunks === 3);
    bench.runner.pending.abort(1);
    await turn();
    assertEquals(asked, { chunks: 3, cancelled: 1 });
    assertEquals(bench.kinds, ["batch-done", "stream-chunk"]);
    assert(bench.aborted.includes(1), "its handler hears of it");
  }),
);

Deno.test(
  "JobRunner says that a stream was cut when it fails, with why",
  inTime(async () => {
    const { handler } = makeStream(1);
    const failing: Handle = async (request, id) => {
      const { response, stream } = await handler(
        request,
        id,
      ) as HandlerResponse;
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
    await until(() => bench.kinds.at(-1) === "stream-cut");
    assertEquals(bench.kinds, ["batch-done", "stream-chunk", "stream-cut"]);
    assertStringIncludes(bench.only("stream-cut").trace, "Error: midway\n");
  }),
);

/** Whatever can go on now has gone on when it resolves. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

Deno.test(
  "JobRunner sends chunks that are there at once as one, and hears of its client meanwhile",
  inTime(async () => {
    const { asked, handler } = makeStream(Infinity, false);
    const bench = new Bench({ "/stream": handler }, {
      streamWindowBytes: 100_000,
    });
    await bench.run("/stream");
    await until(() => bench.kinds.length > 1);
    const first = bench.messages.find(({ kind }) => kind === "stream-chunk");
    assert(first?.kind === "stream-chunk" && first.bytes.length > 1000);
    // It goes on until the credit is used up, and the event loop turns all the same.
    for (let seen = 0; asked.chunks !== seen;) {
      seen = asked.chunks;
      await turn();
    }
    assert(asked.chunks < 100_000, `${asked.chunks}`);
    bench.runner.pending.abort(1);
    await until(() => bench.runner.pending.size === 0);
    assertEquals(asked.cancelled, 1);
  }),
);
