/**
 * One event for each request that is over: what an access log and metrics are made of.
 */

import { assert, assertEquals } from "@std/assert";
import type { RequestEvent } from "../../lib/http/exchange.ts";
import { appUrl } from "../support/apps.ts";
import { inTime, until } from "../support/in_time.ts";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { head } from "../support/wire.ts";

/** A server, and the events of it. */
async function start(
  app: string | null,
  limits = {},
): Promise<{ server: TestServer; events: RequestEvent[] }> {
  const events: RequestEvent[] = [];
  const server = await startTestServer({
    app,
    limits,
    onRequest: (event) => events.push(event),
  });
  return { server, events };
}

/** What a log would say of an event. */
function lineOf(
  { head, status, complete, worker, refusal }: RequestEvent,
): string {
  const request = head === null ? "-" : `${head.method} ${head.target}`;
  const by = worker === null ? "" : " by a worker";
  return `${request} ${status} ${complete ? "whole" : "cut"}${by}${
    refusal === null ? "" : `: ${refusal}`
  }`;
}

const rows: {
  name: string;
  send: string;
  want: string[];
  limits?: Record<string, number>;
}[] = [
  {
    name: "two requests of one connection",
    send: head("GET / HTTP/1.1", "Host: h") +
      head("HEAD /none?q HTTP/1.1", "Host: h", "Connection: close"),
    want: ["GET / 200 whole by a worker", "HEAD /none?q 404 whole by a worker"],
  },
  {
    name: "a head that is not understood",
    send: "nonsense\r\n\r\n",
    want: [
      "- 400 whole: The request line is not a method, a target and a version.",
    ],
  },
  {
    name: "a client that speaks TLS",
    send: "\x16\x03\x01\x02\x00\x01",
    want: ["- 400 whole: This port expects plain HTTP, not TLS."],
  },
  {
    name: "a request line that is too long",
    send: head(`GET /${"a".repeat(100)} HTTP/1.1`, "Host: h"),
    want: [
      "- 414 whole: The request line may have at most 64 bytes (--limit maxRequestLineBytes=N).",
    ],
    limits: { maxRequestLineBytes: 64 },
  },
  {
    name: "a body that is too large",
    send: head("POST / HTTP/1.1", "Host: h", "Content-Length: 100"),
    want: [
      "POST / 413 whole: The body may have at most 10 bytes (--limit maxBodyBytes=N).",
    ],
    limits: { maxBodyBytes: 10 },
  },
  {
    name: "a head that does not end",
    send: "GET / HTTP/1.1\r\n",
    want: ["- 408 whole: The request took too long to arrive."],
    limits: { headTimeoutMs: 50, sweepMs: 10 },
  },
  {
    name: "one connection too many of an address",
    send: head("GET / HTTP/1.1", "Host: h"),
    want: [
      "- 503 whole: There are too many connections from this address. Try again in 1 second.",
    ],
    limits: { maxConnectionsPerAddress: 0 },
  },
];

for (const { name, send, want, limits } of rows) {
  Deno.test(
    `the server tells of ${name}`,
    inTime(async () => {
      const { server, events } = await start(null, limits);
      await using _ = server;
      const before = performance.now();
      const received = await server.exchange(send);
      await until(() => events.length === want.length);
      assertEquals(events.map(lineOf), want);
      const bytes = events.reduce((sum, event) => sum + event.bytesSent, 0);
      assertEquals(bytes, received.length);
      for (const { receivedAt, endedAt, peer } of events) {
        assert(before <= receivedAt && receivedAt <= endedAt);
        assert(endedAt <= performance.now());
        assert(/^127\.0\.0\.1 \d+$/.test(peer), peer);
      }
    }),
  );
}

for (
  const { name, body, want } of [
    { name: "a length", body: "Content-Length: 5\r\n\r\nabcde", want: 5 },
    {
      name: "chunks",
      body: "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\n\r\n",
      want: 3,
    },
    { name: "no body", body: "\r\n", want: 0 },
  ]
) {
  Deno.test(
    `the server tells how much of a body it has read: ${name}`,
    inTime(async () => {
      const { server, events } = await start(appUrl("echo").href);
      await using _ = server;
      using client = await server.connect();
      await client.send(`POST / HTTP/1.1\r\nHost: h\r\n${body}`);
      await until(() => events.length === 1);
      assertEquals(events[0].bodyBytesReceived, want);
    }),
  );
}

Deno.test(
  "the server tells of a client that left before it had a response, as 499",
  inTime(async () => {
    const { server, events } = await start(appUrl("dying").href, {
      watchAfterMs: 10,
      sweepMs: 10,
      handlerTimeoutMs: 500,
    });
    await using _ = server;
    const client = await server.connect();
    await client.send(
      head("POST /never HTTP/1.1", "Host: h", "Content-Length: 5"),
    );
    await until(() => server.skein.server.connections === 1);
    client.conn.close();
    await until(() => events.length === 1);
    assertEquals(events.map(lineOf), ["POST /never 499 cut"]);
    assertEquals(events[0].bytesSent, 0);
  }),
);

Deno.test(
  "the server tells of a stream that was cut off",
  inTime(async () => {
    const { server, events } = await start(appUrl("streams").href);
    await using _ = server;
    const received = await server.exchange(
      head("GET /fails-midway HTTP/1.1", "Host: h"),
    );
    await until(() => events.length === 1);
    assertEquals(events.map(lineOf), ["GET /fails-midway 200 cut by a worker"]);
    assertEquals(events[0].bytesSent, received.length);
  }),
);
