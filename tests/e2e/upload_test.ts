/**
 * Request bodies that are streamed to an app: read whole however they come, the word to go
 * on, and answers before the end. What becomes of those that never come whole is in
 * upload_ends_test.ts.
 */

import {
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertStringIncludes,
} from "@std/assert";
import { splitResponses, statusesOf } from "../fuzz/transcript.ts";
import { ask } from "../support/clients.ts";
import { inTime, until } from "../support/in_time.ts";
import type { RawClient } from "../support/test_server.ts";
import {
  chunked,
  content,
  length,
  put,
  seen,
  start,
} from "../support/uploads.ts";
import { chunk, inChunks } from "../support/chunks.ts";

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

Deno.test(
  "an upload is read whole, and the next request is the next",
  inTime(async (t) => {
    await using server = await start();
    for (const [framing, rest] of Object.entries(framings)) {
      for (const [delivery, send] of Object.entries(sends)) {
        await t.step(`${framing} that is sent ${delivery}`, async () => {
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
          assertEquals(server.log.splice(0), []);
        });
      }
    }
  }, 60_000),
);

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
    // Whatever has come with the head is one piece.
    await client.send(put("/pieces", chunked) + inChunks("x".repeat(160), 80));
    assertEquals((await client.readResponse()).body, "1");
  }),
);

Deno.test(
  "a small body of unknown length is handed on as it comes",
  inTime(async () => {
    await using server = await start();
    using client = await server.connect();
    await client.send(put("/echo", chunked) + chunk("first"));
    await client.readUntil("first");
    await client.send(chunk("second"));
    await client.readUntil("second");
    await client.send("0\r\n\r\n");
    await client.readUntil("\r\n0\r\n\r\n");
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
