/** Rows of a plain site. */

import { get, post, type WireRow } from "./wire_row.ts";

/** A plain site, which has three methods. */
export const siteRows: readonly WireRow[] = [
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
