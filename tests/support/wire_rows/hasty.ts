/** Rows of first bytes of clients that speak something else. */

import type { WireRow } from "./wire_row.ts";

/** Heads that have no end, of clients that speak something else: the answer has
 * to come although nothing more does. */
export const hastyRows: readonly WireRow[] = [
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
