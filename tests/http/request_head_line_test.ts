/**
 * The first line of a request: method, target and version.
 */

import { assertEquals } from "@std/assert";
import {
  parseRequestLine,
  type RequestLine,
} from "../../lib/http/request_head.ts";
import { refusals } from "../support/rows.ts";
import { verdict } from "../support/verdict.ts";

interface LineRow {
  readonly name: string;
  readonly wire: string;
  readonly want: RequestLine | number;
}

const get = { method: "GET", rawTarget: "/", version: "1.1" } as const;

const lineRows: LineRow[] = [
  {
    name: "accepts method, target and version (RFC 9112 3)",
    wire: "GET / HTTP/1.1",
    want: get,
  },
  {
    name: "accepts HTTP/1.0 (RFC 9110 2.5)",
    wire: "GET / HTTP/1.0",
    want: { ...get, version: "1.0" },
  },
  {
    name: "takes a higher minor version for 1.1 (RFC 9110 2.5)",
    wire: "GET / HTTP/1.2",
    want: get,
  },
  {
    name: "takes the highest minor version for 1.1 (RFC 9110 2.5)",
    wire: "GET / HTTP/1.9",
    want: get,
  },
  {
    name: "keeps the case of a method (RFC 9110 9.1)",
    wire: "get / HTTP/1.1",
    want: { ...get, method: "get" },
  },
  {
    name: "accepts every character of a token in a method (RFC 9110 5.6.2)",
    wire: "!#$%&'*+-.^_`|~09azAZ / HTTP/1.1",
    want: { ...get, method: "!#$%&'*+-.^_`|~09azAZ" },
  },
  {
    name: "accepts a query (RFC 9112 3.2.1)",
    wire: "GET /a?b=/c?d HTTP/1.1",
    want: { ...get, rawTarget: "/a?b=/c?d" },
  },
  {
    name: "leaves percent-encoding alone (RFC 9112 3.2)",
    wire: "GET /%2e%2E/%00 HTTP/1.1",
    want: { ...get, rawTarget: "/%2e%2E/%00" },
  },
  {
    name: "accepts what browsers send raw (RFC 3986 2, leniently)",
    wire: 'GET /a|b^c{d}"<e>\\` HTTP/1.1',
    want: { ...get, rawTarget: '/a|b^c{d}"<e>\\`' },
  },
  ...refusals(505, {
    "HTTP/2.0 (RFC 9110 15.6.6)": "GET / HTTP/2.0",
    "the preface of HTTP/2 (RFC 9113 3.4)": "PRI * HTTP/2.0",
    "HTTP/3.0 (RFC 9110 15.6.6)": "GET / HTTP/3.0",
    "a version 0.9 that is written out (RFC 9110 15.6.6)": "GET / HTTP/0.9",
    "HTTP/0.9 (RFC 9110 15.6.6)": "GET /",
    "HTTP/0.9 whose target looks like a version of another protocol":
      "GET HTTPS/1.1",
  }),
  ...refusals(400, {
    "a lower-case http/1.1 (RFC 9112 2.3)": "GET / http/1.1",
    "HTTP/1 without a minor version (RFC 9112 2.3)": "GET / HTTP/1",
    "a minor version of two digits (RFC 9112 2.3)": "GET / HTTP/1.10",
    "a major version of two digits (RFC 9112 2.3)": "GET / HTTP/11.1",
    "a comma in the version (RFC 9112 2.3)": "GET / HTTP/1,1",
    "another protocol's name (RFC 9112 2.3)": "OPTIONS rtsp://a/b RTSP/1.0",
    "two spaces after the method (RFC 9112 3)": "GET  / HTTP/1.1",
    "two spaces after the target (RFC 9112 3)": "GET /  HTTP/1.1",
    "a tab after the method (RFC 9112 3)": "GET\t/ HTTP/1.1",
    "a tab after the target (RFC 9112 3)": "GET /\tHTTP/1.1",
    "a space at the end (RFC 9112 3)": "GET / HTTP/1.1 ",
    "a space at the beginning (RFC 9112 3)": " GET / HTTP/1.1",
    "a vertical tab for a space (RFC 9112 3)": "GET\v/ HTTP/1.1",
    "a space in the target (RFC 9112 3.2)": "GET /a b HTTP/1.1",
    "a second request line in the target (request splitting)":
      "GET / HTTP/1.1 / HTTP/1.1",
    "a fragment (RFC 9112 3.2)": "GET /a#b HTTP/1.1",
    "an 8-bit byte in the target (RFC 3986 2)": "GET /\xe9 HTTP/1.1",
    "DEL in the target (RFC 3986 2)": "GET /\x7f HTTP/1.1",
    "a control character in the target (RFC 3986 2)": "GET /\x01 HTTP/1.1",
    "a colon in the method (RFC 9110 9.1)": "GET: / HTTP/1.1",
    "an 8-bit byte in the method (RFC 9110 9.1)": "G\xc9T / HTTP/1.1",
    "a line without a method (RFC 9112 3)": "/ HTTP/1.1",
    "a line without a target (RFC 9112 3)": "GET  HTTP/1.1",
    "a single word (RFC 9112 3)": "GET",
    "an empty line (RFC 9112 3)": "",
    "a field line (RFC 9112 3)": "Host: a",
    "a status line (RFC 9112 4)": "HTTP/1.1 200 OK",
  }),
];

for (const { name, wire, want } of lineRows) {
  Deno.test(`parseRequestLine() ${name}`, () => {
    assertEquals(verdict(() => parseRequestLine(wire)), want);
  });
}
