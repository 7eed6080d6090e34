/**
 * Content off a connection: by its framing, up to its limits, and where it breaks off.
 */

import type { Limits } from "../../lib/limits.ts";
import { head } from "../support/wire.ts";
import {
  chunkedField,
  get,
  post,
  posted,
  type Row,
  testReader,
} from "../support/reader_rows.ts";
import { refusals } from "../support/rows.ts";

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

testReader([...limitRows, ...bodyRows, ...cutRows]);
