/**
 * The queue, over real sockets: who is refused, when, and who is never run.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Limits } from "../../lib/limits.ts";
import { appUrl } from "../support/apps.ts";
import { type Answer, ask } from "../support/clients.ts";
import { inTime, until } from "../support/in_time.ts";
import { startTestServer, type TestServer } from "../support/test_server.ts";

const crunching = appUrl("crunching").href;

/** A server whose only worker computes for so long, as nobody has seen it do. */
async function startBusy(ms: number, limits: Partial<Limits>) {
  const server = await startTestServer({ app: crunching, workers: 1, limits });
  const { skein } = server;
  let ended = false;
  const first = ask(server, `/heavy?ms=${ms}`).finally(() => ended = true);
  // Who comes now waits: its worker has nothing else to do but this.
  await until(() => skein.pool.inFlight === 1);
  return {
    server,
    first,
    get ended() {
      return ended;
    },
    [Symbol.asyncDispose]: async () => {
      await first;
      await server[Symbol.asyncDispose]();
    },
  };
}

/** How many requests its worker has run. */
async function runs(server: TestServer): Promise<number> {
  return Number((await ask(server, "/runs")).body);
}

Deno.test(
  "a full queue is answered 503 with Retry-After at once, and those who are in are answered",
  inTime(async () => {
    await using busy = await startBusy(2000, { maxQueue: 3 });
    const { server } = busy;
    const waiting = Array.from({ length: 3 }, () => ask(server, "/light"));
    await until(() => server.skein.pool.queued === 3);
    const refused = await Promise.all(
      Array.from({ length: 20 }, () => ask(server, "/light")),
    );
    assert(!busy.ended, "they did not wait for it");
    for (const { status, head } of refused) {
      assertEquals(status, 503);
      assertStringIncludes(head, "\r\nRetry-After: 1\r\n");
    }
    assertEquals((await busy.first).status, 200);
    assertEquals(
      (await Promise.all(waiting)).map(({ status }) => status),
      [200, 200, 200],
    );
  }),
);

Deno.test(
  "a request that waits for too long is answered 503 and never run",
  inTime(async () => {
    await using busy = await startBusy(2000, {
      queueTimeoutMs: 100,
      sweepMs: 20,
    });
    const { server } = busy;
    const waiting = await Promise.all(
      Array.from({ length: 10 }, () => ask(server, "/light")),
    );
    assert(!busy.ended, "they did not wait for it");
    for (const { status, head } of waiting) {
      assertEquals(status, 503);
      assertStringIncludes(head, "\r\nRetry-After: 1\r\n");
    }
    await busy.first;
    assertEquals(await runs(server), 1);
  }),
);

Deno.test(
  "a request whose client leaves while it waits is not run",
  inTime(async () => {
    await using busy = await startBusy(2000, { watchAfterMs: 20, sweepMs: 20 });
    const { server } = busy;
    const clients = await Promise.all(
      Array.from({ length: 10 }, () => server.connect()),
    );
    for (const client of clients) {
      await client.send("GET /light HTTP/1.1\r\nHost: it\r\n\r\n");
    }
    await until(() => server.skein.pool.queued === 10);
    for (const { conn } of clients) conn.close();
    await until(() => server.skein.pool.queued === 0);
    assert(!busy.ended, "they were gone before it");
    await busy.first;
    assertEquals(await runs(server), 1);
  }),
);

Deno.test(
  "what is accepted is answered in bounded time, however many more come than can be served",
  inTime(async () => {
    const queueTimeoutMs = 300;
    await using server = await startTestServer({
      app: crunching,
      workers: 1,
      limits: { queueTimeoutMs, sweepMs: 20 },
    });
    // Four seconds of crunching.
    const answers = await Promise.all(
      Array.from({ length: 80 }, async (): Promise<[Answer, number]> => {
        const begun = performance.now();
        const answer = await ask(server, "/heavy?ms=50");
        return [answer, performance.now() - begun];
      }),
    );
    const statuses = new Set(answers.map(([{ status }]) => status));
    assertEquals([...statuses].toSorted(), [200, 503]);
    const longest = Math.max(...answers.map(([, ms]) => ms));
    // Twice over for a machine that is busy; without the limit it were 4000.
    assert(longest < 2500, `${longest} ms`);
  }),
);
