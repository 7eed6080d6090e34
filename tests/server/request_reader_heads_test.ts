/**
 * Heads off a connection, and first bytes of what is none: which are read, and which are
 * refused, at the first byte that decides it.
 */

import { head } from "../support/wire.ts";
import { get, type Row, testReader } from "../support/reader_rows.ts";
import { refusals } from "../support/rows.ts";

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

testReader([...headRows, ...foreignRows]);
