/**
 * A connection's unread bytes: what is taken, and what is left. How a head is found in them
 * is in head_scan_test.ts.
 */

import {
  assertEquals,
  assertLessOrEqual,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { ByteReader } from "../../lib/server/byte_reader.ts";
import { HttpError } from "../../lib/http/error.ts";
import {
  bytesOf,
  inPieces,
  limits,
  MemorySource,
  textOf,
} from "../support/wire.ts";

/** A reader that has those bytes. */
async function readerWith(
  text: string,
  behind: Uint8Array<ArrayBuffer>[] = [],
): Promise<ByteReader> {
  const source = new MemorySource([...inPieces(bytesOf(text), 512), ...behind]);
  const reader = new ByteReader(source, limits());
  while (reader.buffered < text.length) await reader.fill();
  return reader;
}

Deno.test("ByteReader.takeHead() leaves what follows, and the next head is found", async () => {
  const reader = await readerWith("A\r\n\r\nB\r\nC\r\n\r\nD");
  assertEquals(reader.scanHead(), { kind: "whole", lines: 1 });
  assertEquals(reader.takeHead(), "A\r\n");
  assertEquals(reader.scanHead(), { kind: "whole", lines: 2 });
  assertEquals(reader.takeHead(), "B\r\nC\r\n");
  assertEquals(reader.scanHead(), { kind: "partial" });
  assertEquals(reader.buffered, 1);
});

Deno.test("ByteReader.firstLine() tells the request line before the head is whole", async () => {
  const reader = await readerWith("A\r\n\r\nGET / HTTP/2.0\r\nB: c\r\nD");
  reader.scanHead();
  reader.takeHead();
  assertEquals(reader.firstLine(), undefined);
  reader.scanHead();
  assertEquals(reader.firstLine(), "GET / HTTP/2.0");
});

Deno.test("ByteReader.skipEmptyLine() drops CRLF, once, and nothing else (RFC 9112 2.2)", async () => {
  const cases: [wire: string, skips: boolean, left: number][] = [
    ["\r\nA", true, 1],
    ["\r\n", true, 0],
    ["\r\n\r\n", true, 2],
    ["\r", false, 1],
    ["\rA", false, 2],
    ["\nA", false, 2],
    ["A\r\n", false, 3],
  ];
  for (const [wire, skips, left] of cases) {
    const reader = await readerWith(wire);
    const note = JSON.stringify(wire);
    assertEquals(reader.skipEmptyLine(), skips, note);
    assertEquals(reader.buffered, left, note);
  }
});

Deno.test("ByteReader.peek() shows the next byte and leaves it", async () => {
  const reader = new ByteReader(new MemorySource([bytesOf("\xff")]), limits());
  assertEquals(reader.peek(), undefined);
  await reader.fill();
  assertEquals(reader.peek(), 0xff);
  assertEquals(reader.buffered, 1);
});

Deno.test("ByteReader.takeInto() gives what is here, and then reads into place", async () => {
  const reader = await readerWith("abcdef", [bytesOf("ghi"), bytesOf("j")]);
  const into = new Uint8Array(4);
  const taken: string[] = [];
  for (;;) {
    const count = await reader.takeInto(into);
    if (count === 0) break;
    taken.push(textOf(into.subarray(0, count)));
  }
  assertEquals(taken, ["abcd", "ef", "ghi", "j"]);
});

Deno.test("ByteReader.takeInto() reads no byte past what it is given room for", async () => {
  const source = new MemorySource([bytesOf("abcdefgh")]);
  const reader = new ByteReader(source, limits());
  assertEquals(await reader.takeInto(new Uint8Array(3)), 3);
  assertEquals(source.delivered, 3);
});

Deno.test("ByteReader.offer() keeps what was not taken", async () => {
  const reader = await readerWith("abcdef", [bytesOf("ghi")]);
  const offered: string[] = [];
  const take = (count: number) => (bytes: Uint8Array) => {
    offered.push(textOf(bytes));
    return count;
  };
  assertEquals(await reader.offer(take(2)), true);
  assertEquals(await reader.offer(take(4)), true);
  assertEquals(await reader.offer(take(1)), true);
  assertEquals(reader.buffered, 2);
  assertEquals(await reader.offer(take(2)), true);
  assertEquals(await reader.offer(take(0)), false);
  assertEquals(offered, ["abcdef", "cdef", "ghi", "hi"]);
});

Deno.test("ByteReader finds a head behind a body that it offered", async () => {
  const reader = await readerWith("", [bytesOf("bodyA\r\n\r"), bytesOf("\n")]);
  await reader.offer(() => 4);
  assertEquals(reader.scanHead(), { kind: "partial" });
  await reader.fill();
  assertEquals(reader.scanHead(), { kind: "whole", lines: 1 });
  assertEquals(reader.takeHead(), "A\r\n");
});

Deno.test("ByteReader grows for a head, and moves what is left to the front", async () => {
  // Heads of every length around those at which the buffer is full.
  const heads = [1, 500, 1018, 1019, 1020, 1021, 2000, 5000, 20_000, 3].map(
    (length) => `${"x".repeat(length)}\r\n\r\n`,
  );
  for (const size of [1000, 1024, 1025, 4096]) {
    const pieces = inPieces(bytesOf(heads.join("")), size);
    const wide = limits({ maxRequestLineBytes: 30_000 });
    const reader = new ByteReader(new MemorySource(pieces), wide);
    for (const head of heads) {
      while (reader.scanHead().kind === "partial") {
        if (await reader.fill() === 0) throw new Error("The input ended");
      }
      assertEquals(reader.takeHead(), head.slice(0, -2), `pieces of ${size}`);
    }
    assertEquals(reader.buffered, 0);
  }
});

Deno.test("ByteReader.fill() reads nothing but a buffer past its limits", async () => {
  const maxHeadBytes = 4096;
  const source = new MemorySource([bytesOf("a".repeat(1_000_000))]);
  const reader = new ByteReader(source, limits({ maxHeadBytes }));
  await assertRejects(async () => {
    for (;;) {
      await reader.fill();
      reader.scanHead();
    }
  }, HttpError);
  assertLessOrEqual(source.delivered, 2 * maxHeadBytes);
});

Deno.test("ByteReader.fill() asks for a small read where nothing is here", async () => {
  // What an idle connection costs: a large head before must not have raised it.
  const rooms: number[] = [];
  const source = new MemorySource([
    ...inPieces(bytesOf(`${"x".repeat(8000)}\r\n\r\n`), 3000),
    bytesOf("A"),
  ]);
  const reader = new ByteReader({
    read(into) {
      rooms.push(into.length);
      return source.read(into);
    },
  }, limits());
  do await reader.fill(); while (reader.scanHead().kind === "partial");
  reader.takeHead();
  await reader.fill();
  assertEquals(rooms.at(-1), 1024);
  assertEquals(rooms[0], 1024);
});

Deno.test("ByteReader.fill() says 0 at the end, and keeps what is here", async () => {
  const reader = await readerWith("A\r\n");
  assertEquals(await reader.fill(), 0);
  assertEquals(reader.buffered, 3);
});

Deno.test("ByteReader throws on what its source throws", async () => {
  const reader = new ByteReader(new MemorySource([], "fails"), limits());
  await assertRejects(() => reader.fill(), Error, "waits for more");
  await assertRejects(() => reader.takeInto(new Uint8Array(1)), Error);
  await assertRejects(() => reader.offer(() => 0), Error);
});

Deno.test("ByteReader.scanHead() goes on refusing what it refused", async () => {
  const reader = await readerWith("A\nB\r\n\r\n");
  assertThrows(() => reader.scanHead(), HttpError);
  assertThrows(() => reader.scanHead(), HttpError);
});
