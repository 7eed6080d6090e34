/**
 * Inputs of every kind, for what holds for every input: what is valid, and what is not.
 */

import fc from "./fast_check.ts";
import { chunkEnd, chunkStart, lastChunk } from "../../lib/http/chunked.ts";
import type { Field, RequestHead } from "../../lib/http/message.ts";
import { limits, type ReadRequest, textOf } from "./wire.ts";

const tokenCharacters = "!#$%&'*+-.^_`|~0123456789" +
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const token = fc.string({
  unit: fc.constantFrom(...tokenCharacters),
  minLength: 1,
  maxLength: 20,
});

/** A text of the bytes that a pattern admits. */
function bytesLike(pattern: RegExp, maxLength: number): fc.Arbitrary<string> {
  const characters = Array.from({ length: 256 }, (_, code) => code)
    .map((code) => String.fromCharCode(code))
    .filter((character) => pattern.test(character));
  return fc.string({ unit: fc.constantFrom(...characters), maxLength });
}

const ows = bytesLike(/[\t ]/, 3);
const fieldValue = bytesLike(/[\t\x20-\x7e\x80-\xff]/, 40)
  .map((value) => value.replace(/^[\t ]+|[\t ]+$/g, ""));

/** Those that a reader makes more of than a name and a value. */
const meant = new Set(["host", "content-length", "transfer-encoding"]);
/** A field that means nothing to a reader. */
export const field = fc.tuple(
  token.filter((name) => !meant.has(name.toLowerCase())),
  fieldValue,
);

const authority = fc.constantFrom("h", "a.example:81", "[::1]:7878", "x-y_z:");
const path = bytesLike(/[!"$-~]/, 30).map((rest) => `/${rest}`);

/** A target as it is sent, and what is understood. */
const target: fc.Arbitrary<
  { sent: string; target: string; authority?: string }
> = fc.oneof(
  path.map((path) => ({ sent: path, target: path })),
  fc.tuple(authority, path).map(([authority, path]) => ({
    sent: `http://${authority}${path}`,
    target: path,
    authority,
  })),
);

/** A request as its parts, and as its bytes. */
export interface Encoded {
  readonly want: ReadRequest;
  readonly wire: string;
}

/** Some content, cut into pieces. */
export const pieces = fc.array(
  fc.uint8Array({ minLength: 1, maxLength: 40 }).map(textOf),
  { maxLength: 6 },
);

/** A request. */
export const request: fc.Arbitrary<Encoded> = fc.record({
  method: token.filter((method) => method !== "CONNECT"),
  target,
  host: authority,
  fields: fc.array(fc.tuple(field, ows, ows), { maxLength: 8 }),
  hostAt: fc.nat(8),
  pieces,
  framing: fc.constantFrom("none", "length", "chunked"),
}).map((parts) => {
  const body = parts.pieces.join("");
  const lines: [Field, string, string][] = [...parts.fields];
  lines.splice(parts.hostAt, 0, [["Host", parts.host], "", " "]);
  let content = "";
  if (parts.framing === "length") {
    lines.push([["Content-Length", `${body.length}`], " ", ""]);
    content = body;
  } else if (parts.framing === "chunked") {
    lines.push([["Transfer-Encoding", "chunked"], " ", ""]);
    content = encodeChunks(parts.pieces);
  }
  const head: RequestHead = {
    method: parts.method,
    target: parts.target.target,
    authority: parts.target.authority ?? parts.host,
    version: "1.1",
    fields: lines.map(([[name, value]]) => [name.toLowerCase(), value]),
  };
  return {
    want: { ...head, body: parts.framing === "none" ? null : body },
    wire: `${parts.method} ${parts.target.sent} HTTP/1.1\r\n${
      lines.map(([[name, value], before, behind]) =>
        `${name}:${before}${value}${behind}\r\n`
      ).join("")
    }\r\n${content}`,
  };
});

/** The chunks of those pieces, and the last one. */
export function encodeChunks(pieces: readonly string[]): string {
  const chunks = pieces.map((piece) =>
    textOf(chunkStart(piece.length)) + piece + textOf(chunkEnd)
  );
  return chunks.join("") + textOf(lastChunk);
}

/** What attacks are made of, in any order, between good requests and noise. */
export const fragment = fc.oneof(
  { weight: 3, arbitrary: request.map(({ wire }) => wire) },
  {
    weight: 12,
    arbitrary: fc.constantFrom(
      "GET / HTTP/1.1\r\n",
      "POST /a HTTP/1.1\r\n",
      "OPTIONS * HTTP/1.0\r\n",
      "GET / HTTP/2.0\r\n",
      "GET /\r\n",
      "Host: h\r\n",
      "Content-Length: 5\r\n",
      "Content-Length: 21\r\n",
      "Transfer-Encoding: chunked\r\n",
      "A: b\r\n",
      " folded\r\n",
      "GET ",
      "/ ",
      "HTTP/1.1",
      "Host:",
      "\r\n",
      "\r\n\r\n",
      "\r",
      "\n",
      "\0",
      " ",
      "\t",
      "5\r\nhello\r\n",
      "0\r\n\r\n",
      "0\r\n",
      "5;a=b\r\n",
      "hello",
    ),
  },
  // Around the limits of a request line and of a head.
  {
    weight: 2,
    arbitrary: fc.integer({ min: 43, max: 48 }).map((length) =>
      `GET /${"x".repeat(length)} HTTP/1.1\r\n`
    ),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 163, max: 170 }).map((length) =>
      `GET / HTTP/1.1\r\nHost: h\r\nA: ${"x".repeat(length)}\r\n\r\n`
    ),
  },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 12 }).map(textOf) },
  { weight: 1, arbitrary: fc.nat(120).map((length) => "x".repeat(length)) },
);
/** Whatever may come. */
export const soup = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(fragment, { maxLength: 12 }).map((all) => all.join("")),
  },
  // A good request with one byte changed, added or taken away.
  {
    weight: 3,
    arbitrary: fc.tuple(request, fc.nat(), fc.nat(255), fc.nat(2)).map(
      ([{ wire }, place, byte, mode]) => {
        const at = place % wire.length;
        return wire.slice(0, at) +
          (mode === 0 ? "" : String.fromCharCode(byte)) +
          wire.slice(mode === 1 ? at : at + 1);
      },
    ),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }).map(textOf) },
);

/** So small that inputs reach them. */
export const small = limits({
  maxRequestLineBytes: 60,
  maxHeadBytes: 200,
  maxFields: 6,
  maxBodyBytes: 40,
  maxChunkLineBytes: 16,
  maxChunkExtensionBytes: 20,
  maxTrailerBytes: 30,
});

/** Where an input is split. */
export const places = fc.array(fc.nat(600), { maxLength: 12 });
