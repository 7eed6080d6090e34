/**
 * Each timeout that a connection or the server enforces, with a small value, over
 * real sockets: who stalls, drips or lingers is let go, who does not is not. What has
 * nothing to do with it has an hour.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { statusesOf } from "../fuzz/transcript.ts";
import type { Limits } from "../../lib/limits.ts";
import { appUrl } from "../support/apps.ts";
import { inTime, pause, until } from "../support/in_time.ts";
import { closed, opened, openFilesAreKnown } from "../support/open_files.ts";
import { serveTree } from "../support/served_tree.ts";
import {
  type RawClient,
  startTestServer,
  untilEmpty,
} from "../support/test_server.ts";
import { get, head } from "../support/wire.ts";

const echo = appUrl("echo").href;
const slow = appUrl("slow").href;
const hourMs = 3_600_000;
const MiB = 1024 * 1024;

/** Deadlines are looked at often; the answers do not depend on it. */
function start(limits: Partial<Limits>, app: string | null = null) {
  return startTestServer({
    workers: 1,
    app,
    limits: { sweepMs: 10, ...limits },
  });
}

/** Sends a piece every few milliseconds until the server has answered. */
async function trickle(client: RawClient, piece: string): Promise<string> {
  let done = false;
  const answer = client.readAll().finally(() => done = true);
  while (!done) {
    // Who is answered already need not be able to send any more.
    await client.send(piece).catch(() => {});
    await pause(5);
  }
  return await answer;
}

Deno.test(
  "headTimeoutMs: a byte now and then does not keep a head alive (slowloris)",
  inTime(async () => {
    await using server = await start({ headTimeoutMs: 100 });
    using client = await server.connect();
    await client.send("GET / HTTP/1.1\r\nHost: a\r\nX: ");
    assertEquals(statusesOf(await trickle(client, "y")), [408]);
    client.conn.close();
    await untilEmpty(server);
    assertEquals(server.log, []);
  }),
);

Deno.test(
  "headTimeoutMs: who connects and says nothing is let go without a word",
  inTime(async () => {
    await using server = await start({
      headTimeoutMs: 100,
      idleTimeoutMs: hourMs,
    });
    assertEquals(await server.exchange(""), "");
  }),
);

Deno.test(
  "headTimeoutMs counts from the first byte of each head",
  inTime(async () => {
    await using server = await start({
      headTimeoutMs: 300,
      idleTimeoutMs: hourMs,
    });
    using client = await server.connect();
    const begun = performance.now();
    while (performance.now() - begun < 700) {
      assertStringIncludes((await client.get()).head, "200 OK");
      await pause(20);
    }
    await client.send("G");
    assertEquals(statusesOf(await client.readAll()), [408]);
  }),
);

Deno.test(
  "idleTimeoutMs: a connection between two requests ends without a word",
  inTime(async () => {
    await using server = await start({
      headTimeoutMs: hourMs,
      idleTimeoutMs: 100,
    });
    using client = await server.connect();
    assertStringIncludes((await client.get()).head, "200 OK");
    assertEquals(await client.readAll(), "");
    assertEquals(server.log, []);
  }),
);

for (
  const { name, field, piece } of [
    { name: "by its length", field: "Content-Length: 100000", piece: "x" },
    {
      name: "in chunks",
      field: "Transfer-Encoding: chunked",
      piece: "1\r\nx\r\n",
    },
  ]
) {
  Deno.test(
    `minBodyBytesPerSecond: content ${name} that drips is 408 after the grace`,
    inTime(async () => {
      await using server = await start(
        { bodyGraceMs: 100, minBodyBytesPerSecond: 1_000_000 },
        echo,
      );
      using client = await server.connect();
      await client.send(head("POST / HTTP/1.1", "Host: a", field));
      assertEquals(statusesOf(await trickle(client, piece)), [408]);
      assertEquals(server.log, []);
    }),
  );
}

