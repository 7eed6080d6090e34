/**
 * What the fuzzer sends: valid requests, alone and in pipelines, and what becomes of
 * them by mutation. A character is a byte. Must not know any server.
 *
 * @module
 */

import type { Random } from "./random.ts";

const get = "GET /a?b=c HTTP/1.1\r\nHost: a\r\n\r\n";

/** Valid requests of every kind there is. */
export const validRequests: readonly string[] = [
  get,
  "HEAD /a HTTP/1.1\r\nHost: a:80\r\nAccept: */*\r\n\r\n",
  "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
  "DELETE /%41 HTTP/1.1\r\nhost: [::1]:80\r\nX: \t\xe4 y\t\r\n\r\n",
  "GET http://b/x HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
  "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
  "GET /last HTTP/1.1\r\nHost: a\r\nConnection: x, close\r\n\r\n",
  "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
  "PUT /p HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n",
  `PUT /p HTTP/1.1\r\nHost: a\r\nContent-Length: ${get.length}\r\n\r\n${get}`,
  "POST /p HTTP/1.0\r\nContent-Length: 2\r\nConnection: Keep-Alive\r\n\r\n\r\n",
  "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
  'POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\nA;x="y"\r\n0123456789\r\n1\r\n\n\r\n00\r\nX: y\r\nZ:\r\n\r\n',
  "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n0\r\n\r\n\r\n0\r\n\r\n",
  "POST /e HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
  "POST /e HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
  `POST /l HTTP/1.1\r\nHost: a\r\nContent-Length: 1500\r\n\r\n${
    "x".repeat(1500)
  }`,
  `GET /${"f".repeat(100)} HTTP/1.1\r\nHost: a\r\n${"X: y\r\n".repeat(15)}\r\n`,
  "\r\nGET /empty-line HTTP/1.1\r\nHost: a\r\n\r\n",
];

const bytes = [...'\0\x01\t\n\v\f\r "#%,-./0159:;=?@Aaz\x7f\x80\xa0\xe4\xff'];

const fragments = [
  "\r\n",
  "\n",
  "\r",
  "\r\r\n",
  "\r\n\r\n",
  "\n\n",
  "\r\n ",
  " ",
  "\t",
  "\0",
  "0\r\n\r\n",
  "5\r\nhello\r\n",
  "chunked",
  ", chunked",
  "HTTP/1.1",
  " HTTP/1.0",
  "http://b",
  ": ",
  " :",
  ";",
  get,
];

const fieldLines = [
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: identity",
  "Transfer-Encoding : chunked",
  "transfer-encoding:\tchunked ",
  "Transfer-Encoding: gzip, chunked",
  "Content-Length: 5",
  "Content-Length: 0",
  "Content-Length: 5, 5",
  "Content-Length : 5",
  "Content-Length: +5",
  "Host: b",
  "Host:",
  "Host: 1.2.3.4.5",
  "Connection: close",
  "Connection: keep-alive",
  "Expect: 100-continue",
  "Expect: x",
  "Upgrade: h2c",
  " folded",
  ": no name",
  "no colon",
  "X: \r",
  `X: ${"y".repeat(1024)}`,
];

const numbers = [
  "0",
  "-1",
  "+1",
  "1",
  "4",
  "6",
  "00000000005",
  "199",
  "1999",
  "2000",
  "2001",
  "7fffffff",
  "2147483648",
  "4294967295",
  "4294967296",
  "9007199254740993",
  "ffffffffff",
  "18446744073709551616",
  "1e3",
  "0x5",
  "",
];

type Mutation = (wire: string, random: Random) => string;

/** From some byte to some later one. */
function range(
  wire: string,
  random: Random,
  maxLength: number,
): { from: number; to: number } {
  const from = random.below(wire.length + 1);
  return {
    from,
    to: Math.min(wire.length, from + 1 + random.below(maxLength)),
  };
}

function put(wire: string, at: number, text: string, instead = 0): string {
  return wire.slice(0, at) + text + wire.slice(at + instead);
}

/** Another text for one of the places that the pattern finds. */
function replaceOne(
  wire: string,
  pattern: RegExp,
  random: Random,
  by: (found: string) => string,
): string {
  const places = [...wire.matchAll(pattern)];
  if (places.length === 0) return wire;
  const { index, 0: found } = random.pick(places);
  return put(wire, index, by(found), found.length);
}

const mutations: readonly Mutation[] = [
  // A bit, a byte, a fragment.
  (wire, random) => {
    const at = random.below(wire.length);
    const flipped = wire.charCodeAt(at) ^ (1 << random.below(8));
    return put(wire, at, String.fromCharCode(flipped), 1);
  },
  (wire, random) =>
    put(wire, random.below(wire.length), random.pick(bytes), random.below(2)),
  (wire, random) =>
    put(wire, random.below(wire.length + 1), random.pick(fragments)),
  // A range goes, comes twice, or comes often.
  (wire, random) => {
    const { from, to } = range(wire, random, 12);
    return put(wire, from, "", to - from);
  },
  (wire, random) => {
    const { from, to } = range(wire, random, 60);
    return put(wire, from, wire.slice(from, to));
  },
  (wire, random) => {
    const { from, to } = range(wire, random, 8);
    return put(wire, from, wire.slice(from, to).repeat(random.below(300)));
  },
  // The end of another one.
  (wire, random) => {
    const other = random.pick(validRequests);
    return wire.slice(0, random.below(wire.length + 1)) +
      other.slice(random.below(other.length));
  },
  (wire, random) => wire.slice(0, random.below(wire.length + 1)),
  // What the grammar is about.
  // Lengths and sizes of chunks, or whatever looks like a number.
  (wire, random) =>
    replaceOne(
      wire,
      /(?<=length: |\r\n)[0-9a-f]+(?=[;\r])/gi,
      random,
      () => random.pick(numbers),
    ),
  (wire, random) =>
    replaceOne(wire, /[0-9a-f]+/gi, random, () => random.pick(numbers)),
  (wire, random) =>
    replaceOne(
      wire,
      /\r\n/g,
      random,
      (found) => `${found}${random.pick(fieldLines)}${found}`,
    ),
  (wire, random) =>
    replaceOne(wire, /\r\n/g, random, () => random.pick(fragments)),
  (wire, random) =>
    replaceOne(
      wire,
      /[a-z]+/gi,
      random,
      (found) => random.chance(0.5) ? found.toUpperCase() : found.toLowerCase(),
    ),
];

/** The next input: up to four requests, and up to five mutations of them. */
export function nextInput(random: Random): string {
  let wire = "";
  for (let count = 1 + random.below(4); count > 0; count--) {
    wire += random.pick(validRequests);
  }
  for (let count = random.below(6); count > 0; count--) {
    if (wire !== "") wire = random.pick(mutations)(wire, random);
  }
  return wire;
}

/** The same bytes in one to six pieces, none of them empty. */
export function split(wire: string, random: Random): string[] {
  const cuts = new Set([0, wire.length]);
  for (let count = random.below(6); count > 0; count--) {
    // Where lines end is where readers go wrong.
    const from = random.below(wire.length + 1);
    const lineEnd = wire.indexOf("\r\n", from);
    cuts.add(random.chance(0.5) && lineEnd >= 0 ? lineEnd + 1 : from);
  }
  const sorted = [...cuts].sort((a, b) => a - b);
  return sorted.slice(1).map((cut, i) => wire.slice(sorted[i], cut));
}
