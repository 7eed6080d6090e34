/**
 * Replies onto the wire: the fields that are the writer's own, and every byte of what is
 * written, whatever the sink takes at a time.
 */

import { assert, assertEquals } from "@std/assert";
import { encodeFieldLines } from "../../lib/http/response_fields.ts";
import type { HttpVersion } from "../../lib/http/message.ts";
import { writeResponse } from "../../lib/server/response_writer.ts";
import { bytesOf, MemorySink } from "../support/wire.ts";
import {
  close,
  contextOf,
  goingOn,
  keepAlive,
  open,
  takeApart,
  write,
} from "../support/written.ts";

Deno.test("writeResponse() begins with the version that is spoken here (RFC 9110 6.2)", async () => {
  const lines: [number, string][] = [
    [200, "HTTP/1.1 200 OK"],
    [404, "HTTP/1.1 404 Not Found"],
    [413, "HTTP/1.1 413 Content Too Large"],
    // The space stays where there is no phrase (RFC 9112 section 4).
    [299, "HTTP/1.1 299 "],
  ];
  for (const [status, line] of lines) {
    for (const version of ["1.0", "1.1"] as const) {
      const { statusLine } = await write({ status }, { version });
      assertEquals(statusLine, line);
    }
  }
});

Deno.test("writeResponse() says close where the connection ends, and only there (RFC 9112 9.6)", async () => {
  const rows: [HttpVersion, boolean, string[]][] = [
    ["1.1", true, []],
    ["1.1", false, [close]],
    ["1.0", true, [keepAlive]],
    ["1.0", false, [close]],
  ];
  for (const [version, persistent, want] of rows) {
    const persistence = { ...goingOn, closing: !persistent };
    const seen = await write({ status: 204 }, { version, persistence });
    assertEquals(seen.fields, want);
    assertEquals(seen.persistent, persistent);
  }
});

Deno.test("writeResponse() sends Server where it has a name, and for each its own", async () => {
  for (const serverName of ["Skein", null, "other", "null", null]) {
    const { fields } = await write({ status: 204 }, { serverName });
    assertEquals(fields, serverName === null ? [] : [`Server: ${serverName}`]);
  }
});

Deno.test("writeResponse() sends Date, Server and the framing once, whatever the handler says", async () => {
  const fieldLines = encodeFieldLines([
    ["Date", "yesterday"],
    ["date", "yesterday"],
    ["SERVER", "x"],
    ["Content-Length", "99"],
    ["Transfer-Encoding", "gzip"],
    ["Connection", "upgrade"],
    ["Keep-Alive", "timeout=5"],
    ["A", "b"],
  ]);
  const sink = new MemorySink();
  const reply = open({ status: 200, fieldLines, body: bytesOf("hello") });
  await writeResponse(sink, reply, contextOf({ serverName: "Skein" }));
  assertEquals(sink.text.match(/^date:/gim)?.length, 1);
  assertEquals(takeApart(sink.text), {
    statusLine: "HTTP/1.1 200 OK",
    fields: ["Server: Skein", "A: b", "Content-Length: 5"],
    content: "hello",
  });
});

Deno.test("writeResponse() sends the Date of now (RFC 9110 6.6.1)", async () => {
  const before = Math.floor(Date.now() / 1000) * 1000;
  const sink = new MemorySink();
  await writeResponse(
    sink,
    open({ status: 204, fieldLines: "", body: null }),
    contextOf(),
  );
  const date = Date.parse(/^Date: (.*)\r$/m.exec(sink.text)![1]);
  assert(date >= before && date <= Date.now(), sink.text);
});

Deno.test("writeResponse() sends 8-bit values as the bytes they are (RFC 9110 5.5)", async () => {
  const value = "\x80\x93\x9f\xa0\xe9\xff";
  const fieldLines = encodeFieldLines([["A", value]]);
  // The body begins where the head ends, whatever an encoder made of it.
  for (const size of [0, 5, 16_384, 40_000]) {
    const content = "\xff".repeat(size);
    const seen = await write({ fieldLines, body: bytesOf(content) });
    assertEquals(seen.fields, [`A: ${value}`, `Content-Length: ${size}`]);
    assertEquals(seen.content === content, true, `${size} bytes`);
  }
});

