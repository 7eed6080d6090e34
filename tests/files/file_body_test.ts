/**
 * Bodies of files: every byte, from its place, in its order.
 */

import {
  assertEquals,
  assertLessOrEqual,
  assertStringIncludes,
} from "@std/assert";
import { type BodyPart, openFileBody } from "../../lib/files/file_body.ts";
import { startTestServer } from "../support/test_server.ts";
import { makeTree } from "../support/tree.ts";
import {
  assertSameBytes,
  MiB,
  pattern,
  readAll,
  slice,
} from "../support/file_bodies.ts";

for (
  const length of [
    0,
    1,
    65_536,
    MiB - 1,
    MiB,
    MiB + 1,
    2 * MiB - 1,
    2 * MiB,
    2 * MiB + 1,
    3 * MiB + 12_345,
  ]
) {
  Deno.test(`openFileBody() gives all ${length} bytes of a file`, async () => {
    const bytes = pattern(length);
    using tree = await makeTree({ "file": bytes });
    const body = await openFileBody([await slice(tree.path("file"))]);
    assertEquals(body.length, length);
    assertSameBytes(await readAll(body), bytes);
    // It is over, and stays so.
    assertEquals(await body.read(), null);
    body.cancel();
  });
}

for (
  const { offset, length } of [
    { offset: 0, length: 0 },
    { offset: 0, length: 1 },
    { offset: 1, length: 1 },
    { offset: 3 * MiB - 1, length: 1 },
    { offset: 3 * MiB, length: 0 },
    { offset: 500, length: MiB },
    { offset: MiB - 1, length: 2 },
    { offset: MiB, length: MiB },
    { offset: MiB - 1, length: MiB + 2 },
    { offset: 1, length: 3 * MiB - 1 },
  ]
) {
  Deno.test(`openFileBody() gives ${length} bytes of a file from ${offset} on`, async () => {
    const bytes = pattern(3 * MiB);
    using tree = await makeTree({ "file": bytes });
    const part = await slice(tree.path("file"), offset, length);
    const body = await openFileBody([part]);
    assertEquals(body.length, length);
    assertSameBytes(
      await readAll(body),
      bytes.subarray(offset, offset + length),
    );
  });
}

Deno.test("openFileBody() puts parts together in their order", async () => {
  const one = pattern(2 * MiB + 5);
  const two = pattern(300).reverse();
  using tree = await makeTree({ "one": one, "two": two });
  const text = (words: string) => new TextEncoder().encode(words);
  const parts: BodyPart[] = [
    text("first, "),
    await slice(tree.path("one"), 10, 20),
    text(""),
    await slice(tree.path("two")),
    // The same file again, from before where it was.
    await slice(tree.path("one"), 0, MiB + 1),
    await slice(tree.path("one"), 2 * MiB),
    await slice(tree.path("two"), 300, 0),
    text(" last"),
  ];
  const want = [
    text("first, "),
    one.subarray(10, 30),
    two,
    one.subarray(0, MiB + 1),
    one.subarray(2 * MiB),
    text(" last"),
  ];
  const body = await openFileBody(parts);
  assertEquals(body.length, want.reduce((sum, { length }) => sum + length, 0));
  const all = await readAll(body);
  let at = 0;
  for (const bytes of want) {
    assertSameBytes(all.subarray(at, at + bytes.length), bytes);
    at += bytes.length;
  }
  assertEquals(at, all.length);
});

Deno.test("openFileBody() of no parts is empty", async () => {
  const body = await openFileBody([]);
  assertEquals(body.length, 0);
  assertEquals(await body.read(), null);
});

Deno.test("a file's body leaves a piece alone until the next is asked for", async () => {
  const bytes = pattern(4 * MiB);
  using tree = await makeTree({ "file": bytes });
  const body = await openFileBody([await slice(tree.path("file"))]);
  let at = 0;
  for (let piece; (piece = await body.read()) !== null;) {
    // What is read ahead has had its time by then.
    await Deno.readFile(tree.path("file"));
    assertSameBytes(piece, bytes.subarray(at, at + piece.length));
    at += piece.length;
  }
  assertEquals(at, bytes.length);
});

Deno.test("a file's body reads large pieces, after a small part too", async () => {
  using tree = await makeTree({ "file": pattern(8 * MiB) });
  const body = await openFileBody([
    await slice(tree.path("file"), 0, 10),
    await slice(tree.path("file"), 0, 10),
    await slice(tree.path("file")),
  ]);
  let count = 0;
  while (await body.read() !== null) count++;
  // A read may bring less than it could; not ten bytes at a time.
  assertLessOrEqual(count, 100);
});

Deno.test("a server sends a large file byte-exact, and goes on with the connection", async () => {
  const bytes = pattern(5_000_000);
  using tree = await makeTree({ "www/large.bin": bytes });
  await using server = await startTestServer({ root: tree.root });
  using conn = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  const request = (close: boolean) =>
    new TextEncoder().encode(
      `GET /large.bin HTTP/1.1\r\nHost: localhost\r\n${
        close ? "Connection: close\r\n" : ""
      }\r\n`,
    );
  await conn.write(request(false));
  await conn.write(request(true));
  const received = await readToEnd(conn);
  let at = 0;
  for (let i = 0; i < 2; i++) {
    const start = endOfHead(received, at);
    const head = new TextDecoder().decode(received.subarray(at, start));
    assertStringIncludes(head, "HTTP/1.1 200 OK\r\n");
    assertStringIncludes(head, "Content-Length: 5000000\r\n");
    at = start + bytes.length;
    assertSameBytes(received.subarray(start, at), bytes);
  }
  assertEquals(at, received.length);
  assertEquals(server.log, []);
});

async function readToEnd(conn: Deno.Conn): Promise<Uint8Array> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const buffer = new Uint8Array(256 * 1024);
  for (let count; (count = await conn.read(buffer)) !== null;) {
    pieces.push(buffer.slice(0, count));
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

/** The index after the empty line that ends a head. */
function endOfHead(bytes: Uint8Array, from: number): number {
  for (let i = from; i + 3 < bytes.length; i++) {
    if (
      bytes[i] === 13 && bytes[i + 1] === 10 && bytes[i + 2] === 13 &&
      bytes[i + 3] === 10
    ) return i + 4;
  }
  throw new Error("There is no end of a head");
}
