/**
 * Each limit and each timeout that a connection or the server enforces, with a
 * small value, over real sockets.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { finalStatuses, splitResponses } from "./fuzz/transcript.ts";
import { until, untilEmpty } from "./fuzz/until.ts";
import type { Limits } from "../lib/limits.ts";
import {
  type RawClient,
  startTestServer,
  type TestServer,
} from "./support/test_server.ts";

const good = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const echoApp = new URL("./fuzz/echo_app.ts", import.meta.url).href;
const bookApp = new URL("./apps/book.ts", import.meta.url).href;

/** Deadlines are looked at often; the answers do not depend on it. */
function start(
  limits: Partial<Limits>,
  options: { app?: string; root?: string } = {},
): Promise<TestServer> {
  return startTestServer({
    workers: 1,
    ...options,
    limits: { sweepMs: 10, ...limits },
  });
}

/** Sends a piece every few milliseconds until the server has answered. */
async function trickle(
  client: RawClient,
  piece: string,
  everyMs = 5,
): Promise<string> {
  let done = false;
  const answer = client.readAll().finally(() => done = true);
  while (!done) {
    // Who is answered already need not be able to send any more.
    await client.send(piece).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  return await answer;
}

function statusesOf(transcript: string): number[] {
  return finalStatuses(splitResponses(transcript));
}

/** Sizes of a head: at the limit it is answered, one more and it is refused. */
const headRows: {
  name: string;
  limits: Partial<Limits>;
  fits: string;
  tooMuch: string;
  status: number;
}[] = [
  {
    name: "maxRequestLineBytes",
    limits: { maxRequestLineBytes: 30 },
    fits: `GET /${"x".repeat(16)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    tooMuch: `GET /${"x".repeat(17)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    status: 414,
  },
  {
    name: "maxHeadBytes",
    limits: { maxHeadBytes: 100 },
    fits: `GET / HTTP/1.1\r\nHost: a\r\nX: ${"y".repeat(68)}\r\n\r\n`,
    tooMuch: `GET / HTTP/1.1\r\nHost: a\r\nX: ${"y".repeat(69)}\r\n\r\n`,
    status: 431,
  },
  {
    name: "maxFields",
    limits: { maxFields: 3 },
    fits: "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\nX: y\r\n\r\n",
    tooMuch: "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\nX: y\r\nX: y\r\n\r\n",
    status: 431,
  },
  {
    name: "maxBodyBytes, by Content-Length",
    limits: { maxBodyBytes: 5 },
    fits: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    tooMuch: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nhello!",
    status: 413,
  },
  {
    name: "maxBodyBytes, by chunks",
    limits: { maxBodyBytes: 5 },
    fits:
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
    tooMuch:
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n3\r\nlo!\r\n0\r\n\r\n",
    status: 413,
  },
  {
    name: "maxChunkLineBytes",
    limits: { maxChunkLineBytes: 5 },
    fits:
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0;abc\r\n\r\n",
    tooMuch:
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0;abcd\r\n\r\n",
    status: 400,
  },
  {
    name: "maxChunkExtensionBytes",
    limits: { maxChunkExtensionBytes: 5 },
    fits:
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a\r\nx\r\n0;ab\r\n\r\n",
    tooMuch:
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a\r\nx\r\n0;abc\r\n\r\n",
    status: 400,
  },
  {
    name: "maxTrailerBytes",
    limits: { maxTrailerBytes: 8 },
    fits:
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\nX: y\r\n\r\n",
    tooMuch:
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\nX: yz\r\n\r\n",
    status: 431,
  },
];

for (const { name, limits, fits, tooMuch, status } of headRows) {
  Deno.test(`${name}: what fits is answered, one more is ${status}`, async () => {
    await using server = await start(limits, { app: echoApp });
    assertEquals(statusesOf(await server.exchange(fits + tooMuch)), [
      200,
      status,
    ]);
    assertEquals(server.log, []);
  });
}

// Found by the fuzzer: whole, it was refused for the number of its fields.
Deno.test("a head past two limits is refused for the one it came to first, however it is split", async () => {
  await using server = await start({ maxFields: 3, maxHeadBytes: 100 });
  const wire = `GET / HTTP/1.1\r\nHost: a\r\nX: y\r\nX: ${
    "y".repeat(100)
  }\r\nX: y\r\n\r\n`;
  const whole = splitResponses(await server.exchange(wire));
  using client = await server.connect();
  await client.send(wire.slice(0, 120));
  const before = splitResponses(await client.readAll());
  assertStringIncludes(whole[0].body, "The head is too long.");
  assertEquals(whole[0].body, before[0].body);
});

Deno.test("maxBodyBytes: 413 comes from Content-Length alone, and Expect is told so", async () => {
  await using server = await start({ maxBodyBytes: 5 }, { app: echoApp });
  for (const expect of ["", "Expect: 100-continue\r\n"]) {
    const answer = await server.exchange(
      `POST / HTTP/1.1\r\nHost: a\r\n${expect}Content-Length: 6\r\n\r\n`,
    );
    assertEquals(
      splitResponses(answer).map(({ status }) => status),
      [413],
    );
    assertStringIncludes(answer, "\r\nConnection: close\r\n");
  }
});

Deno.test("headTimeoutMs: a byte now and then does not keep a head alive (slowloris)", async () => {
  await using server = await start({ headTimeoutMs: 100 });
  using client = await server.connect();
  await client.send("GET / HTTP/1.1\r\nHost: a\r\nX: ");
  assertEquals(statusesOf(await trickle(client, "y")), [408]);
  client.conn.close();
  await untilEmpty(server);
  assertEquals(server.log, []);
});

Deno.test("headTimeoutMs: who connects and says nothing is let go without a word", async () => {
  await using server = await start({
    headTimeoutMs: 100,
    idleTimeoutMs: 60_000,
  });
  assertEquals(await server.exchange(""), "");
});

Deno.test("headTimeoutMs counts from the first byte of each head", async () => {
  await using server = await start({
    headTimeoutMs: 300,
    idleTimeoutMs: 60_000,
  });
  using client = await server.connect();
  const begun = performance.now();
  while (performance.now() - begun < 700) {
    await client.send(good);
    assertStringIncludes((await client.readResponse()).head, "200 OK");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await client.send("G");
  assertEquals(statusesOf(await client.readAll()), [408]);
});

Deno.test("idleTimeoutMs: a connection between two requests ends without a word", async () => {
  await using server = await start({
    headTimeoutMs: 60_000,
    idleTimeoutMs: 100,
  });
  using client = await server.connect();
  await client.send(good);
  assertStringIncludes((await client.readResponse()).head, "200 OK");
  assertEquals(await client.readAll(), "");
  assertEquals(server.log, []);
});

const bodyRows = [
  { name: "by its length", fields: "Content-Length: 100000", piece: "x" },
  {
    name: "in chunks",
    fields: "Transfer-Encoding: chunked",
    piece: "1\r\nx\r\n",
  },
];
for (const { name, fields, piece } of bodyRows) {
  Deno.test(`minBodyBytesPerSecond: content ${name} that drips is 408 after the grace`, async () => {
    await using server = await start(
      { bodyGraceMs: 100, minBodyBytesPerSecond: 1_000_000 },
      { app: echoApp },
    );
    using client = await server.connect();
    await client.send(`POST / HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`);
    assertEquals(statusesOf(await trickle(client, piece)), [408]);
    assertEquals(server.log, []);
  });
}

Deno.test("minBodyBytesPerSecond: content that keeps the rate may take longer than the grace", async () => {
  await using server = await start(
    { bodyGraceMs: 300, minBodyBytesPerSecond: 10 },
    { app: echoApp },
  );
  using client = await server.connect();
  await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60\r\n\r\n");
  for (let i = 0; i < 60; i++) {
    await client.send("x");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assertStringIncludes((await client.readResponse()).head, "200 OK");
});

Deno.test("handlerTimeoutMs: a handler that waits too long is 504, and the worker serves on", async () => {
  await using server = await start({ handlerTimeoutMs: 100 }, { app: bookApp });
  using client = await server.connect();
  await client.send("GET /sleep?ms=60000 HTTP/1.1\r\nHost: a\r\n\r\n");
  assertStringIncludes((await client.readResponse()).head, "504 ");
  await client.send(good);
  assertStringIncludes((await client.readResponse()).head, "200 OK");
  assertEquals(server.skein.pool.ready, 1);
});

Deno.test("handlerTimeoutMs: a handler that computes too long is 504", async () => {
  await using server = await start({ handlerTimeoutMs: 100 }, { app: bookApp });
  using client = await server.connect();
  await client.send("GET /spin?ms=60000 HTTP/1.1\r\nHost: a\r\n\r\n");
  assertStringIncludes((await client.readResponse()).head, "504 ");
  await server.logged("a handler had to be stopped");
  await until("a worker", () => server.skein.pool.ready === 1);
});

/** Open descriptors of this process that lead there. */
function descriptorsOf(path: string): number {
  let count = 0;
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    try {
      if (Deno.readLinkSync(`/proc/self/fd/${name}`) === path) count++;
    } catch {
      // It was the one that reads this directory.
    }
  }
  return count;
}

Deno.test({
  name:
    "writeStallMs: a client that never reads is cut off, and its file closed",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const root = await Deno.realPath(await Deno.makeTempDir());
    try {
      // More than both sockets' buffers hold.
      const file = `${root}/large.bin`;
      await Deno.writeFile(file, new Uint8Array(32 * 1024 * 1024));
      await using server = await start({ writeStallMs: 200 }, { root });
      using client = await server.connect();
      await client.send("GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n");
      await until("an open file", () => descriptorsOf(file) === 1);
      await untilEmpty(server);
      await until("a closed file", () => descriptorsOf(file) === 0);
      assert((await client.readAll()).length < 32 * 1024 * 1024);
      assertEquals(server.log, []);
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  },
});

Deno.test("writeStallMs: a client that reads slowly gets all of a large answer", async () => {
  const root = await Deno.makeTempDir();
  try {
    const size = 32 * 1024 * 1024;
    await Deno.writeFile(`${root}/large.bin`, new Uint8Array(size));
    await using server = await start({ writeStallMs: 1000 }, { root });
    using client = await server.connect();
    await client.send(
      "GET /large.bin HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    );
    const head = (await client.readUntil("\r\n\r\n")).length;
    assert(head < 1000);
    const buffer = new Uint8Array(1024 * 1024);
    let received = 0;
    for (let pauses = 0;;) {
      const count = await client.conn.read(buffer);
      if (count === null) break;
      received += count;
      if (received / size * 20 > pauses) {
        pauses++;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    // What came with the head is in the client's own buffer.
    received += (await client.readAll()).length;
    assertEquals(received, size);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("maxRequestsPerConnection: the last answer says that it is the last", async () => {
  await using server = await start({ maxRequestsPerConnection: 3 });
  const responses = splitResponses(await server.exchange(good.repeat(5)));
  assertEquals(
    responses.map(({ head }) => /^connection: close\r$/im.test(head)),
    [false, false, true],
  );
});

Deno.test("maxConnections: accepting pauses, those who are in are served, the next one follows", async () => {
  await using server = await start({ maxConnections: 2 });
  using first = await server.connect();
  using second = await server.connect();
  await until("both are in", () => server.skein.server.connections === 2);
  // The kernel's backlog takes it.
  using third = await server.connect();
  await third.send(good);
  let served = false;
  const answer = third.readResponse().finally(() => served = true);
  for (let i = 0; i < 50; i++) {
    for (const client of [first, second]) {
      await client.send(good);
      assertStringIncludes((await client.readResponse()).head, "200 OK");
    }
    assertEquals(server.skein.server.connections, 2);
  }
  assert(!served);
  first.conn.close();
  assertStringIncludes((await answer).head, "200 OK");
  assertEquals(server.log, []);
});

Deno.test("maxConnectionsPerAddress: one too many is 503, and the next one is not", async () => {
  await using server = await start({ maxConnectionsPerAddress: 2 });
  using first = await server.connect();
  using second = await server.connect();
  await until("both are in", () => server.skein.server.connections === 2);
  const refused = await server.exchange(good);
  assertStringIncludes(refused, "HTTP/1.1 503 ");
  assertStringIncludes(refused, "\r\nRetry-After: 1\r\n");
  assertStringIncludes(refused, "\r\nConnection: close\r\n");
  await second.send(good);
  assertStringIncludes((await second.readResponse()).head, "200 OK");
  first.conn.close();
  await until("one is in", () => server.skein.server.connections === 1);
  using next = await server.connect();
  await next.send(good);
  assertStringIncludes((await next.readResponse()).head, "200 OK");
  assertEquals(server.log, []);
});

Deno.test("lingering: a client that sends all of a large body first gets to read its 413", async () => {
  await using server = await start({ maxBodyBytes: 1000 }, { app: echoApp });
  using client = await server.connect();
  const size = 8 * 1024 * 1024;
  await client.send(
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`,
  );
  // It would fail where the server had closed over it.
  for (let sent = 0; sent < size; sent += 64 * 1024) {
    await client.send("x".repeat(64 * 1024));
  }
  assertEquals(statusesOf(await client.readAll()), [413]);
});

Deno.test("maxLingerBytes: who sends on and on is not listened to for ever", async () => {
  await using server = await start({
    maxBodyBytes: 1000,
    maxLingerBytes: 1024 * 1024,
    lingerMs: 60_000,
  }, { app: echoApp });
  using client = await server.connect();
  await client.send(
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n",
  );
  const piece = "x".repeat(64 * 1024);
  await (async () => {
    for (;;) await client.send(piece);
  })().catch(() => {});
  await untilEmpty(server);
  assertEquals(server.log, []);
});

Deno.test("lingerMs: who neither leaves nor sends is let go", async () => {
  await using server = await start({ lingerMs: 100 });
  using client = await server.connect();
  await client.send("nonsense\r\n\r\n");
  assertEquals(statusesOf(await client.readAll()), [400]);
  await untilEmpty(server);
  assertEquals(server.log, []);
});
