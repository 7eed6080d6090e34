/**
 * Request bodies that are streamed to an app: read whole however they come, no
 * faster than the handler reads, and what becomes of those that are answered early,
 * that are broken, or whose client or worker is gone.
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertStringIncludes,
} from "@std/assert";
import type { Limits } from "../lib/limits.ts";
import { splitResponses, statusesOf } from "./fuzz/transcript.ts";
import { appUrl } from "./support/apps.ts";
import { startChildServer } from "./support/child_server.ts";
import { ask, type Reachable } from "./support/clients.ts";
import { halted, inTime, until } from "./support/in_time.ts";
import {
  type RawClient,
  startTestServer,
  type TestServer,
} from "./support/test_server.ts";

const app = appUrl("uploads");

/** A server where a body of more than 100 bytes is streamed, 16 bytes a piece. */
function start(
  limits: Partial<Limits> = {},
  maxStreamedBodyBytes = 100_000_000,
): Promise<TestServer> {
  return startTestServer({
    app: app.href,
    // So that one request can tell of another.
    workers: 1,
    maxStreamedBodyBytes,
    limits: {
      sweepMs: 20,
      watchAfterMs: 20,
      maxWholeBodyBytes: 100,
      streamWindowBytes: 64,
      ...limits,
    },
  });
}

interface Seen {
  readonly begun: number;
  readonly bytes: number;
  readonly errors: readonly string[];
  readonly aborted: number;
  readonly completed: number;
  readonly cut: number;
}

async function seen(server: Reachable): Promise<Seen> {
  return JSON.parse((await ask(server, "/seen")).body);
}

function put(path: string, ...fields: string[]): string {
  return [`PUT ${path} HTTP/1.1`, "Host: localhost", ...fields, "", ""]
    .join("\r\n");
}

const length = (bytes: number) => `Content-Length: ${bytes}`;
const chunked = "Transfer-Encoding: chunked";

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

/** Chunks of so many bytes, and the end. */
function inChunks(text: string, size: number): string {
  let coded = "";
  for (let at = 0; at < text.length; at += size) {
    coded += chunk(text.slice(at, at + size));
  }
  return `${coded}0\r\n\r\n`;
}

const content = Array.from({ length: 300 }, (_, i) => `${i} `).join("");

// --- read whole ---

const framings: Record<string, string> = {
  "of known length": `${length(content.length)}\r\n\r\n${content}`,
  "in one chunk": `${chunked}\r\n\r\n${inChunks(content, content.length)}`,
  "in small chunks": `${chunked}\r\n\r\n${inChunks(content, 7)}`,
  "with a trailer": `${chunked}\r\n\r\n${
    inChunks(content, 500).replace(/\r\n$/, "X: y\r\n\r\n")
  }`,
};

/** The bytes in one send, in many, and one by one. */
const sends: Record<
  string,
  (client: RawClient, text: string) => Promise<void>
> = {
  "at once": (client, text) => client.send(text),
  "in pieces": (client, text) => inPieces(client, text, 61),
  "byte by byte": (client, text) => inPieces(client, text, 1),
};

async function inPieces(
  client: RawClient,
  text: string,
  size: number,
): Promise<void> {
  for (let at = 0; at < text.length; at += size) {
    await client.send(text.slice(at, at + size));
  }
}

const readers: Record<string, string> = {
  "/text": content,
  "/count": `${content.length}`,
  "/by-your-own-buffer": `${content.length}`,
  "/copy": `true ${content.length}`,
};

for (const [framing, rest] of Object.entries(framings)) {
  for (const [delivery, send] of Object.entries(sends)) {
    Deno.test(
      `an upload ${framing} that is sent ${delivery} is read whole, and the next request is the next`,
      inTime(async () => {
        await using server = await start();
        using client = await server.connect();
        client.conn.setNoDelay(true);
        for (const [path, want] of Object.entries(readers)) {
          await send(
            client,
            `PUT ${path} HTTP/1.1\r\nHost: localhost\r\n${rest}`,
          );
          const { head, body } = await client.readResponse();
          assertMatch(head, /^HTTP\/1\.1 200 /);
          assertNotMatch(head, /\r\nConnection:/);
          assertEquals(body, want);
        }
        assertEquals(server.log, []);
      }),
    );
  }
}

Deno.test(
  "an answer that is made of an upload goes out while that comes in",
  inTime(async () => {
    await using server = await start();
    using client = await server.connect();
    await client.send(put("/echo", chunked) + chunk("a".repeat(150)));
    await client.readUntil("aaaa");
    await client.send(`${chunk("b".repeat(150))}0\r\n\r\n`);
    await client.readUntil("bbbb");
    await client.readUntil("\r\n0\r\n\r\n");
    await client.send(put("/text", length(3)) + "abc");
    assertEquals((await client.readResponse()).body, "abc");
  }),
);

const sizeRows: { bytes: number; pieces: string }[] = [
  { bytes: 1, pieces: "1" },
  { bytes: 100, pieces: "1" },
  { bytes: 101, pieces: "7" },
];

Deno.test(
  "small bodies come whole, where large ones are streamed",
  inTime(async () => {
    await using server = await start();
    using client = await server.connect();
    for (const { bytes, pieces } of sizeRows) {
      await client.send(put("/pieces", length(bytes)) + "x".repeat(bytes));
      assertEquals((await client.readResponse()).body, pieces, `${bytes}`);
    }
    // What has come when it turns out to be large is the first piece.
    await client.send(put("/pieces", chunked) + inChunks("x".repeat(100), 30));
    assertEquals((await client.readResponse()).body, "1");
    await client.send(put("/pieces", chunked) + inChunks("x".repeat(160), 80));
    assertEquals((await client.readResponse()).body, "1");
  }),
);

