/**
 * Streamed request bodies that come to no good end, or to a late one: those that break off
 * or come too slowly, those that nobody reads, and those whose worker or server ends.
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import type { Limits } from "../../lib/limits.ts";
import { splitResponses, statusesOf } from "../fuzz/transcript.ts";
import { startChildServer } from "../support/child_server.ts";
import { ask } from "../support/clients.ts";
import { halted, inTime, until } from "../support/in_time.ts";
import { app, chunked, length, put, seen, start } from "../support/uploads.ts";
import { chunk } from "../support/chunks.ts";

Deno.test(
  "a client that leaves within its upload makes the handler's read fail and aborts its request",
  inTime(async () => {
    await using server = await start();
    for (const framing of [length(1000), chunked]) {
      const before = await seen(server);
      const client = await server.connect();
      const text = "x".repeat(200);
      await client.send(
        put("/count", framing) + (framing === chunked ? chunk(text) : text),
      );
      await until(async () =>
        (await seen(server)).bytes === before.bytes + 200
      );
      client.conn.close();
      await until(async () =>
        (await seen(server)).errors.length === before.errors.length + 1
      );
      await until(async () =>
        (await seen(server)).aborted === before.aborted + 1
      );
    }
    await until(() => server.skein.server.connections <= 1);
    assertEquals(server.log, []);
  }),
);

const brokenRows: {
  name: string;
  limits?: Partial<Limits>;
  max?: number;
  content: string;
  want: number;
}[] = [
  { name: "a chunk without its end", content: "1\r\nxx", want: 400 },
  { name: "a size that is none", content: "x\r\n", want: 400 },
  {
    name: "a size line over its limit",
    limits: { maxChunkLineBytes: 20 },
    content: `1;${"x".repeat(20)}`,
    want: 400,
  },
  {
    name: "trailers over their limit",
    limits: { maxTrailerBytes: 20 },
    content: `0\r\nX: ${"x".repeat(20)}`,
    want: 431,
  },
  {
    name: "more than a streamed body may have",
    max: 200,
    content: chunk("x".repeat(60)),
    want: 413,
  },
];

for (const { name, limits, max, content, want } of brokenRows) {
  Deno.test(
    `an upload that turns out to have ${name} is ${want}, and its handler's read fails`,
    inTime(async () => {
      await using server = await start(limits, max);
      using client = await server.connect();
      await client.send(put("/count", chunked) + chunk("x".repeat(150)));
      await until(async () => (await seen(server)).bytes === 150);
      await client.send(content + put("/seen"));
      const [answer, ...more] = splitResponses(await client.readAll());
      assertEquals(answer.status, want);
      assertMatch(answer.head, /\r\nConnection: close\r\n/);
      assertEquals(more, []);
      await until(async () => (await seen(server)).errors.length === 1);
      assertEquals((await seen(server)).aborted, 1);
      assertEquals(server.log, []);
    }),
  );
}

Deno.test(
  "an upload that breaks while its answer goes out cuts that off",
  inTime(async () => {
    await using server = await start();
    using client = await server.connect();
    await client.send(put("/echo", chunked) + chunk("a".repeat(150)));
    await client.readUntil("aaaa");
    await client.send("broken\r\n");
    assert(!(await client.readAll()).endsWith("0\r\n\r\n"));
  }),
);

Deno.test(
  "an upload that is announced to be too long is 413 before its handler hears of it",
  inTime(async () => {
    await using server = await start({}, 200);
    using client = await server.connect();
    await client.send(put("/count", length(201)));
    assertMatch(await client.readAll(), /^HTTP\/1\.1 413 /);
    assertEquals((await seen(server)).begun, 0);
  }),
);

// --- time ---

Deno.test(
  "an upload that comes too slowly is 408, and one that waits for its handler is not",
  inTime(async () => {
    await using server = await start({
      bodyGraceMs: 150,
      minBodyBytesPerSecond: 1_000_000,
    });
    using patient = await server.connect();
    await patient.send(put("/hold-after-first", length(5000)));
    await patient.send("x".repeat(5000));
    await until(async () => (await seen(server)).begun === 1);
    using slow = await server.connect();
    await slow.send(put("/count", length(1000)) + "x".repeat(150));
    const [answer] = splitResponses(await slow.readAll());
    assertEquals(answer.status, 408);
    await until(async () => (await seen(server)).errors.length === 1);
    await ask(server, "/go");
    assertEquals((await patient.readResponse()).body, "all of it");
    assertEquals(server.log, []);
  }),
);

Deno.test(
  "a handler's time stands still while its upload is coming, and only then",
  inTime(async () => {
    await using server = await start({ handlerTimeoutMs: 300 });
    using slow = await server.connect();
    await slow.send(put("/count", length(200)));
    // A handler that does not read has its time and no more; twice over.
    for (const path of ["/never", "/hold-after-first"]) {
      using client = await server.connect();
      await client.send(put(path, length(1000)) + "x".repeat(500));
      const [answer] = splitResponses(await client.readAll());
      assertEquals(answer.status, 504);
    }
    await slow.send("x".repeat(200));
    assertEquals((await slow.readResponse()).body, "200");
  }),
);

// --- backpressure ---

for (const path of ["/hold", "/hold-after-first"]) {
  Deno.test(
    `an upload is no faster than its handler reads (${path})`,
    inTime(async () => {
      await using server = await start({ streamWindowBytes: 256 * 1024 });
      using client = await server.connect();
      const total = 64 * 1024 * 1024;
      await client.send(put(path, length(total)));
      let sent = 0;
      const sending = (async () => {
        const piece = new Uint8Array(64 * 1024);
        while (sent < total) sent += await client.conn.write(piece);
      })();
      await halted(() => sent);
      // The kernel's buffers hold less than this.
      assert(sent < total / 2, `${sent} bytes were taken`);
      assert((await seen(server)).bytes <= 256 * 1024);
      await ask(server, "/go");
      await sending;
      assertEquals((await client.readResponse()).body, "all of it");
      assertEquals((await seen(server)).bytes, total);
    }),
  );
}

// --- the end of a worker, and of the server ---

Deno.test(
  "an upload whose worker is lost is answered 504, and the connection ends",
  inTime(async () => {
    await using server = await startChildServer(
      ...["--app", app.pathname, "--stream-body", "1", "--timeout", "0.3"],
      ...["--workers", "2", "--limit", "workerGraceMs=200"],
      ...["--limit", "sweepMs=20", "--limit", "maxWholeBodyBytes=100"],
    );
    using client = await server.connect();
    await client.send(put("/loop", length(100_000)) + "x".repeat(50_000));
    const head = await client.readUntil("\r\n\r\n");
    assertStringIncludes(head, "HTTP/1.1 504 ");
    await server.stderr.waitFor(/A worker is lost/);
    await client.send("x".repeat(50_000) + put("/seen"));
    const rest = await client.readAll();
    assertEquals(statusesOf(head + rest), [504]);
    using next = await server.connect();
    await next.send(put("/count", length(200)) + "x".repeat(200));
    assertEquals((await next.readResponse()).body, "200");
  }),
);

Deno.test(
  "a drain waits for the upload in flight",
  inTime(async () => {
    await using server = await start();
    using client = await server.connect();
    await client.send(put("/count", length(200)) + "x".repeat(150));
    await until(async () => (await seen(server)).bytes >= 128);
    const drained = server.skein.drain(new Promise(() => {}));
    await client.send("x".repeat(50));
    const { head, body } = await client.readResponse();
    assertMatch(head, /\r\nConnection: close\r\n/);
    assertEquals(body, "200");
    client.conn.close();
    assertEquals(await drained, 0);
  }),
);
