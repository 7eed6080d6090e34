/**
 * The wire in memory: text of one character per byte, a source that delivers its bytes
 * in any pieces, a sink that takes as few as it is told, and what a reader made of
 * them. No sockets, no time.
 */

import {
  type BodyReader,
  IncompleteRequestError,
} from "../../lib/server/body_reader.ts";
import type { ByteSource } from "../../lib/server/byte_reader.ts";
import { decideFraming } from "../../lib/http/framing.ts";
import { HeadLines } from "../../lib/server/head_lines.ts";
import { defaultLimits, type Limits } from "../../lib/limits.ts";
import type { RequestHead } from "../../lib/http/message.ts";
import { bodyLimitOf } from "../../lib/server/request_body.ts";
import { RequestReader } from "../../lib/server/request_reader.ts";
import type { ByteSink } from "../../lib/server/response_writer.ts";
import { refusal } from "./verdict.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The bytes of a text whose every character is one. */
export function bytesOf(text: string): Bytes {
  return Uint8Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    if (code > 0xff) throw new RangeError(`"${character}" is no byte`);
    return code;
  });
}

/** The text of bytes, a character each. */
export function textOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** A head: its lines, each with its CRLF, and the empty one. */
export function head(...lines: string[]): string {
  return [...lines, "", ""].join("\r\n");
}

/** A GET request with those field lines. */
export function get(path = "/", ...fields: string[]): string {
  return head(`GET ${path} HTTP/1.1`, "Host: localhost", ...fields);
}

/** The default limits but for those. */
export function limits(overrides: Partial<Limits> = {}): Limits {
  return { ...defaultLimits, ...overrides };
}

/** Pieces of so many bytes. */
export function inPieces(bytes: Bytes, size: number): Bytes[] {
  const pieces: Bytes[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    pieces.push(bytes.subarray(at, at + size));
  }
  return pieces;
}

/** Pieces that end at those places. */
export function splitAt(bytes: Bytes, places: readonly number[]): Bytes[] {
  const sorted = [...places, bytes.length].sort((a, b) => a - b);
  const pieces: Bytes[] = [];
  let from = 0;
  for (const to of sorted) {
    if (to > from) pieces.push(bytes.subarray(from, to));
    from = Math.max(from, to);
  }
  return pieces;
}

/** The places behind every such byte. */
function placesOf(byte: number, bytes: Bytes): number[] {
  return Array.from(bytes.entries())
    .filter(([, value]) => value === byte)
    .map(([at]) => at + 1);
}

/** The ways in which a network may deliver the same bytes. */
export const deliveries: Readonly<Record<string, (bytes: Bytes) => Bytes[]>> = {
  "whole": (bytes) => inPieces(bytes, Infinity),
  "byte by byte": (bytes) => inPieces(bytes, 1),
  "in threes": (bytes) => inPieces(bytes, 3),
  "in sevens": (bytes) => inPieces(bytes, 7),
  "split after every CRLF": (bytes) => splitAt(bytes, placesOf(0x0a, bytes)),
  "split inside every CRLF": (bytes) => splitAt(bytes, placesOf(0x0d, bytes)),
};

/** Delivers pieces, one a read, or as much of one as the reader has room for. */
export class MemorySource implements ByteSource {
  readonly #pieces: Bytes[];
  readonly #atEnd: "ends" | "fails";
  /** Bytes that were read. */
  delivered = 0;

  /**
   * Makes one.
   *
   * @param pieces what it delivers
   * @param atEnd whether it says then that it has ended; or fails, for a test in
   * which nobody has a reason to read on
   */
  constructor(pieces: readonly Bytes[], atEnd: "ends" | "fails" = "ends") {
    this.#pieces = [...pieces];
    this.#atEnd = atEnd;
  }

  /** Bytes that were not read. */
  get left(): number {
    return this.#pieces.reduce((sum, piece) => sum + piece.length, 0);
  }

