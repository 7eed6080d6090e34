/**
 * Requests off a connection, from the first byte to the last of the content: bytes in,
 * a request or a refusal out. Every row is read whole, byte by byte, in other pieces,
 * and with a second request behind it. A row that is refused is refused from its own
 * bytes alone: its source fails when it is asked for more, as a client that waits for
 * its answer would never send it.
 */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import type { Limits } from "../lib/limits.ts";
import { refusals } from "./support/rows.ts";
import {
  bytesOf,
  deliveries,
  endOf,
  head,
  inPieces,
  type InputEnd,
  limits,
  MemorySource,
  readAll,
  readerOf,
  type ReadRequest,
  readRequest,
} from "./support/wire.ts";

interface Row {
  readonly name: string;
  readonly wire: string;
  readonly limits?: Partial<Limits>;
  /** What differs from `plain`; or how it ends without a request. */
  readonly want: Partial<ReadRequest> | InputEnd;
}

/** What most good rows are but for one thing. */
const plain: ReadRequest = {
  method: "GET",
  target: "/",
  authority: "h",
  version: "1.1",
  fields: [["host", "h"]],
  body: null,
};

/** A request with those lines and that content. */
function get(lines: string[] = [], body = ""): string {
  return head("GET / HTTP/1.1", "Host: h", ...lines) + body;
}

/** The same of a POST, and what its reader should find. */
function post(lines: string[], body: string): string {
  return head("POST / HTTP/1.1", "Host: h", ...lines) + body;
}

function posted(
  fields: [string, string][],
  body: string,
): Partial<ReadRequest> {
  return { method: "POST", fields: [["host", "h"], ...fields], body };
}

const chunkedField: [string, string] = ["transfer-encoding", "chunked"];