// --- the word to go on (RFC 9110 section 10.1.1) ---

for (const framing of [length(200), chunked]) {
  const text = "x".repeat(200);
  const coded = framing === chunked ? inChunks(text, 200) : text;
  const fields = [framing, "Expect: 100-continue"];

  for (const path of ["/text", "/echo"]) {
    Deno.test(
      `a client that waits (${framing}) is told to go on when ${path} reads`,
      inTime(async () => {
        await using server = await start();
        using client = await server.connect();
        await client.send(put(path, ...fields));
        const word = await client.readUntil("\r\n\r\n");
        assertEquals(word, "HTTP/1.1 100 Continue\r\n\r\n");
        await client.send(coded);
        assertStringIncludes(await client.readUntil("\r\n\r\n"), " 200 OK");
        const end = path === "/echo" ? "\r\n0\r\n\r\n" : text;
        await client.readUntil(end);
      }),
    );
  }

  Deno.test(
    `a client that waits (${framing}) is not told to go on where nobody reads, nor taken for one that has`,
    inTime(async () => {
      await using server = await start();
      using client = await server.connect();
      await client.send(put("/refuse", ...fields) + put("/seen"));
      const [answer, ...more] = splitResponses(await client.readAll());
      assertEquals(answer.status, 413);
      assertMatch(answer.head, /\r\nConnection: close\r\n/);
      assertEquals(more, []);
    }),
  );

  Deno.test(
    `a client that does not wait (${framing}), though it says so, is told nothing`,
    inTime(async () => {
      await using server = await start();
      using client = await server.connect();
      await client.send(put("/hold", ...fields) + coded);
      await until(async () => (await seen(server)).begun === 1);
      await ask(server, "/go");
      assertMatch((await client.readResponse()).head, /^HTTP\/1\.1 200 /);
    }),
  );
}

// --- answers before the end ---

/** What is answered when so much of an upload is there, the rest comes later and a
 * further request behind it; the rest must not be taken for requests. */
const earlyRows: { name: string; path: string; want: number; log?: RegExp }[] =
  [
    { name: "does not read", path: "/refuse", want: 413 },
    { name: "reads a piece", path: "/first-piece", want: 422 },
    { name: "cancels the rest", path: "/cancel", want: 200 },
    {
      name: "answers with a stream and stops",
      path: "/stream-and-stop",
      want: 200,
    },
    {
      name: "throws",
      path: "/throw",
      want: 500,
      log: /thrown within the content/,
    },
  ];

for (const { name, path, want, log } of earlyRows) {
  for (const framing of [length(100_000), chunked]) {
    Deno.test(
      `an upload (${framing}) is answered at once by a handler that ${name}, and the connection ends`,
      inTime(async () => {
        await using server = await start();
        using client = await server.connect();
        const request = put("/seen");
        const text = request.padEnd(100_000, request);
        const coded = framing === chunked ? inChunks(text, 9_000) : text;
        await client.send(put(path, framing) + coded.slice(0, 1000));
        const head = await client.readUntil("\r\n\r\n");
        assertStringIncludes(head, `HTTP/1.1 ${want} `);
        // What is still sent is read over, so that the answer is not lost.
        await client.send(coded.slice(1000) + request);
        const rest = await client.readAll();
        assertEquals(statusesOf(head + rest), [want]);
        if (log === undefined) assertEquals(server.log, []);
        else assertMatch(server.log.join(), log);
      }),
    );
  }
}

// --- content that never comes whole ---

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

// --- info.completed ---

const completedRows: { name: string; request: string; read: string }[] = [
  { name: "an answer in memory", request: put("/completed?10"), read: "xxx" },
  {
    name: "an answer too long for one write",
    request: put("/completed?5000000"),
    read: "x".repeat(5_000_000),
  },
  {
    name: "an answer to HEAD",
    request: put("/completed?10").replace("PUT", "HEAD"),
    read: "\r\n\r\n",
  },
  {
    name: "an answer that nobody asked about before it was given",
    request: put("/completed-late"),
    read: "soon",
  },
];

for (const { name, request, read } of completedRows) {
  Deno.test(
    `info.completed resolves for ${name}`,
    inTime(async () => {
      await using server = await start();
      using client = await server.connect();
      await client.send(request);
      await client.readUntil(read);
      await until(async () => (await seen(server)).completed === 1);
      assertEquals((await seen(server)).cut, 0);
    }),
  );
}

Deno.test(
  "info.completed is pending while the client takes its answer, and rejects when it leaves",
  inTime(async () => {
    await using server = await start();
    const client = await server.connect();
    await client.send(put("/completed?64000000"));
    await client.readUntil("xxx");
    // More than the kernel's buffers hold, so the rest waits here.
    assertEquals((await seen(server)).completed, 0);
    client.conn.close();
    await until(async () => (await seen(server)).cut === 1);
    assertEquals((await seen(server)).completed, 0);
  }),
);

Deno.test(
  "info.completed tells of a stream, also where it is looked at while that is sent",
  inTime(async () => {
    await using server = await start();
    using client = await server.connect();
    await client.send(put("/completed-stream"));
    await client.readUntil("\r\n\r\n");
    assertEquals((await seen(server)).completed, 0);
    await ask(server, "/go");
    await client.readUntil("0\r\n\r\n");
    await until(async () => (await seen(server)).completed === 1);
    const leaver = await server.connect();
    await leaver.send(put("/completed-stream"));
    await leaver.readUntil("\r\n\r\n");
    leaver.conn.close();
    await until(async () => (await seen(server)).cut === 1);
  }),
);
