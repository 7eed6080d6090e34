/** Rows of the chunked coding. */

import { chunked, get, type WireRow } from "./wire_row.ts";

/** The chunked coding (RFC 9112 section 7.1). */
export const chunkRows: readonly WireRow[] = [
  ...[
    ["a bare LF behind the size", "5\nhello\r\n0\r\n\r\n"],
    ["a bare CR behind the size", "5\rhello\r\n0\r\n\r\n"],
    ["a bare LF behind the data", "5\r\nhello\n0\r\n\r\n"],
    ["a bare CR behind the data", "5\r\nhello\r0\r\n\r\n"],
    ["no CRLF behind the data", "5\r\nhello0\r\n\r\n"],
    ["data longer than the size", "5\r\nhello!\r\n0\r\n\r\n"],
    ["a size of 0x5", "0x5\r\nhello\r\n0\r\n\r\n"],
    ["a size of +5", "+5\r\nhello\r\n0\r\n\r\n"],
    ["a size of -5", "-5\r\nhello\r\n0\r\n\r\n"],
    ["a size of -0", "-0\r\n\r\n"],
    ["an empty size", "\r\nhello\r\n0\r\n\r\n"],
    ["a size that is no number", "five!\r\nhello\r\n0\r\n\r\n"],
    ["a space before the size", " 5\r\nhello\r\n0\r\n\r\n"],
    ["a space behind the size", "5 \r\nhello\r\n0\r\n\r\n"],
    ["an underscore in the size", "0_5\r\nhello\r\n0\r\n\r\n"],
    ["a size past 2^64", "10000000000000005\r\nhello\r\n0\r\n\r\n"],
    ["a size of 5 behind 16 zeros", "00000000000000005\r\nhello\r\n0\r\n\r\n"],
    ["a bare LF in an extension (TERM.EXT)", "5;\nxx\r\nhello\r\n0\r\n\r\n"],
    ["a bare CR in an extension", "5;a\rb\r\nhello\r\n0\r\n\r\n"],
    ["a NUL in an extension", "5;a\0b\r\nhello\r\n0\r\n\r\n"],
    ["a bare LF behind the last size", "0\n\r\n"],
    ["a bare LF for the end", "0\r\n\n"],
    ["a trailer without a colon", "0\r\ntrailer\r\n\r\n"],
    ["a space before a trailer's colon", "0\r\nX : y\r\n\r\n"],
    ["a folded trailer", "0\r\nX: y\r\n z\r\n\r\n"],
    ["a NUL in a trailer", "0\r\nX: \0\r\n\r\n"],
    ["a bare LF in a trailer", "0\r\nX: y\nZ: z\r\n\r\n"],
  ].map(([name, content]): WireRow => ({
    name: `chunks: ${name}`,
    wire: chunked(content),
    want: "400 closed",
  })),
  {
    name: "chunks: a line of 600 bytes of extension",
    wire: chunked(`5;${"x".repeat(600)}\r\nhello\r\n0\r\n\r\n`),
    want: "400 closed",
  },
  {
    name: "chunks: more extensions than anybody needs",
    wire: chunked(`${`1;${"x".repeat(400)}\r\na\r\n`.repeat(50)}0\r\n\r\n`),
    want: "400 closed",
  },
  {
    name: "chunks: trailers without end",
    wire: chunked(`0\r\n${`X: ${"y".repeat(1000)}\r\n`.repeat(9)}\r\n`),
    want: "431 closed",
  },
  {
    name: "chunks: an extension, in quotes too, is ignored",
    wire: chunked('5;a=b;c="d;e"\r\nhello\r\n0;end\r\n\r\n'),
    want: "200 open",
    saw: ["POST /p hello"],
  },
  {
    name: "chunks: sizes in either case, with a few zeros",
    wire: chunked("0A\r\n0123456789\r\n00a\r\n0123456789\r\n000\r\n\r\n"),
    want: "200 open",
    saw: ["POST /p 01234567890123456789"],
  },
  {
    name: "chunks: trailers are dropped, those that would frame too",
    wire: chunked(
      "0\r\nContent-Length: 9\r\nTransfer-Encoding: gzip\r\nHost: b\r\n\r\n",
    ),
    want: "200 open",
    saw: ["POST /p "],
  },
  {
    name: "chunks: a chunk that looks like the last one is data",
    wire: chunked("5\r\n0\r\n\r\n\r\n0\r\n\r\n"),
    want: "200 open",
    saw: ["POST /p 0\r\n\r\n"],
  },
  {
    name: "chunks: a request where the last one should be",
    wire: chunked(`5\r\nhello\r\n${get("/in")}`),
    want: "400 closed",
  },
];