Deno.test(
  "minBodyBytesPerSecond: content that keeps the rate may take longer than the grace",
  inTime(async () => {
    await using server = await start(
      { bodyGraceMs: 300, minBodyBytesPerSecond: 10 },
      echo,
    );
    using client = await server.connect();
    await client.send(
      head("POST / HTTP/1.1", "Host: a", "Content-Length: 60"),
    );
    for (let i = 0; i < 60; i++) {
      await client.send("x");
      await pause(10);
    }
    assertStringIncludes((await client.readResponse()).head, "200 OK");
  }),
);

Deno.test(
  "handlerTimeoutMs: a handler that waits too long is 504, and the worker serves on",
  inTime(async () => {
    // On a busy machine the first file takes a worker some 100 ms.
    await using server = await start({ handlerTimeoutMs: 1500 }, slow);
    using client = await server.connect();
    assertStringIncludes((await client.get("/sleep?ms=60000")).head, "504 ");
    assertStringIncludes((await client.get()).head, "200 OK");
    assertEquals(server.skein.pool.ready, 1);
  }),
);

Deno.test(
  "handlerTimeoutMs: a handler that computes too long is 504",
  inTime(async () => {
    await using server = await start({ handlerTimeoutMs: 100 }, slow);
    using client = await server.connect();
    assertStringIncludes((await client.get("/spin?ms=60000")).head, "504 ");
    await server.logged("a handler had to be stopped");
    await until(() => server.skein.pool.ready === 1);
  }),
);

/** More than both sockets' buffers hold. */
const large = { "www/large.bin": new Uint8Array(32 * MiB) };

function serveLarge(writeStallMs: number) {
  return serveTree(large, {
    workers: 1,
    limits: { sweepMs: 10, writeStallMs },
  });
}

Deno.test({
  name:
    "writeStallMs: a client that never reads is cut off, and its file closed",
  ignore: !openFilesAreKnown,
  fn: inTime(async () => {
    await using site = await serveLarge(200);
    const file = site.tree.path("www/large.bin");
    using client = await site.server.connect();
    await client.send(get("/large.bin"));
    await opened(file);
    await untilEmpty(site.server);
    await closed(file);
    assert(await client.countRest() < 32 * MiB);
    assertEquals(site.server.log, []);
  }),
});

Deno.test(
  "writeStallMs: a client that reads slowly gets all of a large answer",
  inTime(async () => {
    await using site = await serveLarge(1000);
    using client = await site.server.connect();
    await client.send(get("/large.bin", "Connection: close"));
    const { length } = await client.readUntil("\r\n\r\n");
    assert(length < 1000, "it is a head");
    // Longer than it may stall, all in all.
    for (let pauses = 0; pauses < 20; pauses++) {
      await client.skip(MiB);
      await pause(100);
    }
    const rest = await client.countRest();
    assertEquals(20 * MiB + rest, 32 * MiB);
  }),
);

Deno.test(
  "lingering: a client that sends all of a large body first gets to read its 413",
  inTime(async () => {
    await using server = await start({ maxBodyBytes: 1000 }, echo);
    using client = await server.connect();
    const size = 8 * MiB;
    await client.send(
      head("POST / HTTP/1.1", "Host: a", `Content-Length: ${size}`),
    );
    // It would fail where the server had closed over it.
    for (let sent = 0; sent < size; sent += 64 * 1024) {
      await client.send("x".repeat(64 * 1024));
    }
    assertEquals(statusesOf(await client.readAll()), [413]);
  }),
);

Deno.test(
  "lingerStallMs: who neither leaves nor sends is let go",
  inTime(async () => {
    await using server = await start({ lingerStallMs: 100 });
    using client = await server.connect();
    await client.send("nonsense\r\n\r\n");
    assertEquals(statusesOf(await client.readAll()), [400]);
    await untilEmpty(server);
    assertEquals(server.log, []);
  }),
);
