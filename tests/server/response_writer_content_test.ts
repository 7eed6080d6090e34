/**
 * The content of replies from sources: piece by piece, no more than was announced, and
 * cancelled whatever becomes of it.
 */

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { BodySource } from "../../lib/http/exchange.ts";
import {
  type ByteSink,
  LengthError,
  writeResponse,
} from "../../lib/server/response_writer.ts";
import { bytesOf, MemorySink } from "../support/wire.ts";
import {
  contextOf,
  open,
  Pieces,
  takeApart,
  write,
} from "../support/written.ts";

Deno.test("writeResponse() sends chunks with their size in bytes, whatever their size (RFC 9112 7.1)", async () => {
  for (const size of [1, 15, 16, 255, 16_384, 16_385, 70_000]) {
    const piece = "\xff".repeat(size);
    for (const maxBytes of [999, Infinity]) {
      const sink = new MemorySink(maxBytes);
      const body = new Pieces(null, piece);
      await writeResponse(
        sink,
        open({ body }),
        contextOf(),
      );
      const { content } = takeApart(sink.text);
      const want = `${size.toString(16)}\r\n${piece}\r\n0\r\n\r\n`;
      assertEquals(content === want, true, `a piece of ${size}`);
    }
  }
});

Deno.test("writeResponse() takes no empty piece for the last chunk (RFC 9112 7.1)", async () => {
  const body = new Pieces(null, "", "a", "", "", "b", "");
  const { content } = await write({ body });
  assertEquals(content, "1\r\na\r\n1\r\nb\r\n0\r\n\r\n");
});

const wrongSources: [name: string, body: Pieces, sent: string][] = [
  ["is too short", new Pieces(5, "hell"), "hell"],
  ["is empty", new Pieces(5), ""],
  ["is too long by a piece", new Pieces(5, "hello", "!"), "hello"],
  ["is too long within a piece", new Pieces(5, "he", "llo!"), "he"],
  ["should be empty", new Pieces(0, "h"), ""],
];

for (const [name, body, sent] of wrongSources) {
  Deno.test(`writeResponse() throws where the content ${name} (RFC 9112 6.2)`, async () => {
    const sink = new MemorySink();
    const reply = open({ body });
    await assertRejects(
      () => writeResponse(sink, reply, contextOf()),
      LengthError,
    );
    // Not a byte more than was announced: it would be read as the next response.
    assertEquals(takeApart(sink.text).content, sent);
    assertEquals(body.cancelled, 1);
  });
}

Deno.test("writeResponse() sends no last chunk where a stream breaks off (RFC 9112 8)", async () => {
  const body = new Pieces(null, "he", new Error("broken"));
  const sink = new MemorySink();
  const reply = open({ body });
  await assertRejects(
    () => writeResponse(sink, reply, contextOf()),
    Error,
    "broken",
  );
  assertEquals(takeApart(sink.text).content, "2\r\nhe\r\n");
  assertEquals(body.cancelled, 1);
});

Deno.test("writeResponse() reads no content that is not sent, and cancels it", async () => {
  const rows: [number, string][] = [[200, "HEAD"], [204, "GET"], [304, "GET"]];
  for (const [status, method] of rows) {
    for (const length of [5, null]) {
      const body = new Pieces(length, "hello");
      await write({ status, body }, { method });
      assertEquals([body.reads, body.cancelled], [0, 1], `${method} ${status}`);
    }
  }
});

Deno.test("writeResponse() cancels content that was read to its end", async () => {
  const body = new Pieces(5, "hello");
  await write({ body });
  assertEquals(body.cancelled, 1);
});

Deno.test("writeResponse() throws what the sink throws, and cancels the content", async () => {
  for (const good of [0, 1, 2]) {
    const body = new Pieces(null, "he", "llo");
    let writes = 0;
    const sink: ByteSink = {
      write: (bytes) =>
        writes++ < good
          ? Promise.resolve(bytes.length)
          : Promise.reject(new Deno.errors.BrokenPipe("gone")),
    };
    await assertRejects(
      () => writeResponse(sink, open({ body }), contextOf()),
      Deno.errors.BrokenPipe,
    );
    assertEquals([body.reads, body.cancelled], [good, 1]);
  }
});

Deno.test("writeResponse() reads on only when the piece before is written", async () => {
  const order: string[] = [];
  const body: BodySource = {
    length: null,
    read() {
      order.push("read");
      return Promise.resolve(order.length > 6 ? null : bytesOf("a"));
    },
    cancel() {},
  };
  const sink: ByteSink = {
    write(bytes) {
      order.push("write");
      return Promise.resolve(bytes.length);
    },
  };
  await writeResponse(sink, open({ body }), contextOf());
  assertEquals(
    order.join(" "),
    "write read write read write read write read write",
  );
});

Deno.test("writeResponse() tells of every progress, by which a stalled client is known", async () => {
  for (const body of [bytesOf("hello"), new Pieces(5, "he", "llo")]) {
    let calls = 0;
    const sink = new MemorySink(10);
    const onProgress = () => calls++;
    const reply = open({ body });
    await writeResponse(sink, reply, contextOf({ onProgress }));
    assertEquals(calls, sink.writes);
  }
});

Deno.test("writeResponse() ends its head with one empty line", async () => {
  const sink = new MemorySink();
  const reply = open({ status: 200, fieldLines: "A: b\r\n", body: null });
  await writeResponse(sink, reply, contextOf());
  assertStringIncludes(sink.text, "\r\nA: b\r\nContent-Length: 0\r\n\r\n");
  assertEquals(sink.text.indexOf("\r\n\r\n"), sink.text.length - 4);
});
