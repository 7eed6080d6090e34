/**
 * Each limit of sizes and numbers that a connection or the server enforces, with a
 * small value, over real sockets. Those of time are in timeouts_test.ts.
 */

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { splitResponses, statusesOf } from "../fuzz/transcript.ts";
import type { Limits } from "../../lib/limits.ts";
import { appUrl } from "../support/apps.ts";
import { inTime, until } from "../support/in_time.ts";
import { startTestServer, untilEmpty } from "../support/test_server.ts";
import { get, head } from "../support/wire.ts";

const echo = appUrl("echo").href;

function start(limits: Partial<Limits>, app: string | null = null) {
  return startTestServer({
    workers: 1,
    app,
    limits: { sweepMs: 10, ...limits },
  });
}

/** A POST with that field line and content. */
function post(field: string, content = ""): string {
  return head("POST / HTTP/1.1", "Host: a", field) + content;
}

function chunked(content: string): string {
  return post("Transfer-Encoding: chunked", content);
}

/** At the limit it is answered, one more and it is refused. */
const sizes: {
  name: string;
  limits: Partial<Limits>;
  fits: string;
  tooMuch: string;
  status: number;
}[] = [
  {
    name: "maxRequestLineBytes",
    limits: { maxRequestLineBytes: 30 },
    fits: get(`/${"x".repeat(16)}`),
    tooMuch: get(`/${"x".repeat(17)}`),
    status: 414,
  },
  {
    name: "maxHeadBytes",
    limits: { maxHeadBytes: 100 },
    fits: get("/", `X: ${"y".repeat(60)}`),
    tooMuch: get("/", `X: ${"y".repeat(61)}`),
    status: 431,
  },
  {
    name: "maxFields",
    limits: { maxFields: 3 },
    fits: get("/", "X: y", "X: y"),
    tooMuch: get("/", "X: y", "X: y", "X: y"),
    status: 431,
  },
  {
    name: "maxBodyBytes, by Content-Length",
    limits: { maxBodyBytes: 5 },
    fits: post("Content-Length: 5", "hello"),
    tooMuch: post("Content-Length: 6", "hello!"),
    status: 413,
  },
  {
    name: "maxBodyBytes, by chunks",
    limits: { maxBodyBytes: 5 },
    fits: chunked("3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"),
    tooMuch: chunked("3\r\nhel\r\n3\r\nlo!\r\n0\r\n\r\n"),
    status: 413,
  },
  {
    name: "maxChunkLineBytes",
    limits: { maxChunkLineBytes: 5 },
    fits: chunked("0;abc\r\n\r\n"),
    tooMuch: chunked("0;abcd\r\n\r\n"),
    status: 400,
  },
  {
    name: "maxChunkExtensionBytes",
    limits: { maxChunkExtensionBytes: 5 },
    fits: chunked("1;a\r\nx\r\n0;ab\r\n\r\n"),
    tooMuch: chunked("1;a\r\nx\r\n0;abc\r\n\r\n"),
    status: 400,
  },
  {
    name: "maxTrailerBytes",
    limits: { maxTrailerBytes: 8 },
    fits: chunked("0\r\nX: y\r\nX: y\r\n\r\n"),
    tooMuch: chunked("0\r\nX: y\r\nX: yz\r\n\r\n"),
    status: 431,
  },
];

for (const { name, limits, fits, tooMuch, status } of sizes) {
  Deno.test(
    `${name}: what fits is answered, one more is ${status}`,
    inTime(async () => {
      await using server = await start(limits, echo);
      const answers = await server.exchange(fits + tooMuch);
      assertEquals(statusesOf(answers), [200, status]);
      assertEquals(server.log, []);
    }),
  );
}

// Found by the fuzzer: whole, it was refused for the number of its fields.
Deno.test(
  "a head past two limits is refused for the one it came to first, however it is split",
  inTime(async () => {
    await using server = await start({ maxFields: 3, maxHeadBytes: 100 });
    const wire = get("/", "X: y", `X: ${"y".repeat(100)}`, "X: y");
    const whole = splitResponses(await server.exchange(wire));
    using client = await server.connect();
    await client.send(wire.slice(0, 120));
    const before = splitResponses(await client.readAll());
    assertStringIncludes(whole[0].body, "(--limit maxHeadBytes=N)");
    assertEquals(whole[0].body, before[0].body);
  }),
);

