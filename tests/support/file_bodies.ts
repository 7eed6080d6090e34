/**
 * Files and parts of them, and what is read of a body.
 */

import { assertEquals } from "@std/assert";
import type { BodySource } from "../../lib/http/exchange.ts";
import type { FileSlice } from "../../lib/http/message.ts";
import { identityOf } from "../../lib/files/file_identity.ts";

/** A mebibyte. */
export const MiB = 1024 * 1024;

/** Bytes of which no stretch is like another, so that one out of place shows. */
export function pattern(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = 2463534242;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state;
  }
  return bytes;
}

/** A part of a file as it is now. */
export async function slice(
  path: string,
  offset = 0,
  length?: number,
): Promise<FileSlice> {
  const identity = identityOf(await Deno.stat(path));
  return {
    kind: "file",
    path,
    identity,
    offset,
    length: length ?? identity.size - offset,
  };
}

/** All pieces, each used before the next is asked for, as a writer does. */
export async function readAll(
  body: BodySource,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  for (let piece; (piece = await body.read()) !== null;) {
    pieces.push(piece.slice());
  }
  const all = new Uint8Array(
    pieces.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** `assertEquals` compares megabytes element by element. */
export function assertSameBytes(
  actual: Uint8Array,
  expected: Uint8Array,
): void {
  assertEquals(actual.length, expected.length);
  const at = actual.findIndex((byte, i) => byte !== expected[i]);
  assertEquals(at, -1, "The first byte that differs");
}
