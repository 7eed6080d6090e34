/** Headers of the PROXY protocol: whole, byte by byte, with what follows, and broken. */

import { assertEquals } from "@std/assert";
import { readProxyHeader } from "../../lib/proxy/proxy_protocol.ts";
import { bytesOf } from "../support/wire.ts";

const signature = "\r\n\r\n\0\r\nQUIT\n";

/** A header of version 2. */
function v2(command: number, family: number, content: readonly number[]) {
  const { length } = content;
  const bytes = [
    0x20 | command,
    family,
    length >> 8,
    length & 0xff,
    ...content,
  ];
  return signature + String.fromCharCode(...bytes);
}

const four = [9, 8, 7, 6, 127, 0, 0, 1, 0x12, 0x67, 0, 80];
const six = [
  ...[0x20, 1, 0xd, 0xb8, ...new Array(11).fill(0), 1],
  ...new Array(16).fill(0),
  ...[0, 99, 0, 80],
];

const good: { name: string; header: string; peer: string | null }[] = [
  {
    name: "TCP4",
    header: "PROXY TCP4 9.8.7.6 127.0.0.1 4711 80\r\n",
    peer: "9.8.7.6 4711",
  },
  {
    name: "TCP6",
    header: "PROXY TCP6 2001:db8::1 ::1 65535 0\r\n",
    peer: "2001:db8::1 65535",
  },
  { name: "UNKNOWN", header: "PROXY UNKNOWN\r\n", peer: null },
  { name: "UNKNOWN with more", header: "PROXY UNKNOWN a b 1\r\n", peer: null },
  { name: "v2 TCP4", header: v2(1, 0x11, four), peer: "9.8.7.6 4711" },
  { name: "v2 TCP6", header: v2(1, 0x21, six), peer: "2001:db8::1 99" },
  {
    name: "v2 with what proxies add",
    header: v2(1, 0x11, [...four, 1, 0, 2, 104, 50]),
    peer: "9.8.7.6 4711",
  },
  { name: "v2 LOCAL", header: v2(0, 0x11, four), peer: null },
  { name: "v2 LOCAL of nobody", header: v2(0, 0, []), peer: null },
  { name: "v2 UNSPEC", header: v2(1, 0, []), peer: null },
  { name: "v2 UDP", header: v2(1, 0x12, four), peer: null },
  { name: "v2 of a socket file", header: v2(1, 0x31, []), peer: null },
];

for (const { name, header, peer } of good) {
  Deno.test(`readProxyHeader() reads ${name}`, () => {
    const want = { kind: "read", length: header.length, peer };
    for (const rest of ["", "GET / HTTP/1.1\r\n\r\n", header]) {
      assertEquals(readProxyHeader(bytesOf(header + rest)), want as never);
    }
    for (let length = 0; length < header.length; length++) {
      assertEquals(
        readProxyHeader(bytesOf(header.slice(0, length))),
        { kind: "more" },
      );
    }
  });
}

for (
  const header of [
    "GET / HTTP/1.1\r\n\r\n",
    "PROXY",
    "PROXY TCP4 9.8.7.6 127.0.0.1 4711\r\n",
    "PROXY TCP4 9.8.7.6 127.0.0.1 4711 80 1\r\n",
    "PROXY TCP4 9.8.7 127.0.0.1 4711 80\r\n",
    "PROXY TCP4 ::1 127.0.0.1 4711 80\r\n",
    "PROXY TCP6 9.8.7.6 ::1 4711 80\r\n",
    "PROXY TCP4 9.8.7.6 127.0.0.1 65536 80\r\n",
    "PROXY TCP4 9.8.7.6 127.0.0.1 0x1 80\r\n",
    "PROXY TCP4  9.8.7.6 127.0.0.1 4711 80\r\n",
    "PROXY UDP4 9.8.7.6 127.0.0.1 4711 80\r\n",
    `PROXY UNKNOWN ${"a".repeat(107)}`,
    "proxy TCP4 9.8.7.6 127.0.0.1 4711 80\r\n",
    `${signature}\x11\x11\0\0`,
    v2(2, 0x11, four),
    v2(1, 0x11, four.slice(1)),
    v2(1, 0x21, four),
    v2(1, 0x11, new Array(5000).fill(0)),
    "\r\n\r\nGET / HTTP/1.1",
  ]
) {
  // The first of them may yet become one.
  const kind = header === "PROXY" ? "more" : "bad";
  Deno.test(`readProxyHeader() finds ${JSON.stringify(header).slice(0, 60)} ${kind}`, () => {
    assertEquals(readProxyHeader(bytesOf(header)), { kind } as never);
  });
}
