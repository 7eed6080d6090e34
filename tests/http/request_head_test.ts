/**
 * A head as a whole: what Host and target come to. Its lines are in
 * request_line_test.ts and request_field_test.ts; what only bytes can show (a bare CR, a
 * NUL, a limit) is the readers' business and tested with them.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { HttpError } from "../../lib/http/error.ts";
import { parseRequestHead } from "../../lib/http/request_head.ts";
import { refusals } from "../support/rows.ts";
import { verdict } from "../support/verdict.ts";

interface HeadRow {
  readonly name: string;
  readonly wire: readonly string[];
  readonly want:
    | { readonly target: string; readonly authority: string }
    | number;
}

const headRows: HeadRow[] = [
  {
    name: "takes the authority from Host (RFC 9112 3.3)",
    wire: ["GET /a HTTP/1.1", "Host: h"],
    want: { target: "/a", authority: "h" },
  },
  {
    name: "accepts a port (RFC 9110 7.2)",
    wire: ["GET / HTTP/1.1", "Host: h:8080"],
    want: { target: "/", authority: "h:8080" },
  },
  {
    name: "accepts the last port (RFC 6335 6)",
    wire: ["GET / HTTP/1.1", "Host: h:65535"],
    want: { target: "/", authority: "h:65535" },
  },
  {
    name: "accepts an empty port (RFC 3986 3.2.3)",
    wire: ["GET / HTTP/1.1", "Host: h:"],
    want: { target: "/", authority: "h:" },
  },
  {
    name: "accepts an IPv6 address (RFC 3986 3.2.2)",
    wire: ["GET / HTTP/1.1", "Host: [::1]:7878"],
    want: { target: "/", authority: "[::1]:7878" },
  },
  {
    name: "accepts an IPv4 address in an IPv6 one (RFC 3986 3.2.2)",
    wire: ["GET / HTTP/1.1", "Host: [::ffff:127.0.0.1]"],
    want: { target: "/", authority: "[::ffff:127.0.0.1]" },
  },
  {
    name: "accepts an underscore in a host (RFC 3986 3.2.2)",
    wire: ["GET / HTTP/1.1", "Host: a_b.test"],
    want: { target: "/", authority: "a_b.test" },
  },
  ...refusals(400, {
    "HTTP/1.1 without Host (RFC 9112 3.2)": ["GET / HTTP/1.1"],
    "a later minor version without Host (RFC 9112 3.2)": ["GET / HTTP/1.2"],
  }),
  {
    name: "accepts HTTP/1.0 without Host (RFC 9112 3.2)",
    wire: ["GET / HTTP/1.0"],
    want: { target: "/", authority: "" },
  },
  ...refusals(400, {
    "two Hosts that differ (RFC 9112 3.2)": [
      "GET / HTTP/1.1",
      "Host: a",
      "Host: b",
    ],
    "two Hosts that are equal (RFC 9112 3.2)": [
      "GET / HTTP/1.1",
      "Host: a",
      "host: a",
    ],
    "two Hosts in HTTP/1.0 (RFC 9112 3.2)": [
      "GET / HTTP/1.0",
      "Host: a",
      "Host: a",
    ],
    "two Hosts under an absolute-form target (RFC 9112 3.2)": [
      "GET http://a/ HTTP/1.1",
      "Host: a",
      "Host: a",
    ],
  }),
  ...[
    ["an empty Host (RFC 9110 4.2.1)", ""],
    ["a list of hosts (RFC 9110 7.2)", "a, b"],
    ["a Host with a path (RFC 9110 7.2)", "a/b"],
    ["a Host with userinfo (RFC 9110 7.2)", "u@a"],
    ["a Host with a query (RFC 9110 7.2)", "a?b"],
    ["a Host with a fragment (RFC 9110 7.2)", "a#b"],
    ["a Host with a backslash (RFC 3986 3.2.2)", "a\\b"],
    ["a Host with a space (RFC 3986 3.2.2)", "a b"],
    ["a Host with a scheme (RFC 9110 7.2)", "http://a"],
    ["a Host with markup (RFC 3986 3.2.2)", "<a>"],
    ["a Host with an 8-bit byte (RFC 3986 3.2.2)", "\xe9"],
    ["a Host whose port is no number (RFC 3986 3.2.3)", "a:b"],
    ["a Host with two ports (RFC 3986 3.2.3)", "a:1:2"],
    ["a Host with a negative port (RFC 3986 3.2.3)", "a:-1"],
    ["a Host with an endless port (RFC 3986 3.2.3)", "a:000080"],
    ["a Host with a port past the last one (RFC 6335 6)", "a:65536"],
    ["a Host of nothing but a port (RFC 9110 4.2.1)", ":80"],
    ["a Host with a bare IPv6 address (RFC 3986 3.2.2)", "::1"],
    ["a Host whose bracket stays open (RFC 3986 3.2.2)", "[::1"],
    ["a Host with something after the bracket (RFC 3986 3.2.2)", "[::1]a"],
    ["a Host with an empty bracket (RFC 3986 3.2.2)", "[]"],
    ["a Host with a zone (RFC 9110 4.2)", "[fe80::1%25eth0]"],
  ].map(([what, host]) => ({
    name: `refuses ${what}`,
    wire: ["GET / HTTP/1.1", `Host: ${host}`],
    want: 400,
  })),
  ...refusals(400, {
    "an invalid Host in HTTP/1.0 (RFC 9112 3.2)": [
      "GET / HTTP/1.0",
      "Host: a b",
    ],
    "an invalid Host under an absolute-form target (RFC 9112 3.2)": [
      "GET http://a/ HTTP/1.1",
      "Host: a b",
    ],
    "an absolute-form target without Host (RFC 9112 3.2)": [
      "GET http://a/ HTTP/1.1",
    ],
  }),
  {
    name: "lets an absolute-form target's authority win (RFC 9112 3.2.2)",
    wire: ["GET http://a:81/b?c HTTP/1.1", "Host: h"],
    want: { target: "/b?c", authority: "a:81" },
  },
  {
    name: "accepts absolute-form in HTTP/1.0 without Host (RFC 9112 3.2.2)",
    wire: ["GET http://a/ HTTP/1.0"],
    want: { target: "/", authority: "a" },
  },
  {
    name: "gives an absolute-form target without a path / (RFC 9110 4.2.3)",
    wire: ["GET http://a HTTP/1.1", "Host: h"],
    want: { target: "/", authority: "a" },
  },
  {
    name: "gives a query without a path / (RFC 9110 4.2.3)",
    wire: ["GET http://a?b=/c HTTP/1.1", "Host: h"],
    want: { target: "/?b=/c", authority: "a" },
  },
  {
    name: "ignores the case of a scheme (RFC 9110 4.2.3)",
    wire: ["GET HTTP://a/ HTTP/1.1", "Host: h"],
    want: { target: "/", authority: "a" },
  },
  {
    name: "accepts an https target, from a proxy (RFC 9112 3.2.2)",
    wire: ["GET https://a/ HTTP/1.1", "Host: h"],
    want: { target: "/", authority: "a" },
  },
  {
    name: "keeps a path that begins with two slashes (RFC 9112 3.2.1)",
    wire: ["GET //a/b HTTP/1.1", "Host: h"],
    want: { target: "//a/b", authority: "h" },
  },
  {
    name: "keeps an absolute URI inside a path (RFC 9112 3.2.1)",
    wire: ["GET /http://a/ HTTP/1.1", "Host: h"],
    want: { target: "/http://a/", authority: "h" },
  },
  {
    name: "keeps dots and encodings of a path (RFC 9112 3.2.1)",
    wire: ["GET /../%2e/./a HTTP/1.1", "Host: h"],
    want: { target: "/../%2e/./a", authority: "h" },
  },
  ...refusals(400, {
    "an absolute-form target with an empty host (RFC 9110 4.2.1)": [
      "GET http:///a HTTP/1.1",
      "Host: h",
    ],
    "userinfo in a target (RFC 9110 4.2.4)": [
      "GET http://a@b/ HTTP/1.1",
      "Host: b",
    ],
    "userinfo with a password (RFC 9110 4.2.4)": [
      "GET http://a:b@c/ HTTP/1.1",
      "Host: c",
    ],
    "a backslash that browsers take for a slash (SSRF)": [
      "GET http://a\\@b/ HTTP/1.1",
      "Host: b",
    ],
    "another scheme (RFC 9112 3.2.2)": ["GET ftp://a/ HTTP/1.1", "Host: h"],
    "a scheme behind something else (RFC 9112 3.2.2)": [
      "GET a:http://b/ HTTP/1.1",
      "Host: h",
    ],
    "a scheme with one slash (RFC 9110 4.2.1)": [
      "GET http:/a HTTP/1.1",
      "Host: h",
    ],
    "a path without its slash (RFC 9112 3.2.1)": ["GET a HTTP/1.1", "Host: h"],
    "a bare query (RFC 9112 3.2.1)": ["GET ?a HTTP/1.1", "Host: h"],
    "authority-form for GET (RFC 9112 3.2.3)": [
      "GET a:443 HTTP/1.1",
      "Host: a:443",
    ],
  }),
  ...refusals(501, {
    "CONNECT (RFC 9110 9.3.6)": ["CONNECT a:443 HTTP/1.1", "Host: a:443"],
    "CONNECT with a path (RFC 9110 9.3.6)": ["CONNECT / HTTP/1.1", "Host: h"],
  }),
  {
    name: "accepts OPTIONS * (RFC 9112 3.2.4)",
    wire: ["OPTIONS * HTTP/1.1", "Host: h"],
    want: { target: "*", authority: "h" },
  },
  {
    name: "takes OPTIONS of nothing but an authority for * (RFC 9112 3.2.4)",
    wire: ["OPTIONS http://a:81 HTTP/1.1", "Host: h"],
    want: { target: "*", authority: "a:81" },
  },
  {
    name: "takes OPTIONS with a slash for a path (RFC 9112 3.2.4)",
    wire: ["OPTIONS http://a/ HTTP/1.1", "Host: h"],
    want: { target: "/", authority: "a" },
  },
  {
    name: "takes OPTIONS with a query for a path (RFC 9112 3.2.4)",
    wire: ["OPTIONS http://a?b HTTP/1.1", "Host: h"],
    want: { target: "/?b", authority: "a" },
  },
  ...refusals(400, {
    "GET * (RFC 9112 3.2.4)": ["GET * HTTP/1.1", "Host: h"],
    "options * in lower case (RFC 9110 9.1)": ["options * HTTP/1.1", "Host: h"],
    "OPTIONS ** (RFC 9112 3.2.4)": ["OPTIONS ** HTTP/1.1", "Host: h"],
  }),
];

for (const { name, wire, want } of headRows) {
  Deno.test(`parseRequestHead() ${name}`, () => {
    const seen = verdict(() => {
      const { target, authority } = parseRequestHead(wire);
      return { target, authority };
    });
    assertEquals(seen, want);
  });
}

Deno.test("parseRequestHead() keeps repeated fields in their order (RFC 9110 5.3)", () => {
  const head = parseRequestHead([
    "GET / HTTP/1.1",
    "Accept: a",
    "Host: h",
    "accept: b",
    "Cookie: c",
    "ACCEPT: d",
  ]);
  assertEquals(head, {
    method: "GET",
    target: "/",
    authority: "h",
    version: "1.1",
    fields: [
      ["accept", "a"],
      ["host", "h"],
      ["accept", "b"],
      ["cookie", "c"],
      ["accept", "d"],
    ],
  });
});

Deno.test("parseRequestHead() refuses a wrong request line before wrong fields", () => {
  const error = assertThrows(
    () => parseRequestHead(["GET / HTTP/2.0", "no field"]),
    HttpError,
  );
  assertEquals(error.status, 505);
});

Deno.test("parseRequestHead() echoes nothing of the request in a refusal (RFC 9110 17)", () => {
  const lines = [
    ["GET /sekrit"],
    ["GET  /sekrit HTTP/1.1"],
    ["GET / HTTP/1.1", "sekrit"],
    ["GET / HTTP/1.1", "sek rit: sekrit"],
    ["GET / HTTP/1.1", "Host: sekrit sekrit"],
    ["GET sekrit HTTP/1.1", "Host: h"],
    ["GET / HTTP/1.1", "A: sekrit\x01"],
  ];
  for (const head of lines) {
    const error = assertThrows(() => parseRequestHead(head), HttpError);
    assertEquals(error.message.includes("sek"), false, error.message);
  }
});