const headRows: Row[] = [
  { name: "accepts a plain request (RFC 9112 2.1)", wire: get(), want: {} },
  {
    name: "accepts HTTP/1.0 without a field (RFC 9112 3.2)",
    wire: head("GET / HTTP/1.0"),
    want: { version: "1.0", authority: "", fields: [] },
  },
  {
    name: "accepts HTTP/1.2 (RFC 9110 2.5)",
    wire: head("GET / HTTP/1.2", "Host: h"),
    want: {},
  },
  {
    name: "drops one empty line before a request (RFC 9112 2.2)",
    wire: `\r\n${get()}`,
    want: {},
  },
  ...refusals(400, {
    "two empty lines before a request (RFC 9112 2.2)": `\r\n\r\n${get()}`,
    "a bare LF before a request (RFC 9112 2.2)": `\n${get()}`,
    "a bare CR before a request (RFC 9112 2.2)": `\r${get()}`,
    "a space before a request (RFC 9112 3)": ` ${get()}`,
    "a byte order mark before a request (RFC 9112 3)": `\xef\xbb\xbf${get()}`,
    "a NUL before a request (RFC 9112 3)": `\0${get()}`,
  }),
  {
    name: "keeps a byte order mark in a value (RFC 9110 5.5)",
    wire: get(["A: \xef\xbb\xbf"]),
    want: { fields: [["host", "h"], ["a", "\xef\xbb\xbf"]] },
  },
  {
    name: "keeps bytes that windows-1252 would change (RFC 9110 5.5)",
    wire: get(["A: \x80\x93\x9f"]),
    want: { fields: [["host", "h"], ["a", "\x80\x93\x9f"]] },
  },
  {
    name: "takes NEL for no line end (RFC 9112 2.2)",
    wire: get(["A: b\x85c"]),
    want: { fields: [["host", "h"], ["a", "b\x85c"]] },
  },
  {
    name: "keeps an empty value (RFC 9110 5.5)",
    wire: get(["A:"]),
    want: { fields: [["host", "h"], ["a", ""]] },
  },
  {
    name: "keeps repeated fields in their order (RFC 9110 5.3)",
    wire: get(["A: 1", "B: 2", "a: 3"]),
    want: { fields: [["host", "h"], ["a", "1"], ["b", "2"], ["a", "3"]] },
  },
  {
    name: "lets an absolute-form target win over Host (RFC 9112 3.2.2)",
    wire: head("GET http://a:81/b HTTP/1.1", "Host: h"),
    want: { target: "/b", authority: "a:81" },
  },
  {
    name: "accepts OPTIONS * (RFC 9112 3.2.4)",
    wire: head("OPTIONS * HTTP/1.1", "Host: h"),
    want: { method: "OPTIONS", target: "*" },
  },
  {
    name: "refuses GET * (RFC 9112 3.2.4)",
    wire: head("GET * HTTP/1.1", "Host: h"),
    want: 400,
  },
  {
    name: "refuses CONNECT (RFC 9110 9.3.6)",
    wire: head("CONNECT a:443 HTTP/1.1", "Host: a:443"),
    want: 501,
  },
  ...refusals(400, {
    "a head without Host (RFC 9112 3.2)": head("GET / HTTP/1.1", "Accept: a"),
    "two Hosts (RFC 9112 3.2)": get(["Host: h"]),
    "bare LFs for line ends (RFC 9112 2.2)": get().replaceAll("\r\n", "\n"),
    "bare CRs for line ends (RFC 9112 2.2)": get().replaceAll("\r\n", "\r"),
    "a bare LF for the empty line (RFC 9112 2.2)":
      "GET / HTTP/1.1\r\nHost: h\r\n\n",
    "a bare CR that could end a line (CR smuggling)": get([
      "A: b\rTransfer-Encoding: chunked",
    ]),
    "a bare LF that could end a line (LF smuggling)": get([
      "A: b\nTransfer-Encoding: chunked",
    ]),
    "CR CR LF (RFC 9112 2.2)": "GET / HTTP/1.1\r\r\nHost: h\r\n\r\n",
    "a NUL in a value (RFC 9110 5.5)": get(["A: b\0c"]),
    "a vertical tab in a value (RFC 9110 5.5)": get(["A: b\vc"]),
    "a folded value (RFC 9112 5.2)": get(["A: b", " c"]),
    "a folded framing value (RFC 9112 5.2)": get([
      "Transfer-Encoding:",
      " chunked",
    ], "0\r\n\r\n"),
    "white space before the first field (RFC 9112 2.2)": head(
      "GET / HTTP/1.1",
      " Host: h",
    ),
    "a space before the colon (RFC 9112 5.1)": head(
      "GET / HTTP/1.1",
      "Host : h",
    ),
    "an empty field name (RFC 9112 5)": get([": a"]),
    "a field line without a colon (RFC 9112 5)": get(["A"]),
    "an 8-bit byte in a field name (RFC 9110 5.1)": get(["\xe9: a"]),
    "two spaces in the request line (RFC 9112 3)": head(
      "GET  / HTTP/1.1",
      "Host: h",
    ),
    "tabs in the request line (RFC 9112 3)": head(
      "GET\t/\tHTTP/1.1",
      "Host: h",
    ),
    "lower-case http/1.1, at its line end (RFC 9112 2.3)": "GET / http/1.1\r\n",
    "a fragment (RFC 9112 3.2)": head("GET /#a HTTP/1.1", "Host: h"),
  }),
];

const foreignRows: Row[] = [
  {
    name: "refuses HTTP/0.9 at its line end (RFC 9110 15.6.6)",
    wire: "GET /\r\n",
    want: 505,
  },
  {
    name: "refuses HTTP/0.9 with a bare LF (RFC 9112 2.2)",
    wire: "GET /\n",
    want: 400,
  },
  ...refusals(505, {
    "HTTP/2.0 at its line end (RFC 9110 15.6.6)": "GET / HTTP/2.0\r\n",
    "HTTP/2.0 whatever is wrong behind it (RFC 9110 15.6.6)":
      "GET / HTTP/2.0\r\nno\nfield",
    "HTTP/2.0 however long its head is (RFC 9110 15.6.6)": head(
      "GET / HTTP/2.0",
      `A: ${"b".repeat(40_000)}`,
    ),
    "the preface of HTTP/2 (RFC 9113 3.4)":
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
  }),
  ...refusals(400, {
    "a TLS ClientHello (RFC 8446 5.1)":
      "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
    "TLS at its first byte (RFC 8446 5.1)": "\x16",
    "an SSL 2.0 ClientHello (RFC 6101 E)": "\x80\x2e\x01\0\x02",
    "SOCKS 5 (RFC 1928 3)": "\x05\x01\0",
    "a PROXY line (HAProxy's PROXY protocol)":
      "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n",
    "a binary PROXY header (HAProxy's PROXY protocol)": "\r\n\r\n\0\r\nQUIT\n",
    "SSH (RFC 4253 4.2)": "SSH-2.0-OpenSSH_9.6\r\n",
  }),
  {
    name: "refuses SMTP at its line end (RFC 5321 4.1.1.1)",
    wire: "EHLO a.example\r\n",
    want: 505,
  },
  {
    name: "refuses a status line (response splitting)",
    wire: "HTTP/1.1 200 OK\r\n",
    want: 400,
  },
];