  /** Reads a piece. */
  read(into: Uint8Array): Promise<number | null> {
    if (into.length === 0) {
      return Promise.reject(new Error("The reader has no room to read into"));
    }
    const piece = this.#pieces.shift();
    if (piece === undefined) {
      return this.#atEnd === "ends"
        ? Promise.resolve(null)
        : Promise.reject(new Error("The reader waits for more than it needs"));
    }
    const taken = piece.subarray(0, into.length);
    into.set(taken);
    if (taken.length < piece.length) {
      this.#pieces.unshift(piece.subarray(taken.length));
    }
    this.delivered += taken.length;
    return Promise.resolve(taken.length);
  }
}

/** Collects what is written, of each write no more than it is told. */
export class MemorySink implements ByteSink {
  readonly #maxBytes: number;
  /** Everything, a character per byte. */
  text = "";
  /** Number of calls. */
  writes = 0;

  /**
   * Makes one.
   *
   * @param maxBytes of one write
   */
  constructor(maxBytes = Infinity) {
    this.#maxBytes = maxBytes;
  }

  /** Takes some. */
  write(bytes: Uint8Array): Promise<number> {
    if (bytes.length === 0) {
      return Promise.reject(new Error("A write of nothing never ends"));
    }
    this.writes++;
    const taken = bytes.subarray(0, this.#maxBytes);
    this.text += textOf(taken);
    return Promise.resolve(taken.length);
  }
}

/** What a reader made of a request. */
export interface ReadRequest extends RequestHead {
  /** The content as text, a character per byte, or `null` where there is none. */
  readonly body: string | null;
}

/** How a connection's input ended: with the end, in the middle of a request, or
 * refused with that status. */
export type InputEnd = "end" | "incomplete" | number;

/** Reads content to its end. */
export type ReadContent = (
  body: BodyReader,
  limits: Limits,
) => Promise<Bytes | null>;

const readWhole: ReadContent = (body) => body.whole();

/** Reads content in pieces of so many bytes at most, as for a handler. */
export function readPieces(maxBytes: number): ReadContent {
  return async (body) => {
    const content: number[] = [];
    for (;;) {
      const piece = await body.next(maxBytes);
      if (piece === null) break;
      if (piece.length === 0 || piece.length > maxBytes) {
        throw new RangeError(`That is no piece: ${piece.length} bytes`);
      }
      content.push(...piece);
    }
    if (!body.ended || body.received !== content.length) {
      throw new Error("The reader does not know that it has read all");
    }
    return new Uint8Array(content);
  };
}

/** Reads one request as a connection does. */
export async function readRequest(
  reader: RequestReader,
  limits: Limits,
  readContent = readWhole,
): Promise<ReadRequest | null> {
  const head = await reader.readHead();
  if (head === null) return null;
  const most = bodyLimitOf({ limits, maxStreamedBodyBytes: null });
  const framing = decideFraming(head, most);
  if (framing.kind === "none") return { ...head, body: null };
  const content = reader.openBody(framing, most);
  const body = await readContent(content, limits);
  return { ...head, body: body && textOf(body) };
}

// Lent to one test after another, as to one connection after another.
const lines = new HeadLines();

/** Makes a reader for it. */
export function readerOf(source: ByteSource, limits: Limits): RequestReader {
  return new RequestReader(source, lines, limits);
}

/** Reads requests until the input ends or is refused, as a connection does. */
export async function readAll(
  source: ByteSource,
  limits: Limits,
  readContent = readWhole,
): Promise<{ requests: ReadRequest[]; end: InputEnd }> {
  const reader = readerOf(source, limits);
  const requests: ReadRequest[] = [];
  try {
    while (reader.hasBytes || await reader.fill() > 0) {
      const request = await readRequest(reader, limits, readContent);
      if (request === null) break;
      requests.push(request);
    }
    return { requests, end: "end" };
  } catch (error) {
    return { requests, end: endOf(error) };
  }
}

/** What an error says about the input; one that says nothing is thrown on. */
export function endOf(error: unknown): InputEnd {
  if (error instanceof IncompleteRequestError) return "incomplete";
  return refusal(error);
}
