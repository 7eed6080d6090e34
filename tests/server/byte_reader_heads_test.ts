/**
 * Where a head ends and where its limits are, byte by byte; what a head means is tested with
 * those who know.
 */

import { assertEquals } from "@std/assert";
import { ByteReader } from "../../lib/server/byte_reader.ts";
import type { Limits } from "../../lib/limits.ts";
import { refusal } from "../support/verdict.ts";
import {
  bytesOf,
  deliveries,
  limits,
  MemorySource,
  splitAt,
} from "../support/wire.ts";

interface Row {
  readonly name: string;
  readonly wire: string;
  readonly limits?: Partial<Limits>;
  /** The head, or the status of the refusal, or `partial`. */
  readonly want: string | number | { readonly partial: string | undefined };
}

const small = { maxRequestLineBytes: 16, maxHeadBytes: 40, maxFields: 2 };

const rows: Row[] = [
  {
    name: "finds the end of a head (RFC 9112 2.1)",
    wire: "GET / HTTP/1.1\r\nA: b\r\n\r\n",
    want: "GET / HTTP/1.1\r\nA: b\r\n",
  },
  {
    name: "finds the end of a head of one line (RFC 9112 2.1)",
    wire: "GET / HTTP/1.0\r\n\r\n",
    want: "GET / HTTP/1.0\r\n",
  },
  {
    name: "keeps every byte but CR, LF and NUL as one character (RFC 9110 5.5)",
    wire: `A: ${allowedBytes()}\r\n\r\n`,
    want: `A: ${allowedBytes()}\r\n`,
  },
  {
    name: "wants more where the empty line is missing",
    wire: "GET / HTTP/1.1\r\nA: b\r\n",
    want: { partial: "GET / HTTP/1.1" },
  },
  {
    name: "wants more where the empty line has only its CR",
    wire: "GET / HTTP/1.1\r\n\r",
    want: { partial: "GET / HTTP/1.1" },
  },
  {
    name: "wants more where the first line has only its CR",
    wire: "GET / HTTP/1.1\r",
    want: { partial: undefined },
  },
  ...([
    ["a bare LF for a line end", "GET / HTTP/1.1\nA: b\r\n\r\n"],
    ["a bare LF in a value", "GET / HTTP/1.1\r\nA: b\nc\r\n\r\n"],
    ["a bare LF for the empty line", "GET / HTTP/1.1\r\nA: b\r\n\n"],
    ["a bare CR in the request line", "GET /\rHTTP/1.1\r\n\r\n"],
    ["a bare CR in a value", "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n"],
    ["two CRs for one", "GET / HTTP/1.1\r\r\n\r\n"],
    ["a CR in front of a line", "GET / HTTP/1.1\r\n\rA: b\r\n\r\n"],
    ["LF and CR the wrong way round", "GET / HTTP/1.1\n\r\n\r"],
    ["a NUL in the request line", "GET /\0 HTTP/1.1\r\n\r\n"],
    ["a NUL in a name", "GET / HTTP/1.1\r\nA\0: b\r\n\r\n"],
    ["a NUL in a value", "GET / HTTP/1.1\r\nA: b\0\r\n\r\n"],
  ] as const).map(([what, wire]) => ({
    name: `refuses ${what} (RFC 9112 2.2, RFC 9110 5.5)`,
    wire,
    want: 400,
  })),
  {
    name: "accepts a request line as long as its limit",
    wire: "GET /a HTTP/1.11\r\n\r\n",
    limits: small,
    want: "GET /a HTTP/1.11\r\n",
  },
  {
    name: "refuses a request line past its limit (RFC 9110 15.5.15)",
    wire: "GET /ab HTTP/1.11\r\n\r\n",
    limits: small,
    want: 414,
  },
  {
    name: "refuses a request line that never ends (RFC 9110 15.5.15)",
    wire: "GET /abcdefghijkl",
    limits: small,
    want: 414,
  },
  {
    name: "accepts a head as long as its limit",
    wire: `GET / HTTP/1.1\r\nA: ${"b".repeat(17)}\r\n\r\n`,
    limits: small,
    want: `GET / HTTP/1.1\r\nA: ${"b".repeat(17)}\r\n`,
  },
  {
    name: "refuses a head past its limit (RFC 6585 5)",
    wire: `GET / HTTP/1.1\r\nA: ${"b".repeat(18)}\r\n\r\n`,
    limits: small,
    want: 431,
  },
  {
    name: "refuses a field that never ends (RFC 6585 5)",
    wire: `GET / HTTP/1.1\r\nA: ${"b".repeat(22)}`,
    limits: small,
    want: 431,
  },
  {
    name: "accepts as many fields as its limit",
    wire: "GET / HTTP/1.1\r\nA: b\r\nC: d\r\n\r\n",
    limits: small,
    want: "GET / HTTP/1.1\r\nA: b\r\nC: d\r\n",
  },
  {
    name: "refuses one field more (RFC 6585 5)",
    wire: "GET / HTTP/1.1\r\nA:\r\nC:\r\nE:\r\n\r\n",
    limits: small,
    want: 431,
  },
  {
    name: "refuses a line past its limit, not the NUL behind it",
    wire: "GET /abcdefghijkl\0",
    limits: small,
    want: 414,
  },
  {
    name: "refuses a NUL at a line's limit",
    wire: "GET /abcdefghijk\0",
    limits: small,
    want: 400,
  },
  {
    name: "refuses a head past its limit, not the bare LF behind it",
    wire: `GET / HTTP/1.1\r\nA: ${"b".repeat(22)}\n`,
    limits: small,
    want: 431,
  },
];

function allowedBytes(): string {
  const codes = Array.from({ length: 256 }, (_, code) => code);
  return codes.filter((code) => code !== 0 && code !== 10 && code !== 13)
    .map((code) => String.fromCharCode(code)).join("");
}

for (const row of rows) {
  Deno.test(`ByteReader.scanHead() ${row.name}`, async () => {
    const bytes = bytesOf(row.wire);
    for (const [how, deliver] of Object.entries(deliveries)) {
      assertEquals(await scan(deliver(bytes), row.limits), row.want, how);
    }
    for (let at = 1; at < bytes.length; at++) {
      const pieces = splitAt(bytes, [at]);
      assertEquals(await scan(pieces, row.limits), row.want, `split at ${at}`);
    }
  });
}

async function scan(
  pieces: Uint8Array<ArrayBuffer>[],
  overrides?: Partial<Limits>,
): Promise<Row["want"]> {
  const reader = new ByteReader(new MemorySource(pieces), limits(overrides));
  try {
    while (await reader.fill() > 0) {
      const scan = reader.scanHead();
      if (scan.kind === "partial") continue;
      const head = reader.takeHead();
      assertEquals(scan.lines, head.split("\r\n").length - 1);
      return head;
    }
    return { partial: reader.firstLine() };
  } catch (error) {
    return refusal(error);
  }
}
