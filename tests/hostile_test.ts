/**
 * Smuggling, splitting and stalling, over the wire: bytes in, statuses out, and
 * whether the connection went on. Rows of one head or one body alone are in the
 * tests of the files that parse them; here is what only a connection shows.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  finalStatuses,
  type ReceivedResponse,
  splitResponses,
} from "./fuzz/transcript.ts";
import { appUrl, inlineApp } from "./support/apps.ts";
import { startTestServer, type TestServer } from "./support/test_server.ts";

/** Some bytes, and what comes of them. */
export interface WireRow {
  /** The rule, or the attack. */
  readonly name: string;
  /** A character per byte. */
  readonly wire: string;
  /** The statuses in order, and what became of the connection. */
  readonly want: `${string}${"open" | "closed"}`;
  /** The same where content is streamed, if that is another: a handler that is not
   * given it has answered before its end. */
  readonly wantStreamed?: WireRow["want"];
  /** The contents of the answers, where the requests have to be told apart. */
  readonly saw?: readonly string[];
}

const get = (path = "/", fields = "") =>
  `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;
const post = (fields: string, content = "") =>
  `POST /p HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n${content}`;
const chunked = (content: string) =>
  post("Transfer-Encoding: chunked", content);
const hello = "5\r\nhello\r\n0\r\n\r\n";

/** Framing: where one request ends and the next begins. */
export const framingRows: readonly WireRow[] = [
  {
    name: "CL.TE: the length says more than the chunks (RFC 9112 6.1)",
    wire: post(
      "Content-Length: 6\r\nTransfer-Encoding: chunked",
      "0\r\n\r\nG",
    ),
    want: "400 closed",
  },
  {
    name: "CL.TE with a whole request behind the last chunk",
    wire: post(
      "Content-Length: 40\r\nTransfer-Encoding: chunked",
      `0\r\n\r\n${get("/smuggled")}`,
    ),
    want: "400 closed",
  },
  {
    name: "TE.CL: the chunks say more than the length",
    wire: post(
      "Transfer-Encoding: chunked\r\nContent-Length: 3",
      "8\r\nSMUGGLED\r\n0\r\n\r\n",
    ),
    want: "400 closed",
  },
  {
    name: "TE.CL with a whole request in the chunk",
    wire: post(
      "Transfer-Encoding: chunked\r\nContent-Length: 4",
      `29\r\n${get("/smuggled")}\r\n0\r\n\r\n`,
    ),
    want: "400 closed",
  },
  {
    name: "TE.0: a length of 0 beside chunks",
    wire: post("Transfer-Encoding: chunked\r\nContent-Length: 0", hello),
    want: "400 closed",
  },
  {
    name: "CL.0: content with GET is the request's own (RFC 9110 9.3.1)",
    wire: get("/a", `Content-Length: ${get("/in").length}\r\n`) + get("/in"),
    want: "200 open",
    wantStreamed: "200 closed",
    saw: ["GET /a "],
  },
  ...[
    ["repeated", "chunked\r\nTransfer-Encoding: chunked"],
    ["repeated, first identity", "identity\r\nTransfer-Encoding: chunked"],
    ["repeated, last identity", "chunked\r\nTransfer-Encoding: identity"],
    ["repeated, other case", "chunked\r\ntransfer-encoding: cow"],
    ["xchunked", "xchunked"],
    ["chunked in quotes", '"chunked"'],
    ["identity", "identity"],
    ["empty", ""],
    ["chunked twice in a list", "chunked, chunked"],
    ["chunked before identity", "chunked, identity"],
    ["chunked with a parameter", "chunked;q=1"],
    ["a comma behind", "chunked,"],
    ["a VT before the value", "\x0bchunked"],
    ["an FF behind the value", "chunked\x0c"],
    ["a NUL behind the value", "chunked\0"],
    ["a byte of 0xa0 before the value", "\xa0chunked"],
    ["a byte of 0xff behind the value", "chunked\xff"],
    ["folded onto the next line", "\r\n chunked"],
    ["folded with a tab", "\r\n\tchunked"],
    ["a bare LF behind the value", "chunked\nX: y"],
    ["a bare CR behind the value", "chunked\rX: y"],
  ].map(([name, value]): WireRow => ({
    name: `TE.TE: ${name}`,
    wire: post(`Transfer-Encoding: ${value}`, hello),
    want: "400 closed",
  })),
  ...[
    ["a space before the colon", "Transfer-Encoding : chunked"],
    ["a tab before the colon", "Transfer-Encoding\t: chunked"],
    ["a space before the name", " Transfer-Encoding: chunked"],
    ["a NUL in the name", "Transfer\0-Encoding: chunked"],
    ["a byte of 0xff in the name", "Transfer-Encoding\xff: chunked"],
    ["a space in the name", "Transfer Encoding: chunked"],
    ["no name", ": chunked"],
    ["no colon", "Transfer-Encoding chunked"],
  ].map(([name, line]): WireRow => ({
    name: `TE.TE: ${name} (RFC 9112 5.1)`,
    wire: post(line, hello),
    want: "400 closed",
  })),
  {
    name: "TE.TE: an underscore makes another name, so there is no content",
    wire: post("Transfer_Encoding: chunked", "0\r\n\r\n"),
    want: "200 400 closed",
  },
  {
    name: "TE.TE: chunked in any case is chunked (RFC 9112 7)",
    wire: post("tRANSFER-eNCODING: cHuNkEd", hello),
    want: "200 open",
    saw: ["POST /p hello"],
  },
  {
    name: "TE.TE: white space around the value is none of it",
    wire: post("Transfer-Encoding: \t chunked\t ", hello),
    want: "200 open",
    saw: ["POST /p hello"],
  },
  {
    name: "a coding before chunked is not known here (RFC 9112 6.1)",
    wire: post("Transfer-Encoding: gzip, chunked", hello),
    want: "501 closed",
  },
  {
    name: "Transfer-Encoding in HTTP/1.0 is faulty (RFC 9112 6.1)",
    wire:
      `POST /p HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n${hello}`,
    want: "400 closed",
  },
  ...[
    ["repeated and different", "5\r\nContent-Length: 6"],
    ["repeated and equal", "5\r\nContent-Length: 5"],
    ["a list of equals", "5, 5"],
    ["a list of different ones", "5,6"],
    ["plus", "+5"],
    ["minus", "-5"],
    ["hexadecimal", "0x5"],
    ["a fraction", "5.0"],
    ["an exponent", "5e0"],
    ["a space inside", "5 5"],
    ["an underscore", "5_0"],
    ["empty", ""],
    ["a word", "five"],
    ["a NUL behind", "5\0"],
    ["a VT before", "\x0b5"],
    ["digits of another script in UTF-8", "\xd9\xa5"],
    ["folded", "\r\n 5"],
    ["a bare CR before", "\r5"],
    ["a quote", '"5"'],
    ["a semicolon", "5;"],
  ].map(([name, value]): WireRow => ({
    name: `Content-Length: ${name} (RFC 9112 6.3)`,
    wire: post(`Content-Length: ${value}`, "hello"),
    want: "400 closed",
  })),
  {
    name: "Content-Length past 2^64 is too much, not a small number",
    wire: post("Content-Length: 18446744073709551621", "hello"),
    want: "413 closed",
  },
  {
    name: "Content-Length of 400 digits",
    wire: post(`Content-Length: ${"9".repeat(400)}`, "hello"),
    want: "413 closed",
  },
  {
    name: "Content-Length with a space before the colon",
    wire: post("Content-Length : 5", "hello"),
    want: "400 closed",
  },
  {
    name: "Content-Length with leading zeros is decimal all the same",
    wire: post("Content-Length: 0000000005", "hello"),
    want: "200 open",
    saw: ["POST /p hello"],
  },
  {
    name: "content that looks like a request is content",
    wire: post(`Content-Length: ${get("/in").length}`, get("/in")),
    want: "200 open",
    saw: [`POST /p ${get("/in")}`],
  },
  {
    name: "bytes past the length are the next request",
    wire: post("Content-Length: 5", `hello${get("/next")}`),
    want: "200 200 open",
    saw: ["POST /p hello", "GET /next "],
  },
  {
    name: "bytes past the last chunk are the next request",
    wire: chunked(`${hello}${get("/next")}`),
    want: "200 200 open",
    saw: ["POST /p hello", "GET /next "],
  },
  {
    name: "content shorter than its length has no end",
    wire: post("Content-Length: 500", "hello"),
    want: "closed",
  },
  {
    name: "POST in HTTP/1.0 without a length (RFC 9110 15.5.12)",
    wire: "POST /p HTTP/1.0\r\n\r\nhello",
    want: "411 closed",
  },
];

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

/** Heads: lines, names, targets. */
export const headRows: readonly WireRow[] = [
  ...[
    ["bare LF for every line", "GET / HTTP/1.1\nHost: a\n\n"],
    ["bare LF behind the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n"],
    ["bare LF behind a field", "GET / HTTP/1.1\r\nHost: a\n\r\n"],
    ["bare LF for the end", "GET / HTTP/1.1\r\nHost: a\r\n\n"],
    ["bare CR behind the request line", "GET / HTTP/1.1\rHost: a\r\n\r\n"],
    ["bare CR in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n"],
    ["CR CR LF", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n"],
    ["NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["NUL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"],
    ["DEL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\x7fb\r\n\r\n"],
    ["ESC in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\x1bb\r\n\r\n"],
    ["obs-fold in the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"],
    [
      "obs-fold (RFC 9112 5.2)",
      "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n",
    ],
    ["two spaces behind the method", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["two spaces behind the target", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a tab for a space", "GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a space behind the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"],
    ["a space before the method", " GET / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a version in lower case", "GET / http/1.1\r\nHost: a\r\n\r\n"],
    ["HTTP/1.10", "GET / HTTP/1.10\r\nHost: a\r\n\r\n"],
    ["HTTP/01.1", "GET / HTTP/01.1\r\nHost: a\r\n\r\n"],
    ["HTTP/1,1", "GET / HTTP/1,1\r\nHost: a\r\n\r\n"],
    ["HTTPS/1.1", "GET / HTTPS/1.1\r\nHost: a\r\n\r\n"],
    ["a fragment", "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a target that is no path", "GET a HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a target of bytes over 0x7f", "GET /\xe4 HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["authority-form with GET", "GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["* with GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["absolute-form of ftp", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["absolute-form without host", "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["absolute-form, userinfo", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a method that is no token", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a method in quotes", '"GET" / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ["no Host (RFC 9112 3.2)", "GET / HTTP/1.1\r\n\r\n"],
    ["no Host with absolute-form", "GET http://a/ HTTP/1.1\r\n\r\n"],
    ["two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"],
    ["two equal Hosts", "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n"],
    ["an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"],
    ["a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"],
    ["a Host with userinfo", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"],
    ["a Host with a space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"],
    ["a Host with a port of letters", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"],
    ["a bad Host in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a b\r\n\r\n"],
    ["two empty lines before", `\r\n\r\n${get()}`],
    ["an LF before", `\n${get()}`],
    ["a response for a request", "HTTP/1.1 200 OK\r\nHost: a\r\n\r\n"],
    ["UTF-8 BOM before", `\xef\xbb\xbf${get()}`],
  ].map(([name, wire]): WireRow => ({
    name: `head: ${name}`,
    wire,
    want: "400 closed",
  })),
  {
    name: "head: one empty line before is ignored (RFC 9112 2.2)",
    wire: `\r\n${get("/a")}`,
    want: "200 open",
    saw: ["GET /a "],
  },
  {
    name: "head: an empty line behind content is ignored too",
    wire: `${post("Content-Length: 5", "hello")}\r\n${get("/b")}`,
    want: "200 200 open",
    saw: ["POST /p hello", "GET /b "],
  },
  {
    name: "absolute-form is served, its query without a path too",
    wire:
      "GET http://b/x HTTP/1.1\r\nHost: a\r\n\r\nGET HTTP://b?y HTTP/1.1\r\nHost: a\r\n\r\n",
    want: "200 200 open",
    saw: ["GET /x ", "GET /?y "],
  },
  {
    name: "values of bytes over 0x7f are fit",
    wire: get("/", "X: \x80\xe4\xff\r\n"),
    want: "200 open",
  },
  {
    name: "HTTP/1.9 is answered as 1.1 (RFC 9110 2.5)",
    wire: "GET / HTTP/1.9\r\nHost: a\r\n\r\n",
    want: "200 open",
  },
  {
    name: "HTTP/2.0 by name",
    wire: "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
    want: "505 closed",
  },
  {
    name: "HTTP/0.9 with a head behind it",
    wire: "GET /\r\nHost: a\r\n\r\n",
    want: "505 closed",
  },
  {
    name: "CONNECT in authority-form",
    wire: "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
    want: "501 closed",
  },
  {
    name: "CONNECT of a path",
    wire: "CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n",
    want: "501 closed",
  },
  {
    name: "a target of 9000 bytes",
    wire: get(`/${"a".repeat(9000)}`),
    want: "414 closed",
  },
  {
    name: "101 fields",
    wire: get("/", "X: y\r\n".repeat(100)),
    want: "431 closed",
  },
  {
    name: "a field of 40 000 bytes",
    wire: get("/", `X: ${"y".repeat(40_000)}\r\n`),
    want: "431 closed",
  },
];

/** Connections: pipelines, persistence, expectations. */
export const connectionRows: readonly WireRow[] = [
  {
    name: "a pipeline is answered in order",
    wire: [1, 2, 3, 4, 5].map((n) => get(`/${n}`)).join(""),
    want: "200 200 200 200 200 open",
    saw: ["GET /1 ", "GET /2 ", "GET /3 ", "GET /4 ", "GET /5 "],
  },
  {
    name: "a bad one in a pipeline ends it after the good ones before",
    wire: `${get("/1")}${get("/2")}GET / HTTP/1.1\r\n\r\n${get("/4")}`,
    want: "200 200 400 closed",
  },
  {
    name: "a bad framing in a pipeline ends it",
    wire: `${get("/1")}${post("Content-Length: x", get("/in"))}${get("/3")}`,
    want: "200 400 closed",
  },
  {
    name: "broken chunks in a pipeline end it",
    wire: `${get("/1")}${chunked(`zz\r\n${get("/in")}`)}`,
    want: "200 400 closed",
  },
  {
    name: "request splitting: an encoded CRLF in a target stays encoded",
    wire: get("/a%0d%0aX:%20y%0d%0a%0d%0aGET%20/b"),
    want: "200 open",
    saw: ["GET /a%0d%0aX:%20y%0d%0a%0d%0aGET%20/b "],
  },
  {
    name: "request splitting: a raw CRLF in a target ends the line",
    wire: "GET /a\r\nX: HTTP/1.1\r\nHost: a\r\n\r\n",
    want: "505 closed",
  },
  {
    name: "request splitting: a request in a value after a bare LF",
    wire: get("/", `X: y\n\n${get("/in")}`),
    want: "400 closed",
  },
  ...[
    "close",
    "Close",
    "keep-alive, close",
    "close, keep-alive",
    "upgrade,CLOSE ,x",
    "x\r\nConnection: close",
    ",, close",
  ].map((options): WireRow => ({
    name: `Connection: ${options} (RFC 9112 9.6)`,
    wire: `${get("/", `Connection: ${options}\r\n`)}${get("/next")}`,
    want: "200 closed",
  })),
  ...["keep-alive", "closed", "x-close", "upgrade", ""].map((
    options,
  ): WireRow => ({
    name: `Connection: ${options || "(empty)"} goes on`,
    wire: get("/", `Connection: ${options}\r\n`),
    want: "200 open",
  })),
  {
    name: "HTTP/1.0 ends the connection (RFC 9112 9.3)",
    wire: "GET / HTTP/1.0\r\n\r\n",
    want: "200 closed",
  },
  {
    name: "HTTP/1.0 with keep-alive goes on",
    wire: "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
    want: "200 open",
  },
  {
    name: "HTTP/1.0 with close beside keep-alive ends it",
    wire: "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n",
    want: "200 closed",
  },
  {
    name: "HTTP/1.0 with keep-alive and content",
    wire:
      "POST /p HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello",
    want: "200 open",
    saw: ["POST /p hello"],
  },
  {
    name: "HEAD is answered without content, and the next one follows",
    wire: `HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n${get("/b")}`,
    want: "200 200 open",
    saw: ["", "GET /b "],
  },
  {
    name: "HEAD that is refused for its framing has no content either",
    wire: "HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
    want: "400 closed",
    saw: [""],
  },
  {
    name: "HEAD with more content than is allowed",
    wire: "HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n",
    want: "413 closed",
    saw: [""],
  },
  ...["get", "Post", "delete", "trace", "Connect"].map((
    method,
  ): WireRow => ({
    name: `${method} is no method for an app, with content or without`,
    wire:
      `${method} / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello${method} / HTTP/1.1\r\nHost: a\r\n\r\n`,
    want: "501 501 open",
  })),
  {
    name: "an expectation without content needs no word (RFC 9110 10.1.1)",
    wire: get("/", "Expect: 100-continue\r\n"),
    want: "200 open",
  },
  {
    name: "an expectation whose content is here already needs none either",
    wire: post("Expect: 100-continue\r\nContent-Length: 5", "hello"),
    want: "200 open",
    saw: ["POST /p hello"],
  },
  {
    name: "an expectation of more content than is allowed",
    wire: post("Expect: 100-continue\r\nContent-Length: 99999999"),
    want: "413 closed",
  },
  ...["200-ok", "100-continue, x", "100-continue=1", ""].map((
    value,
  ): WireRow => ({
    name: `Expect: ${value || "(empty)"} (RFC 9110 15.5.18)`,
    wire: get("/", `Expect: ${value}\r\n`),
    want: "417 closed",
  })),
  {
    name: "Expect in another case",
    wire: post("expect: 100-CONTINUE\r\nContent-Length: 5", "hello"),
    want: "200 open",
    saw: ["POST /p hello"],
  },
  {
    name: "an expectation in HTTP/1.0 is ignored",
    wire: "GET / HTTP/1.0\r\nExpect: x\r\n\r\n",
    want: "200 closed",
  },
];

/** Heads that have no end, of clients that speak something else: the answer has
 * to come although nothing more does. */
const hastyRows: readonly WireRow[] = [
  { name: "HTTP/0.9", wire: "GET /\r\n", want: "505 closed" },
  {
    name: "HTTP/2 with prior knowledge",
    wire: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    want: "505 closed",
  },
  {
    name: "HTTP/2, the first line alone",
    wire: "PRI * HTTP/2.0\r\n",
    want: "505 closed",
  },
  {
    name: "a TLS ClientHello",
    wire: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    want: "400 closed",
  },
  { name: "a TLS record's first byte", wire: "\x16", want: "400 closed" },
  { name: "SSLv2", wire: "\x80\x2e\x01\x00\x02", want: "400 closed" },
  { name: "SSH", wire: "SSH-2.0-OpenSSH_9.2\r\n", want: "400 closed" },
  { name: "SMTP", wire: "EHLO a\r\n", want: "505 closed" },
  { name: "SOCKS 5", wire: "\x05\x01\x00", want: "400 closed" },
  { name: "PROXY v2", wire: "\r\n\r\n\0\r\nQUIT\n", want: "400 closed" },
  {
    name: "PROXY v1",
    wire: "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n",
    want: "400 closed",
  },
  { name: "RDP", wire: "\x03\x00\x00\x13\x0e\xe0", want: "400 closed" },
  { name: "a bare LF alone", wire: "\n", want: "400 closed" },
  { name: "a space alone", wire: " ", want: "400 closed" },
  {
    name: "a line that never ends",
    wire: "A".repeat(8193),
    want: "414 closed",
  },
  {
    name: "a field that never ends",
    wire: `GET / HTTP/1.1\r\nX: ${"y".repeat(32 * 1024)}`,
    want: "431 closed",
  },
  {
    name: "a bad request line whose fields never end",
    wire: "GET / HTTP/3\r\nHost: a\r\n",
    want: "400 closed",
  },
];

/** A plain site, which has three methods. */
const siteRows: readonly WireRow[] = [
  {
    name: "an expectation where the method will be refused",
    wire: post("Expect: 100-continue\r\nContent-Length: 5"),
    want: "405 closed",
  },
  {
    name: "an expectation where the method is not known",
    wire:
      "MAKE / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    want: "501 closed",
  },
  {
    name: "content of a method that is refused is read over",
    wire: post("Content-Length: 5", `hello${get()}`),
    want: "405 200 open",
  },
  {
    name: "methods are case-sensitive (RFC 9110 9.1)",
    wire: "get / HTTP/1.1\r\nHost: a\r\n\r\n",
    want: "501 open",
  },
  {
    name: "TRACE is not implemented, and reflects nothing",
    wire: "TRACE / HTTP/1.1\r\nHost: a\r\nCookie: secret\r\n\r\n",
    want: "501 open",
  },
  {
    name: "OPTIONS of the server as a whole",
    wire:
      "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\nOPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n",
    want: "204 204 open",
  },
  {
    name: "HEAD of a page that is not there",
    wire: "HEAD /nothing HTTP/1.1\r\nHost: a\r\n\r\n",
    want: "404 open",
  },
];

const probe = "OPTIONS /probe HTTP/1.1\r\nHost: a\r\n\r\n";

/** From the app that echoes, or from a plain site. */
function answersProbe({ status, head, body }: ReceivedResponse): boolean {
  const lasts = !/^connection: close\r$/im.test(head);
  return lasts && (body === "OPTIONS /probe " || status === 204);
}

/** Sends a row and a probe behind it: a connection that goes on answers the probe.
 * The end of the output behind that ends what would be waited for. */
async function verdictOf(
  server: TestServer,
  { wire }: WireRow,
  probed: boolean,
): Promise<{ got: string; saw: string[] }> {
  using client = await server.connect();
  await client.send(wire);
  if (probed) {
    await client.send(probe);
    await client.conn.closeWrite();
  }
  const responses = splitResponses(await client.readAll());
  const last = responses.at(-1);
  const open = last !== undefined && answersProbe(last);
  if (open) responses.pop();
  const statuses = finalStatuses(responses);
  return {
    got: [...statuses, open ? "open" : "closed"].join(" "),
    saw: responses.map(({ body }) => body),
  };
}

function testRows(
  name: string,
  rows: readonly WireRow[],
  { app = true, probed = true, streamed = false } = {},
): void {
  Deno.test(`over the wire: ${name}`, async (t) => {
    await using server = await startTestServer({
      workers: 1,
      app: app ? appUrl("echo").href : null,
      // Nearly all content is streamed then, two bytes a piece.
      ...(streamed && { maxStreamedBodyBytes: 10 * 1024 * 1024 }),
      limits: streamed ? { maxWholeBodyBytes: 1, streamWindowBytes: 8 } : {},
    });
    for (const row of rows) {
      await t.step(row.name, async () => {
        const { got, saw } = await verdictOf(server, row, probed);
        const { want, wantStreamed = want } = row;
        assertEquals(got, streamed ? wantStreamed : want);
        if (row.saw !== undefined) assertEquals(saw, row.saw);
      });
    }
    assertEquals(server.log, []);
  });
}

testRows("framing", framingRows);
testRows("chunks", chunkRows);
testRows("framing of streamed content", framingRows, { streamed: true });
testRows("chunks of streamed content", chunkRows, { streamed: true });
testRows("heads", headRows);
testRows("connections", connectionRows);
testRows("a plain site", siteRows, { app: false });
testRows("other protocols are refused at once", hastyRows, { probed: false });

Deno.test("over the wire: names of rows are theirs alone", () => {
  const names = [
    framingRows,
    chunkRows,
    headRows,
    connectionRows,
    hastyRows,
    siteRows,
  ].flat().map(({ name }) => name);
  assertEquals(names.length, new Set(names).size);
});

Deno.test("a client that waits for a word is told to go on", async () => {
  await using server = await startTestServer({
    app: appUrl("echo").href,
  });
  using client = await server.connect();
  await client.send(post("Expect: 100-continue\r\nContent-Length: 5"));
  assertEquals(
    await client.readUntil("\r\n\r\n"),
    "HTTP/1.1 100 Continue\r\n\r\n",
  );
  await client.send("hello");
  assertEquals((await client.readResponse()).body, "POST /p hello");
});

Deno.test("error pages hold no stack, path, version or markup of the sender's", async () => {
  await using server = await startTestServer();
  const wires = [
    ...[...framingRows, ...chunkRows, ...headRows].map(({ wire }) => wire),
    get("/<script>alert(1)</script>"),
    "<script> / HTTP/1.1\r\nHost: a\r\n\r\n",
    `GET / HTTP/1.1\r\nHost: <script>\r\n\r\n`,
    "POST /<script> HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    get("/%2e%2e/<script>"),
  ];
  for (const wire of wires) {
    using client = await server.connect();
    await client.send(wire);
    await client.conn.closeWrite();
    for (
      const { status, head, body } of splitResponses(await client.readAll())
    ) {
      if (status < 400) continue;
      assertMatch(head, /\r\nServer: Skein\r\n/, wire);
      assert(!/<script>|\bat .*:[0-9]+|\.ts\b|\/lib\/|deno/i.test(body), wire);
      assert(!body.includes(Deno.version.deno), wire);
      assert(!body.includes(Deno.cwd()), wire);
    }
  }
});

Deno.test("an error of a handler tells the client a number, and the log the rest", async () => {
  const source =
    `export default { fetch() { throw new Error("<b>secret</b>") } }`;
  await using server = await startTestServer({
    app: inlineApp(source),
  });
  const answer = await server.exchange(get("/", "Connection: close\r\n"));
  const id = /The server made a mistake \(([0-9a-f]{8})\)/.exec(answer)?.[1];
  assert(answer.startsWith("HTTP/1.1 500 "), answer);
  assert(!answer.includes("secret"), answer);
  const line = await server.logged(`Request ${id} failed`);
  assert(line.includes("<b>secret</b>"), line);
});

Deno.test("no Server field where it is switched off", async () => {
  await using server = await startTestServer({ serverName: null });
  const answer = await server.exchange(get("/", "Connection: close\r\n"));
  assert(!/^server:/im.test(answer), answer);
});
