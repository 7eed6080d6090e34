/**
 * Responses whose content is a stream: event by event, no faster than the client,
 * and what becomes of one that fails or that nobody reads.
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertStringIncludes,
} from "@std/assert";
import type { Limits } from "../../lib/limits.ts";
import { unchunk } from "../support/chunks.ts";
import { numberedByte } from "../apps/streams.ts";
import { residentBytes } from "../bench/process_tree.ts";
import { appUrl } from "../support/apps.ts";
import { startChildServer } from "../support/child_server.ts";
import { ask } from "../support/clients.ts";
import { halted, inTime, until } from "../support/in_time.ts";
import { startTestServer, type TestServer } from "../support/test_server.ts";

function startStreams(limits: Partial<Limits> = {}): Promise<TestServer> {
  return startTestServer({
    app: appUrl("streams").href,
    // So that one request can lead the stream of another.
    workers: 1,
    limits: { sweepMs: 20, watchAfterMs: 20, ...limits },
  });
}

async function seen(
  server: TestServer,
): Promise<{ produced: number; cancelled: number }> {
  return JSON.parse((await ask(server, "/seen")).body);
}

function get(path: string, version = "1.1"): string {
  return `GET ${path} HTTP/${version}\r\nHost: localhost\r\n\r\n`;
}

Deno.test(
  "server-sent events arrive one by one, when they are sent",
  inTime(async () => {
    await using server = await startStreams();
    using client = await server.connect();
    await client.send(get("/events"));
    const head = await client.readUntil("\r\n\r\n");
    assertMatch(head, /\r\ncontent-type: text\/event-stream\r\n/i);
    assertMatch(head, /\r\nTransfer-Encoding: chunked\r\n/);
    for (const number of [1, 2, 3]) {
      await ask(server, "/next");
      assertEquals(
        await client.readUntil("\n\n\r\n"),
        `9\r\ndata: ${number}\n\n\r\n`,
      );
    }
    await ask(server, "/last");
    assertEquals(await client.readUntil("0\r\n\r\n"), "0\r\n\r\n");
    const { body } = await client.get("/seen");
    assertEquals(JSON.parse(body).cancelled, 0);
  }),
);

Deno.test(
  "a stream that is silent for longer than a client may stall goes on",
  inTime(async () => {
    await using server = await startStreams({ writeStallMs: 50 });
    using client = await server.connect();
    await client.send(get("/events"));
    await client.readUntil("\r\n\r\n");
    await ask(server, "/next");
    await client.readUntil("\n\n\r\n");
    // Another connection is cut for stalling in the meantime.
    using staller = await server.connect();
    await staller.send(get("/endless"));
    await until(async () => (await seen(server)).cancelled === 1);
    await ask(server, "/next");
    assertStringIncludes(await client.readUntil("\n\n\r\n"), "data: 2");
  }),
);

Deno.test(
  "a stream is no faster than its client, and stops with it",
  inTime(async () => {
    await using server = await startStreams();
    const client = await server.connect();
    await client.send(get("/endless"));
    const produced = async () => {
      const { produced } = await seen(server);
      assert(produced < 256 * 1024 * 1024, "nobody reads all this");
      return produced;
    };
    const first = await halted(produced);
    // The kernel's buffers hold less than this.
    await client.skip(16 * 1024 * 1024);
    await until(async () => await produced() > first);
    const second = await halted(produced);
    assert(second > first, "it went on when the client did");
    assertEquals((await seen(server)).cancelled, 0);
    client.conn.close();
    await until(async () => (await seen(server)).cancelled === 1);
    assertEquals(server.log, [], "a client that leaves is no error");
  }),
);

Deno.test(
  "a stream that is silent is cancelled when its client leaves",
  inTime(async () => {
    await using server = await startStreams();
    const client = await server.connect();
    await client.send(get("/events"));
    await client.readUntil("\r\n\r\n");
    client.conn.close();
    await until(async () => (await seen(server)).cancelled === 1);
    assertEquals(server.log, []);
  }),
);

Deno.test(
  "a stream arrives whole, in chunks or until the connection ends",
  inTime(async () => {
    await using server = await startStreams();
    const want = `one,two,${"x".repeat(100_000)},end`;
    const chunked = await ask(server, "/pieces");
    assertMatch(chunked.head, /\r\nTransfer-Encoding: chunked\r\n/);
    assertNotMatch(chunked.head, /content-length/i);
    assertEquals(unchunk(chunked.body), want);
    // RFC 9112 section 6.1: no chunks for those who may not know them.
    for (const version of ["1.0", "1.0\r\nConnection: keep-alive"]) {
      const text = await server.exchange(get("/pieces", version));
      const [head, body] = text.split("\r\n\r\n");
      assertNotMatch(head, /transfer-encoding|content-length|keep-alive/i);
      assertMatch(head, /\r\nConnection: close$/m);
      assertEquals(body, want);
    }
  }),
);

Deno.test(
  "a stream may use one buffer for all its chunks",
  inTime(async () => {
    await using server = await startStreams();
    const { body } = await ask(server, "/reused-buffer");
    assertEquals(unchunk(body), "112233445566778899");
  }),
);

for (
  const { path, logged } of [
    { path: "/fails-midway", logged: "Error: midway" },
    { path: "/not-bytes-midway", logged: "TypeError: A response body's" },
  ]
) {
  Deno.test(
    `a stream that fails midway is cut off without a last chunk (${path})`,
    inTime(async () => {
      await using server = await startStreams();
      const text = await server.exchange(get(path));
      const [head, body] = text.split("\r\n\r\n", 2);
      assertMatch(head, /\r\nTransfer-Encoding: chunked/);
      assertStringIncludes(body, "the first half");
      assert(text.endsWith("the first half\r\n"), "no last chunk");
      await server.logged(logged);
      assertEquals(server.log.length, 1);
      assertEquals((await ask(server, "/seen")).status, 200);
    }),
  );
}

Deno.test(
  "a stream keeps the length that its app announced, and the connection",
  inTime(async () => {
    await using server = await startStreams();
    using client = await server.connect();
    for (let i = 0; i < 2; i++) {
      const { head, body } = await client.get("/exact");
      assertStringIncludes(head, "\r\nContent-Length: 10\r\n");
      assertNotMatch(head, /transfer-encoding|connection: close/i);
      assertEquals(body, "0123456789");
    }
  }),
);

for (
  const { path, want } of [
    { path: "/too-short", want: "01234" },
    { path: "/too-long", want: "01234567" },
  ]
) {
  Deno.test(
    `a stream of another length than announced is cut off (${path})`,
    inTime(async () => {
      await using server = await startStreams();
      const text = await server.exchange(get(path));
      const [head, body] = text.split("\r\n\r\n", 2);
      assertMatch(head, /\r\nContent-Length: 10/);
      assertEquals(body, want);
      assertStringIncludes(
        await server.logged("length"),
        "differs from its Content-Length",
      );
    }),
  );
}

Deno.test(
  "a stream that answers HEAD is cancelled, and the connection goes on",
  inTime(async () => {
    await using server = await startStreams();
    using client = await server.connect();
    await client.send(get("/pieces").replace("GET", "HEAD"));
    const head = await client.readUntil("\r\n\r\n");
    assertMatch(head, /\r\nTransfer-Encoding: chunked\r\n/);
    await until(async () => (await seen(server)).cancelled === 1);
    assertEquals((await client.get("/exact")).body, "0123456789");
  }),
);

Deno.test({
  name: "a gigabyte arrives whole, and is never in memory",
  // The memory of another process can be told on Linux only.
  ignore: Deno.build.os !== "linux",
  // A second or two where the machine is quiet.
  fn: inTime(async () => {
    await using server = await startChildServer(
      ...["--app", appUrl("streams").pathname],
      ...["--workers", "1"],
    );
    const gigabyte = 2 ** 30;
    const before = residentBytes(server.pid);
    let most = before;
    let count = 0;
    const { body } = await fetch(`${server.url}/numbered?bytes=${gigabyte}`);
    for await (const chunk of body!) {
      // Each byte tells where it belongs.
      for (const at of [0, chunk.length - 1]) {
        assertEquals(chunk[at], numberedByte(count + at));
      }
      const half = count < gigabyte / 2;
      count += chunk.length;
      if (half !== count < gigabyte / 2) most = residentBytes(server.pid);
    }
    assertEquals(count, gigabyte);
    most = Math.max(most, residentBytes(server.pid));
    // The two ends' young generations, and what is between them.
    assert(most - before < 256 * 1024 * 1024, `${most - before} bytes more`);
  }, 60_000),
});