const small: Partial<Limits> = {
  maxRequestLineBytes: 20,
  maxHeadBytes: 60,
  maxFields: 3,
  maxBodyBytes: 10,
};

const limitRows: Row[] = [
  {
    name: "accepts a request line as long as its limit",
    wire: head("GET /abcdef HTTP/1.1", "Host: h"),
    limits: small,
    want: { target: "/abcdef" },
  },
  {
    name: "refuses a longer one (RFC 9110 15.5.15)",
    wire: head("GET /abcdefg HTTP/1.1", "Host: h"),
    limits: small,
    want: 414,
  },
  {
    name: "refuses a longer one before it ends (RFC 9110 15.5.15)",
    wire: "GET /abcdefghijklmnop",
    limits: small,
    want: 414,
  },
  {
    name: "accepts a request line of 8 KiB (RFC 9112 3)",
    wire: head(`GET /${"a".repeat(8178)} HTTP/1.1`, "Host: h"),
    want: { target: `/${"a".repeat(8178)}` },
  },
  ...refusals(414, {
    "one byte more (RFC 9112 3)": head(
      `GET /${"a".repeat(8179)} HTTP/1.1`,
      "Host: h",
    ),
    "a method that never ends (RFC 9110 15.5.15)": "A".repeat(8193),
  }),
  {
    name: "accepts a head as long as its limit",
    wire: get([`A: ${"b".repeat(28)}`]),
    limits: small,
    want: { fields: [["host", "h"], ["a", "b".repeat(28)]] },
  },
  {
    name: "refuses a longer head (RFC 6585 5)",
    wire: get([`A: ${"b".repeat(29)}`]),
    limits: small,
    want: 431,
  },
  {
    name: "refuses a longer head before it ends (RFC 6585 5)",
    wire: get([`A: ${"b".repeat(34)}`]).slice(0, -4),
    limits: small,
    want: 431,
  },
  {
    name: "refuses a head of more than 32 KiB (RFC 6585 5)",
    wire: get([`A: ${"b".repeat(32 * 1024)}`]),
    want: 431,
  },
  {
    name: "accepts 100 fields",
    wire: get(Array<string>(99).fill("A: b")),
    want: {
      fields: [["host", "h"], ...Array<[string, string]>(99).fill(["a", "b"])],
    },
  },
  {
    name: "refuses 101 fields (RFC 6585 5)",
    wire: get(Array<string>(100).fill("A: b")),
    want: 431,
  },
  {
    name: "accepts content as long as its limit",
    wire: post(["Content-Length: 10"], "0123456789"),
    limits: small,
    want: posted([["content-length", "10"]], "0123456789"),
  },
  {
    name: "refuses longer content before a byte of it (RFC 9110 15.5.14)",
    wire: post(["Content-Length: 11"], ""),
    limits: small,
    want: 413,
  },
  {
    name: "accepts chunked content as long as the limit",
    wire: head("GET / HTTP/1.1", "Host:h", "Transfer-Encoding:chunked") +
      "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n",
    limits: { ...small, maxHeadBytes: 100 },
    want: { fields: [["host", "h"], chunkedField], body: "0123456789" },
  },
  {
    name: "refuses longer chunked content once it is (RFC 9110 15.5.14)",
    wire: head("GET / HTTP/1.1", "Host:h", "Transfer-Encoding:chunked") +
      "5\r\n01234\r\n6\r\n56789a",
    limits: { ...small, maxHeadBytes: 100 },
    want: 413,
  },
  {
    name: "refuses trailers that never end (RFC 6585 5)",
    wire: post(["Transfer-Encoding: chunked"], `0\r\nA: ${"b".repeat(8200)}`),
    want: 431,
  },
];