Deno.test("writeResponse() sends heads and contents of any size, whatever the sink takes", async () => {
  // Around the 16 KiB in which head and content are sent together.
  for (const padding of [0, 16_000, 16_200, 16_384, 20_000, 20_001]) {
    for (const size of [0, 1, 100, 300, 16_384, 70_000]) {
      for (const maxBytes of [1000, Infinity]) {
        const value = "\xe9".repeat(padding);
        const content = "abcdefg".repeat(size / 7 + 1).slice(0, size);
        const sink = new MemorySink(maxBytes);
        const reply = open({
          fieldLines: `A: ${value}\r\n`,
          body: bytesOf(content),
        });
        await writeResponse(sink, reply, contextOf());
        const seen = takeApart(sink.text);
        const note = `head ${padding}, content ${size}, writes ${maxBytes}`;
        assertEquals(seen.fields[0] === `A: ${value}`, true, note);
        assertEquals(seen.fields[1], `Content-Length: ${size}`, note);
        assertEquals(seen.content === content, true, note);
      }
    }
  }
});

Deno.test("writeResponse() sends a head that fills the buffer to the byte", async () => {
  const sink = new MemorySink();
  const empty = open({ status: 200, fieldLines: "A: \r\n", body: null });
  await writeResponse(sink, empty, contextOf());
  const around = sink.text.length;
  for (const over of [-1, 0, 1]) {
    const value = "b".repeat(16 * 1024 - around + over);
    const content = bytesOf("x".repeat(9));
    const seen = await write({
      fieldLines: `A: ${value}\r\n`,
      body: content.subarray(0, 9),
    });
    assertEquals(seen.fields[0].length, value.length + 3);
    assertEquals(seen.content, "x".repeat(9));
  }
});

Deno.test("writeResponse() sends a small answer in one write", async () => {
  const sink = new MemorySink();
  const reply = open({
    status: 200,
    fieldLines: "A: b\r\n",
    body: bytesOf("hello"),
  });
  await writeResponse(sink, reply, contextOf());
  assertEquals(sink.writes, 1);
});

Deno.test("writeResponse() mixes up no answers that are written at the same time", async () => {
  const answers = ["a", "b", "c", "d"].map((letter) => letter.repeat(300));
  const sinks = answers.map(() => new MemorySink(13));
  await Promise.all(answers.map((answer, i) =>
    writeResponse(
      sinks[i],
      open({ body: bytesOf(answer) }),
      contextOf(),
    )
  ));
  assertEquals(sinks.map(({ text }) => takeApart(text).content), answers);
});

const encodedRows = [
  {
    name: "goes out as it is where both wish the same",
    context: { persistence: goingOn },
    connection: "",
    want: "",
  },
  {
    name: "goes out as it is where the client has asked for the end",
    context: { persistence: { ...goingOn, wanted: false } },
    connection: "Connection: close\r\n",
    want: "Connection: close\r\n",
  },
  {
    name: "says that the connection ends where only the server knows it",
    context: { persistence: { ...goingOn, closing: true } },
    connection: "",
    want: "Connection: close\r\n",
  },
  {
    name: "takes back to HTTP/1.0 that it goes on",
    context: { persistence: { ...goingOn, closing: true }, version: "1.0" },
    connection: "Connection: keep-alive\r\n",
    want: "Connection: close\r\n",
  },
] as const;

for (const { name, context, connection, want } of encodedRows) {
  for (const maxBytes of [1, 7, Infinity]) {
    Deno.test(`writeResponse(): an encoded answer ${name}, ${maxBytes} bytes a write`, async () => {
      const lines = "HTTP/1.1 200 OK\r\nA: \xe9\r\n";
      const head = `${lines}${connection}\r\n`;
      // Others' answers are around it.
      const all = bytesOf(`before${head}hello after`);
      const sink = new MemorySink(maxBytes);
      const persistent = await writeResponse(sink, {
        kind: "encoded",
        status: 200,
        headLength: head.length,
        bytes: all.subarray(6, 6 + head.length + 5),
      }, contextOf(context));
      assertEquals(sink.text, `${lines}${want}\r\nhello`);
      assertEquals(persistent, context.persistence === goingOn);
    });
  }
}
