/** Rows of framing: smuggling, as two readers of the same bytes would fall for it. */

import { chunked, get, post, type WireRow } from "./wire_row.ts";

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