const bodyRows: Row[] = [
  {
    name: "reads content by its length (RFC 9112 6.3 rule 6)",
    wire: post(["Content-Length: 5"], "hello"),
    want: posted([["content-length", "5"]], "hello"),
  },
  {
    name: "reads content of a GET, which could hide a request (CL.0 smuggling)",
    wire: get(["Content-Length: 18"], "GET /b HTTP/1.1\r\n\r"),
    want: {
      fields: [["host", "h"], ["content-length", "18"]],
      body: "GET /b HTTP/1.1\r\n\r",
    },
  },
  {
    name: "reads no content where its length is 0 (RFC 9112 6.3 rule 6)",
    wire: post(["Content-Length: 0"], ""),
    want: posted([["content-length", "0"]], ""),
  },
  {
    name: "finds no content without a length (RFC 9112 6.3 rule 7)",
    wire: post([], ""),
    want: { method: "POST" },
  },
  {
    name: "keeps every byte of content (RFC 9110 6.4)",
    wire: post(["Content-Length: 8"], "\0\r\n\r\n\x7f\x80\xff"),
    want: posted([["content-length", "8"]], "\0\r\n\r\n\x7f\x80\xff"),
  },
  {
    name: "reads content larger than any buffer (RFC 9112 6.3 rule 6)",
    wire: post(["Content-Length: 150000"], "abc".repeat(50_000)),
    want: posted([["content-length", "150000"]], "abc".repeat(50_000)),
  },
  {
    name: "reads chunked content (RFC 9112 7.1)",
    wire: post(
      ["Transfer-Encoding: chunked"],
      "3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n",
    ),
    want: posted([chunkedField], "abcd"),
  },
  {
    name: "reads empty chunked content (RFC 9112 7.1)",
    wire: post(["Transfer-Encoding: chunked"], "0\r\n\r\n"),
    want: posted([chunkedField], ""),
  },
  {
    name: "reads a chunk larger than any buffer (RFC 9112 7.1)",
    wire: post(
      ["Transfer-Encoding: chunked"],
      `249f0\r\n${"abc".repeat(50_000)}\r\n0\r\n\r\n`,
    ),
    want: posted([chunkedField], "abc".repeat(50_000)),
  },
  {
    name: "drops extensions and trailers (RFC 9112 7.1.1, 7.1.2)",
    wire: post(
      ["Transfer-Encoding: chunked"],
      "1;a=b\r\nx\r\n0;c\r\nD: e\r\n\r\n",
    ),
    want: posted([chunkedField], "x"),
  },
  ...refusals(400, {
    "a broken size at its line end (RFC 9112 7.1)": post([
      "Transfer-Encoding: chunked",
    ], "x\r\n"),
    "Content-Length before Transfer-Encoding (CL.TE smuggling)": post(
      ["Content-Length: 6", "Transfer-Encoding: chunked"],
      "0\r\n\r\nG",
    ),
    "Transfer-Encoding before Content-Length (TE.CL smuggling)": post(
      ["Transfer-Encoding: chunked", "Content-Length: 3"],
      "8\r\nSMUGGLED\r\n0\r\n\r\n",
    ),
    "a second Transfer-Encoding (TE.TE smuggling)": post(
      ["Transfer-Encoding: chunked", "Transfer-encoding: cow"],
      "0\r\n\r\n",
    ),
    "Transfer-Encoding in HTTP/1.0 (RFC 9112 6.1)":
      head("POST / HTTP/1.0", "Transfer-Encoding: chunked") + "0\r\n\r\n",
  }),
  {
    name: "refuses gzip, chunked (RFC 9112 6.1)",
    wire: post(["Transfer-Encoding: gzip, chunked"], "0\r\n\r\n"),
    want: 501,
  },
  ...refusals(400, {
    "chunked, gzip (RFC 9112 6.3 rule 4)": post([
      "Transfer-Encoding: chunked, gzip",
    ], "0\r\n\r\n"),
    "a Transfer-Encoding hidden by a vertical tab (smuggling)": post([
      "Transfer-Encoding:\vchunked",
    ], "0\r\n\r\n"),
    "a repeated Content-Length (CL.CL smuggling)": post([
      "Content-Length: 5",
      "Content-Length: 5",
    ], "hello"),
    "a signed Content-Length (RFC 9110 8.6)": post(
      ["Content-Length: +5"],
      "hello",
    ),
  }),
  {
    name: "asks an HTTP/1.0 POST for its length (RFC 9110 15.5.12)",
    wire: head("POST / HTTP/1.0"),
    want: 411,
  },
];