Deno.test(
  "maxBodyBytes: 413 comes from Content-Length alone, and Expect is told so",
  inTime(async () => {
    await using server = await start({ maxBodyBytes: 5 }, echo);
    for (const expect of ["", "Expect: 100-continue\r\n"]) {
      const answer = await server.exchange(post(`${expect}Content-Length: 6`));
      assertEquals(
        splitResponses(answer).map(({ status }) => status),
        [413],
      );
      assertStringIncludes(answer, "\r\nConnection: close\r\n");
    }
  }),
);

Deno.test(
  "maxRequestsPerConnection: the last answer says that it is the last",
  inTime(async () => {
    await using server = await start({ maxRequestsPerConnection: 3 });
    const responses = splitResponses(await server.exchange(get().repeat(5)));
    assertEquals(
      responses.map(({ head }) => /^connection: close\r$/im.test(head)),
      [false, false, true],
    );
  }),
);

Deno.test(
  "maxConnections: accepting pauses, those who are in are served, the next one follows",
  inTime(async () => {
    await using server = await start({ maxConnections: 2 });
    using first = await server.connect();
    using second = await server.connect();
    await until(() => server.skein.server.connections === 2);
    // The kernel's backlog takes it.
    using third = await server.connect();
    let served = false;
    const answer = third.get().finally(() => served = true);
    for (let i = 0; i < 50; i++) {
      for (const client of [first, second]) {
        assertStringIncludes((await client.get()).head, "200 OK");
      }
      assertEquals(server.skein.server.connections, 2);
    }
    assert(!served);
    first.conn.close();
    assertStringIncludes((await answer).head, "200 OK");
    assertEquals(server.log, []);
  }),
);

Deno.test(
  "maxConnectionsPerAddress: one too many is 503, and the next one is not",
  inTime(async () => {
    await using server = await start({ maxConnectionsPerAddress: 2 });
    using first = await server.connect();
    using second = await server.connect();
    await until(() => server.skein.server.connections === 2);
    const refused = await server.exchange(get());
    assertStringIncludes(refused, "HTTP/1.1 503 ");
    assertStringIncludes(refused, "\r\nRetry-After: 1\r\n");
    assertStringIncludes(refused, "\r\nConnection: close\r\n");
    assertStringIncludes((await second.get()).head, "200 OK");
    first.conn.close();
    await until(() => server.skein.server.connections === 1);
    using next = await server.connect();
    assertStringIncludes((await next.get()).head, "200 OK");
    assertEquals(server.log, []);
  }),
);

Deno.test(
  "lingerMs: who sends on and on is not listened to for ever",
  inTime(async () => {
    await using server = await start(
      { maxBodyBytes: 1000, lingerMs: 300, lingerStallMs: 60_000 },
      echo,
    );
    using client = await server.connect();
    await client.send(post("Content-Length: 99999999999"));
    const piece = new Uint8Array(64 * 1024);
    await assertRejects(async () => {
      for (;;) await client.conn.write(piece);
    });
    await untilEmpty(server);
    assertEquals(server.log, []);
  }),
);

Deno.test(
  "maxBodyMemoryBytes: a body waits while others hold it all, and is refused when it has waited long enough",
  inTime(async () => {
    await using server = await start({
      ...{ maxBodyMemoryBytes: 1000, queueTimeoutMs: 300, sweepMs: 10 },
    }, echo);
    // The first one holds all; one more may go on, so that they cannot all wait.
    using first = await server.connect();
    using exempt = await server.connect();
    for (const client of [first, exempt]) {
      await client.send(
        post("Content-Length: 2000\r\nExpect: 100-continue"),
      );
      await client.readUntil("100 Continue\r\n\r\n");
      await client.send("x".repeat(1500));
    }
    using second = await server.connect();
    await second.send(`${post("Content-Length: 5")}hello`);
    const { head } = await second.readResponse();
    assertStringIncludes(head, "503 Service Unavailable");
    assertStringIncludes(head, "Retry-After: 1");
    using third = await server.connect();
    await third.send(`${post("Content-Length: 5")}hello`);
    for (const client of [first, exempt]) {
      await client.send("x".repeat(500));
      assertStringIncludes((await client.readResponse()).head, "200 OK");
    }
    // What they held is free again.
    const { body } = await third.readResponse();
    assertStringIncludes(body, "hello");
  }),
);

Deno.test(
  "a body that nobody wants is refused from its head",
  inTime(async () => {
    await using server = await startTestServer();
    using client = await server.connect();
    // It sends none of it, and does not wait for 100 Continue.
    await client.send(post("Content-Length: 9000000"));
    assertStringIncludes(
      await client.readAll(),
      "HTTP/1.1 405 Method Not Allowed",
    );
  }),
);
