import { assert, assertEquals, assertNotStrictEquals } from "@std/assert";
import { ReadBuffers } from "../../lib/files/read_buffers.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
const largest = 256 * KiB;

/** Reads so much of a large file. */
function read(buffers: ReadBuffers, bytes: number): number {
  let most = 0;
  for (let at = 0; at < bytes;) {
    const { length } = buffers.next(bytes - at);
    most = Math.max(most, length);
    buffers.advance(length);
    at += length;
  }
  return most;
}

Deno.test("ReadBuffers makes pieces larger as more is taken, up to 256 KiB", () => {
  const buffers = new ReadBuffers();
  assertEquals(buffers.next(Infinity).length, 64 * KiB);
  assertEquals(read(buffers, 2 * MiB - 64 * KiB), 128 * KiB);
  assertEquals(read(buffers, 30 * MiB), largest);
  buffers.close(true);
});

Deno.test("ReadBuffers gives two buffers in turn", () => {
  const buffers = new ReadBuffers();
  const first = buffers.next(Infinity);
  const second = buffers.next(Infinity);
  assertNotStrictEquals(first.buffer, second.buffer);
  assert(buffers.next(Infinity) === first);
  assert(buffers.next(Infinity) === second);
  buffers.close(true);
});

Deno.test("ReadBuffers makes no large buffer for the rest of a file", () => {
  const buffers = new ReadBuffers();
  assertEquals(buffers.next(1000).length, 1024);
  assertEquals(buffers.next(1).length, 1);
  assertEquals(buffers.next(64 * KiB).length, 64 * KiB);
  buffers.close(true);
});

Deno.test("many downloads make smaller pieces, and hold no more than their budget", () => {
  for (const count of [1, 24, 50, 200, 384]) {
    const all = Array.from({ length: count }, () => new ReadBuffers());
    // All have begun before any gets large pieces.
    for (const buffers of all) buffers.next(Infinity);
    let held = 0;
    for (const buffers of all) held += 2 * read(buffers, 16 * MiB);
    assert(held <= 48 * MiB, `${count} hold ${held}`);
    for (const buffers of all) buffers.close(true);
  }
});

Deno.test("a large buffer is given up when more downloads begin", () => {
  const first = new ReadBuffers();
  assertEquals(read(first, 30 * MiB), largest);
  const others = Array.from({ length: 199 }, () => new ReadBuffers());
  for (const buffers of others) buffers.next(Infinity);
  assertEquals(first.next(Infinity).length, 64 * KiB);
  assertEquals(first.next(Infinity).length, 64 * KiB);
  for (const buffers of others) buffers.close(true);
  // They have gone: there is room again.
  assertEquals(first.next(Infinity).length, largest);
  first.close(true);
});

Deno.test("a download that never began, or is closed twice, does not count", () => {
  for (let i = 0; i < 1000; i++) new ReadBuffers().close(false);
  const buffers = new ReadBuffers();
  buffers.next(Infinity);
  buffers.close(false);
  buffers.close(true);
  const after = new ReadBuffers();
  assertEquals(read(after, 30 * MiB), largest);
  after.close(true);
});

Deno.test("a buffer that may still be written is not given to another download", () => {
  const cut = new ReadBuffers();
  const held = [cut.next(Infinity), cut.next(Infinity)];
  cut.close(false);
  const next = new ReadBuffers();
  const taken = [next.next(Infinity), next.next(Infinity)];
  for (const buffer of taken) assert(!held.includes(buffer));
  next.close(true);
});