const cutRows: Row[] = [
  {
    name: "takes nothing for a clean end (RFC 9112 9.5)",
    wire: "",
    want: "end",
  },
  {
    name: "takes an empty line for a clean end (RFC 9112 2.2)",
    wire: "\r\n",
    want: "end",
  },
  ...([
    ["a CR", "\r"],
    ["a method", "GE"],
    ["a request line", "GET / HTTP/1.1\r\n"],
    ["fields", "GET / HTTP/1.1\r\nHost: h\r\n"],
    ["all but the last byte of a head", get().slice(0, -1)],
    ["a head that announces content", post(["Content-Length: 5"], "")],
    ["a part of content", post(["Content-Length: 5"], "hell")],
    ["a part of a chunk", post(["Transfer-Encoding: chunked"], "5\r\nhell")],
    [
      "chunks without a last one",
      post(["Transfer-Encoding: chunked"], "1\r\na\r\n"),
    ],
    ["a last chunk", post(["Transfer-Encoding: chunked"], "1\r\na\r\n0\r\n")],
  ] as const).map(([what, wire]) => ({
    name: `finds a request incomplete after ${what} (RFC 9112 8)`,
    wire,
    want: "incomplete" as const,
  })),
];

const rows = [
  ...headRows,
  ...foreignRows,
  ...limitRows,
  ...bodyRows,
  ...cutRows,
];

for (const row of rows) {
  Deno.test(`RequestReader ${row.name}`, async () => {
    const bytes = bytesOf(row.wire);
    // Of a large body, the interesting pieces come by themselves.
    const ways = bytes.length > 50_000
      ? { "whole": deliveries.whole, "in 1000s": inThousands }
      : deliveries;
    for (const [how, deliver] of Object.entries(ways)) {
      const pieces = deliver(bytes);
      if (typeof row.want === "string") {
        const { requests, end } = await readAll(
          new MemorySource(pieces),
          limits(row.limits),
        );
        assertEquals({ requests, end }, { requests: [], end: row.want }, how);
        continue;
      }
      // Nobody may wait for what the row's own bytes decide.
      const source = new MemorySource(pieces, "fails");
      assertEquals(await readOne(source, row), wanted(row), how);
    }
  });
}

const second = "GET /second HTTP/1.1\r\nHost: s\r\nA: b\r\n\r\n";
const secondRead: ReadRequest = {
  method: "GET",
  target: "/second",
  authority: "s",
  version: "1.1",
  fields: [["host", "s"], ["a", "b"]],
  body: null,
};

for (const row of rows.filter(({ want }) => typeof want !== "string")) {
  Deno.test(`RequestReader, with a second request behind, ${row.name}`, async () => {
    const bytes = bytesOf(row.wire + second);
    const ways = bytes.length > 50_000
      ? { "whole": deliveries.whole, "in 1000s": inThousands }
      : deliveries;
    for (const [how, deliver] of Object.entries(ways)) {
      const source = new MemorySource(deliver(bytes));
      const seen = await readAll(source, limits(row.limits));
      const want = wanted(row);
      const good = typeof want !== "number";
      assertEquals(seen, {
        requests: good ? [want, secondRead] : [],
        end: good ? "end" : want,
      }, how);
      if (good) assertEquals(source.left, 0, how);
    }
  });
}

function inThousands(bytes: Uint8Array<ArrayBuffer>) {
  return inPieces(bytes, 1000);
}

function wanted({ want }: Row): ReadRequest | InputEnd {
  return typeof want === "object" ? { ...plain, ...want } : want;
}

async function readOne(
  source: MemorySource,
  row: Row,
): Promise<ReadRequest | InputEnd | null> {
  const sizes = limits(row.limits);
  const reader = readerOf(source, sizes);
  try {
    await reader.fill();
    return await readRequest(reader, sizes);
  } catch (error) {
    return endOf(error);
  }
}

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
      10,
    );
    const bytes = await content.whole(10);
    assert(bytes !== null);
    assertEquals(bytes.buffer.byteLength, 4);
    structuredClone(bytes, { transfer: [bytes.buffer] });
    assertEquals(await readRequest(reader, limits()), secondRead);
  }
});
