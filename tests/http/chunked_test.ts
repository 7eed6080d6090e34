/**
 * The chunked coding: sizes, data and their line ends, and how chunks are written. What
 * stands around the data is in chunk_extras_test.ts.
 */

import { assertEquals, assertThrows } from "@std/assert";
import {
  ChunkedDecoder,
  chunkEnd,
  chunkStart,
  lastChunk,
} from "../../lib/http/chunked.ts";
import { HttpError } from "../../lib/http/error.ts";
import { refusals } from "../support/rows.ts";
import { bytesOf, limits, textOf } from "../support/wire.ts";
import { type Row, testDecoder } from "../support/decoder_rows.ts";

const rows: Row[] = [
  // Sizes.
  {
    name: "decodes chunks (RFC 9112 7.1)",
    wire: "5\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\n\r\n",
    want: "hello world",
  },
  {
    name: "decodes a body without content (RFC 9112 7.1)",
    wire: "0\r\n\r\n",
    want: "",
  },
  {
    name: "decodes an upper-case size (RFC 9112 7.1)",
    wire: `1A\r\n${"x".repeat(26)}\r\n0\r\n\r\n`,
    want: "x".repeat(26),
  },
  {
    name: "decodes a lower-case size (RFC 9112 7.1)",
    wire: `1a\r\n${"x".repeat(26)}\r\n0\r\n\r\n`,
    want: "x".repeat(26),
  },
  {
    name: "decodes a size of 16 as hexadecimal (RFC 9112 7.1)",
    wire: "10\r\n0123456789abcdef\r\n0\r\n\r\n",
    want: "0123456789abcdef",
  },
  {
    name: "decodes leading zeros (RFC 9112 7.1)",
    wire: "0000000005\r\nhello\r\n0\r\n\r\n",
    want: "hello",
  },
  {
    name: "refuses leading zeros without end (RFC 9112 7.1)",
    wire: "00000000005\r\nhello\r\n0\r\n\r\n",
    want: 400,
  },
  {
    name: "decodes a last chunk of many zeros (RFC 9112 7.1)",
    wire: "0000000000\r\n\r\n",
    want: "",
  },
  {
    name: "refuses 2^64 plus 5 (overflow)",
    wire: "10000000000000005\r\nhello\r\n0\r\n\r\n",
    want: 400,
  },
  {
    name: "takes 2^32 plus 5 for what it is (overflow)",
    wire: "100000005\r\nhello\r\n0\r\n\r\n",
    want: { unfinished: "hello\r\n0\r\n\r\n" },
  },
  {
    name: "takes ten digits for what they are (overflow)",
    wire: "ffffffffff\r\nhello\r\n0\r\n\r\n",
    want: { unfinished: "hello\r\n0\r\n\r\n" },
  },
  ...([
    ["an empty size", ""],
    ["a plus", "+5"],
    ["a minus", "-5"],
    ["a minus 0", "-0"],
    ["a prefix", "0x5"],
    ["an underscore", "0_5"],
    ["a letter past f", "g"],
    ["a letter behind", "5x"],
    ["a space in front", " 5"],
    ["a tab in front", "\t5"],
    ["a space behind", "5 "],
    ["a tab behind", "5\t"],
    ["a space between digits", "0 5"],
    ["a comma", "5,"],
    ["a point", "5.0"],
    ["a NUL", "5\0"],
    ["a NUL in front", "\x005"],
    ["a vertical tab", "5\v"],
    ["an 8-bit digit", "\xb2"],
    ["a quoted size", '"5"'],
    ["an extension without a size", ";a=b"],
    ["an extension behind a comma", "5,a=b"],
  ] as const).map(([what, size]) => ({
    name: `refuses ${what} as a size (RFC 9112 7.1)`,
    wire: `${size}\r\nhello\r\n0\r\n\r\n`,
    want: 400,
  })),
  // Line ends.
  ...refusals(400, {
    "a bare LF behind the size (RFC 9112 7.1)": "5\nhello\r\n0\r\n\r\n",
    "a bare CR behind the size (RFC 9112 7.1)": "5\rhello\r\n0\r\n\r\n",
    "two CRs behind the size (RFC 9112 7.1)": "5\r\r\nhello\r\n0\r\n\r\n",
    "a CR and anything for a line end (RFC 9112 7.1)": "5\rXhello\r\n0\r\n\r\n",
    "a bare LF behind the data (RFC 9112 7.1)": "5\r\nhello\n0\r\n\r\n",
    "a bare CR behind the data (RFC 9112 7.1)": "5\r\nhello\r0\r\n\r\n",
    "data without a line end (RFC 9112 7.1)": "5\r\nhello0\r\n\r\n",
    "any two bytes for the end of the data (SPILL smuggling)":
      "5\r\nhelloXX0\r\n\r\n",
    "data longer than its size (RFC 9112 7.1)": "4\r\nhello\r\n0\r\n\r\n",
    "data shorter than its size (RFC 9112 7.1)": "6\r\nhello\r\n0\r\n\r\n",
  }),
  {
    name: "keeps CRLF inside the data (RFC 9112 7.1)",
    wire: "7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n",
    want: "\r\n0\r\n\r\n",
  },
  {
    name: "keeps every byte of the data (RFC 9112 7.1)",
    wire: `6\r\n\0\r\n\x7f\x80\xff\r\n0\r\n\r\n`,
    want: "\0\r\n\x7f\x80\xff",
  },
  ...refusals(400, {
    "an empty line before a size (RFC 9112 7.1)": "\r\n5\r\nhello\r\n0\r\n\r\n",
    "two empty lines behind the data (RFC 9112 7.1)":
      "5\r\nhello\r\n\r\n0\r\n\r\n",
    "a bare LF behind the last chunk (RFC 9112 7.1)": "0\n\r\n",
    "a bare LF for the end of the body (RFC 9112 7.1)": "0\r\n\n",
    "a bare CR for the end of the body (RFC 9112 7.1)": "0\r\n\rX",
  }),
];

