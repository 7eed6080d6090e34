/** Rows of connections: pipelines, persistence, expectations. */

import { chunked, get, post, type WireRow } from "./wire_row.ts";

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
