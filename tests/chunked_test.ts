/**
 * The chunked coding. Every row is decoded in all the pieces that a network may make of
 * it, and with bytes of a next request behind it.
 */

import { assertEquals, assertThrows } from "@std/assert";
import {
  ChunkedDecoder,
  chunkEnd,
  chunkStart,
  lastChunk,
} from "../lib/chunked.ts";
import { HttpError } from "../lib/http_error.ts";
import type { Limits } from "../lib/limits.ts";
import { refusals } from "./support/rows.ts";
import { refusal } from "./support/verdict.ts";
import { bytesOf, deliveries, limits, textOf } from "./support/wire.ts";

interface Row {
  readonly name: string;
  readonly wire: string;
  readonly limits?: Partial<Limits>;
  /** The content; or `unfinished`, what there is of it; or the status of the refusal. */
  readonly want: string | { readonly unfinished: string } | number;
}

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

for (const row of rows) {
  Deno.test(`ChunkedDecoder ${row.name}`, () => {
    for (const [how, deliver] of Object.entries(deliveries)) {
      assertEquals(decode(deliver(bytesOf(row.wire)), row), row.want, how);
    }
  });
}

for (const row of rows.filter(({ want }) => typeof want === "string")) {
  Deno.test(`ChunkedDecoder leaves the next request, where it ${row.name}`, () => {
    for (const next of ["GET / HTTP/1.1\r\n", "\r\n", "0\r\n\r\n"]) {
      for (const [how, deliver] of Object.entries(deliveries)) {
        const bytes = bytesOf(row.wire + next);
        const decoder = new ChunkedDecoder(limits(row.limits), () => {});
        let taken = 0;
        for (const piece of deliver(bytes)) taken += decoder.push(piece);
        assertEquals(textOf(bytes.subarray(0, taken)), row.wire, how);
      }
    }
  });
}

function decode(pieces: Uint8Array[], row: Row): Row["want"] {
  let content = "";
  const decoder = new ChunkedDecoder(limits(row.limits), (bytes) => {
    content += textOf(bytes);
  });
  try {
    for (const piece of pieces) {
      assertEquals(decoder.push(piece), piece.length, "bytes of the body");
    }
  } catch (error) {
    return refusal(error);
  }
  return decoder.done ? content : { unfinished: content };
}

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
