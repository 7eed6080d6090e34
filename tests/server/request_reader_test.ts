/**
 * Requests off a connection, one after another: what is read on, what is kept, and what of
 * the memory is whose. Single requests are in request_reader_heads_test.ts and
 * request_reader_bodies_test.ts.
 */

import { assertEquals, assertLessOrEqual } from "@std/assert";
import {
  bytesOf,
  deliveries,
  inPieces,
  limits,
  MemorySource,
  readAll,
  readerOf,
  readRequest,
} from "../support/wire.ts";
import {
  get,
  plain,
  post,
  second,
  secondRead,
} from "../support/reader_rows.ts";

Deno.test("RequestReader reads pipelined requests one by one, in their order (RFC 9112 9.3.2)", async () => {
  const bodies = ["", "a", "bc", "\r\n\r\n", "x".repeat(5000), "0\r\n\r\n"];
  const wire = bodies.flatMap((body) => [
    post([`Content-Length: ${body.length}`], body),
    `\r\n${
      post(
        ["Transfer-Encoding: chunked"],
        body === ""
          ? "0\r\n\r\n"
          : `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
      )
    }`,
    second,
  ]);
  for (const [how, deliver] of Object.entries(deliveries)) {
    const source = new MemorySource(deliver(bytesOf(wire.join(""))));
    const { requests, end } = await readAll(source, limits());
    assertEquals(end, "end", how);
    assertEquals(
      requests.map(({ body }) => body),
      bodies.flatMap((body) => [body, body, null]),
      how,
    );
  }
});

Deno.test("RequestReader reads the good requests before a bad one (RFC 9112 9.3.2)", async () => {
  const wire = get() + second + "GET / HTTP/1.1\nHost: h\r\n\r\n" + get();
  for (const [how, deliver] of Object.entries(deliveries)) {
    const source = new MemorySource(deliver(bytesOf(wire)));
    const seen = await readAll(source, limits());
    assertEquals(seen, { requests: [plain, secondRead], end: 400 }, how);
  }
});

Deno.test("RequestReader.text holds the lines of the head, each with its CRLF", async () => {
  const wire = get(["A: \xe9"], "");
  const reader = readerOf(new MemorySource([bytesOf(`\r\n${wire}`)]), limits());
  await reader.fill();
  await reader.readHead();
  assertEquals(reader.text, wire.slice(0, -2));
});

Deno.test("RequestReader.hasBytes tells of a pipelined request", async () => {
  const reader = readerOf(
    new MemorySource([bytesOf(get() + "G"), bytesOf("ET")]),
    limits(),
  );
  assertEquals(reader.hasBytes, false);
  await reader.fill();
  await reader.readHead();
  assertEquals(reader.hasBytes, true);
});

Deno.test("RequestReader.fill() keeps what comes while a request is answered", async () => {
  const pieces = [get(), second.slice(0, 7), second.slice(7)].map(bytesOf);
  const reader = readerOf(new MemorySource(pieces), limits());
  await reader.fill();
  assertEquals(await readRequest(reader, limits()), plain);
  assertEquals(await reader.fill(), 7);
  assertEquals(await readRequest(reader, limits()), secondRead);
  assertEquals(await reader.fill(), 0);
});

Deno.test("RequestReader reads no byte of content for a length that is refused", async () => {
  const start = post(["Content-Length: 10485761"], "");
  const pieces = [bytesOf(start), ...inPieces(new Uint8Array(100_000), 1000)];
  const source = new MemorySource(pieces);
  assertEquals((await readAll(source, limits())).end, 413);
  assertEquals(source.delivered, start.length);
});

Deno.test("RequestReader holds no memory for a length that is only announced", async () => {
  // An array of this length could not even be made.
  const most = limits({ maxBodyBytes: Number.MAX_SAFE_INTEGER });
  const wire = post([`Content-Length: ${Number.MAX_SAFE_INTEGER}`], "a");
  const source = new MemorySource([bytesOf(wire)]);
  assertEquals((await readAll(source, most)).end, "incomplete");
});

Deno.test("RequestReader reads chunked content no further than its limit and a buffer", async () => {
  const start = post(["Transfer-Encoding: chunked"], "fffffff\r\n");
  const pieces = [bytesOf(start), ...inPieces(new Uint8Array(500_000), 100)];
  const source = new MemorySource(pieces);
  const seen = await readAll(source, limits({ maxBodyBytes: 1000 }));
  assertEquals(seen.end, 413);
  assertLessOrEqual(source.delivered, start.length + 1100);
});

Deno.test("RequestReader makes of the content a buffer of its own", async () => {
  // It is transferred to a worker: what is left must not go with it.
  for (const field of ["Content-Length: 4", "Transfer-Encoding: chunked"]) {
    const body = field.startsWith("C") ? "abcd" : "4\r\nabcd\r\n0\r\n\r\n";
    const source = new MemorySource([bytesOf(post([field], body) + second)]);
    const reader = readerOf(source, limits());
    await reader.fill();
    await reader.readHead();
    const content = reader.openBody(
      field.startsWith("C")
        ? { kind: "length", length: 4 }
        : { kind: "chunked" },
      { bytes: 10, flag: "" },
    );
    const bytes = await content.whole();
    assertEquals(bytes.buffer.byteLength, 4);
    structuredClone(bytes, { transfer: [bytes.buffer] });
    assertEquals(await readRequest(reader, limits()), secondRead);
  }
});
