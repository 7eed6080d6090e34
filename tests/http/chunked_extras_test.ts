/**
 * The chunked coding: extensions, trailers, the limits of both, and bodies that break off.
 */

import { type Row, testDecoder } from "../support/decoder_rows.ts";

const rows: Row[] = [
  // Extensions.
  ...([
    ["a name", ";a"],
    ["a name and a value", ";a=b"],
    ["several", ";a=b;c;d=e"],
    ["a quoted value", ';a="b"'],
    ["a semicolon in a quoted value", ';a="b;c"'],
    ["a quoted quote", ';a="b\\"c"'],
    ["a quoted tab", ';a="b\tc"'],
    ["an 8-bit quoted value", ';a="\x80\xff"'],
    ["bad white space before it", " \t;a=b"],
    ["bad white space inside it", "; a = b"],
  ] as const).map(([what, extension]) => ({
    name: `reads over an extension: ${what} (RFC 9112 7.1.1)`,
    wire: `5${extension}\r\nhello\r\n0${extension}\r\n\r\n`,
    want: "hello",
  })),
  ...([
    ["a quoted LF (TERM.EXT smuggling)", ';a="\n"'],
    ["a bare LF (TERM.EXT smuggling)", ";\n"],
    ["a bare CR (EXT.TERM smuggling)", ";a\rb"],
    ["a quoted CR (EXT.TERM smuggling)", ';a="\r"'],
    ["a NUL (RFC 9112 7.1.1)", ";a\0"],
    ["DEL (RFC 9112 7.1.1)", ";a\x7f"],
    ["a vertical tab (RFC 9112 7.1.1)", ";\va"],
  ] as const).map(([what, extension]) => ({
    name: `refuses ${what} in an extension`,
    wire: `5${extension}\r\nhello\r\n0\r\n\r\n`,
    want: 400,
  })),
  {
    name: "ends an extension at a quoted CRLF (RFC 9110 5.6.4)",
    wire: '5;a="\r\nhello\r\n0\r\n\r\n',
    want: "hello",
  },
  {
    name: "refuses the size line of an attack on bare LF (TERM.EXT smuggling)",
    wire: "2;\nxx\r\n4c\r\n0\r\n\r\n",
    want: 400,
  },
  // Trailers.
  {
    name: "drops trailers (RFC 9110 6.5.1)",
    wire: "1\r\na\r\n0\r\nExpires: never\r\nX-Sum: 1\r\n\r\n",
    want: "a",
  },
  {
    name: "drops trailers that would frame (RFC 9110 6.5.1)",
    wire: "0\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    want: "",
  },
  {
    name: "drops an empty trailer (RFC 9110 5.5)",
    wire: "0\r\nA:\r\n\r\n",
    want: "",
  },
  ...([
    ["a space before the colon (RFC 9112 5.1)", "A : b"],
    ["a folded line (RFC 9112 5.2)", "A: b\r\n c"],
    ["an empty name (RFC 9112 5)", ": b"],
    ["a name that is no token (RFC 9110 5.6.2)", "A(: b"],
    ["a line without a colon (RFC 9112 5)", "A"],
    ["a request line (smuggling)", "GET /admin HTTP/1.1"],
    ["a NUL (RFC 9110 5.5)", "A: b\0"],
    ["a control character (RFC 9110 5.5)", "A: b\x01"],
    ["a bare LF (TRAIL.TERM smuggling)", "A: b\nC: d"],
    ["a bare CR (TRAIL.TERM smuggling)", "A: b\rC: d"],
    ["an 8-bit byte in its name (RFC 9110 5.1)", "\xe9: b"],
  ] as const).map(([what, trailer]) => ({
    name: `refuses a trailer with ${what}`,
    wire: `0\r\n${trailer}\r\n\r\n`,
    want: 400,
  })),
  // Limits.
  {
    name: "accepts a size line as long as its limit",
    wire: "5;abcde\r\nhello\r\n0\r\n\r\n",
    limits: { maxChunkLineBytes: 7 },
    want: "hello",
  },
  {
    name: "refuses a size line past its limit",
    wire: "5;abcdef\r\nhello\r\n0\r\n\r\n",
    limits: { maxChunkLineBytes: 7 },
    want: 400,
  },
  {
    name: "refuses a size line that never ends",
    wire: `5;${"a".repeat(1000)}`,
    want: 400,
  },
  {
    name: "accepts as many bytes of extensions as their limit",
    wire: "1;ab\r\nx\r\n1;ab\r\ny\r\n0\r\n\r\n",
    limits: { maxChunkExtensionBytes: 6 },
    want: "xy",
  },
  {
    name: "refuses extensions past their limit, all together (CVE-2023-39326)",
    wire: "1;ab\r\nx\r\n1;ab\r\ny\r\n0;\r\n\r\n",
    limits: { maxChunkExtensionBytes: 6 },
    want: 400,
  },
  {
    name: "counts the white space of extensions (CVE-2023-39326)",
    wire: "1 \t ;\r\nx\r\n0\r\n\r\n",
    limits: { maxChunkExtensionBytes: 3 },
    want: 400,
  },
  {
    name: "accepts trailers as long as their limit",
    wire: "0\r\nA: b\r\nC: d\r\n\r\n",
    limits: { maxTrailerBytes: 8 },
    want: "",
  },
  {
    name: "refuses trailers past their limit, all together (RFC 6585 5)",
    wire: "0\r\nA: b\r\nC: de\r\n\r\n",
    limits: { maxTrailerBytes: 8 },
    want: 431,
  },
  {
    name: "refuses one trailer past the limit (RFC 6585 5)",
    wire: "0\r\nA: bcdefg\r\n\r\n",
    limits: { maxTrailerBytes: 8 },
    want: 431,
  },
  {
    name: "refuses a trailer that never ends (RFC 6585 5)",
    wire: `0\r\nA: ${"b".repeat(10_000)}`,
    want: 431,
  },
  // Ends.
  ...([
    ["nothing", "", ""],
    ["a size", "5", ""],
    ["a CR", "5\r", ""],
    ["a size line", "5\r\n", ""],
    ["some data", "5\r\nhel", "hel"],
    ["all of the data", "5\r\nhello", "hello"],
    ["a chunk", "5\r\nhello\r\n", "hello"],
    ["the last chunk", "0\r\n", ""],
    ["a trailer", "0\r\nA: b\r\n", ""],
    ["the last CR", "0\r\n\r", ""],
  ] as const).map(([what, wire, unfinished]) => ({
    name: `waits for more after ${what} (RFC 9112 8)`,
    wire,
    want: { unfinished },
  })),
];

testDecoder(rows);