testDecoder(rows);

Deno.test("ChunkedDecoder takes nothing once it is done", () => {
  const decoder = new ChunkedDecoder(limits(), () => {});
  assertEquals(decoder.push(bytesOf("0\r\n\r\n")), 5);
  assertEquals(decoder.done, true);
  assertEquals(decoder.push(bytesOf("5\r\nhello\r\n")), 0);
});

Deno.test("ChunkedDecoder lets an error of its user through", () => {
  const decoder = new ChunkedDecoder(limits(), () => {
    throw new HttpError(413, "Too much.");
  });
  const error = assertThrows(
    () => decoder.push(bytesOf("5\r\nhello\r\n")),
    HttpError,
  );
  assertEquals(error.status, 413);
});

Deno.test("chunkStart() writes sizes as hexadecimal digits (RFC 9112 7.1)", () => {
  const sizes: [number, string][] = [[1, "1"], [10, "a"], [16, "10"], [
    65_535,
    "ffff",
  ], [2 ** 32 + 5, "100000005"]];
  for (const [size, digits] of sizes) {
    assertEquals(textOf(chunkStart(size)), `${digits}\r\n`);
  }
});

Deno.test("chunkStart(), chunkEnd and lastChunk make what ChunkedDecoder reads", () => {
  const data = bytesOf("\r\n0\r\n\r\n\0\xff".repeat(100));
  let content = "";
  const decoder = new ChunkedDecoder(limits(), (bytes) => {
    content += textOf(bytes);
  });
  for (const bytes of [chunkStart(data.length), data, chunkEnd, lastChunk]) {
    assertEquals(decoder.done, false);
    assertEquals(decoder.push(bytes), bytes.length);
  }
  assertEquals(decoder.done, true);
  assertEquals(content, textOf(data));
});
