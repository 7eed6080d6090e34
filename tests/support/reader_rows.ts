/**
 * Requests for a reader as rows: bytes in, a request or a refusal out. Every row is read
 * whole, byte by byte, in other pieces, and with a second request behind it. A row that is
 * refused is refused from its own bytes alone: its source fails when it is asked for more,
 * as a client that waits for its answer would never send it.
 */

import { assertEquals } from "@std/assert";
import type { Limits } from "../../lib/limits.ts";
import {
  bytesOf,
  deliveries,
  endOf,
  head,
  inPieces,
  type InputEnd,
  limits,
  MemorySource,
  readAll,
  readerOf,
  type ReadRequest,
  readRequest,
} from "./wire.ts";

/** Bytes, and what is read of them. */
export interface Row {
  readonly name: string;
  readonly wire: string;
  readonly limits?: Partial<Limits>;
  /** What differs from `plain`; or how it ends without a request. */
  readonly want: Partial<ReadRequest> | InputEnd;
}

/** What most good rows are but for one thing. */
export const plain: ReadRequest = {
  method: "GET",
  target: "/",
  authority: "h",
  version: "1.1",
  fields: [["host", "h"]],
  body: null,
};

/** A request with those lines and that content. */
export function get(lines: string[] = [], body = ""): string {
  return head("GET / HTTP/1.1", "Host: h", ...lines) + body;
}

/** The same of a POST. */
export function post(lines: string[], body: string): string {
  return head("POST / HTTP/1.1", "Host: h", ...lines) + body;
}

/** What a reader should find in it. */
export function posted(
  fields: [string, string][],
  body: string,
): Partial<ReadRequest> {
  return { method: "POST", fields: [["host", "h"], ...fields], body };
}

/** How it is found that content came in chunks. */
export const chunkedField: [string, string] = ["transfer-encoding", "chunked"];

/** Another request. */
export const second = "GET /second HTTP/1.1\r\nHost: s\r\nA: b\r\n\r\n";
/** What is read of it. */
export const secondRead: ReadRequest = {
  method: "GET",
  target: "/second",
  authority: "s",
  version: "1.1",
  fields: [["host", "s"], ["a", "b"]],
  body: null,
};

/** Tries rows: whole, in pieces, and with a second request behind them. */
export function testReader(rows: readonly Row[]): void {
  for (const row of rows) {
    Deno.test(`RequestReader ${row.name}`, async () => {
      const bytes = bytesOf(row.wire);
      // Of a large body, the interesting pieces come by themselves.
      const ways = bytes.length > 50_000
        ? { "whole": deliveries.whole, "in 1000s": inThousands }
        : deliveries;
      for (const [how, deliver] of Object.entries(ways)) {
        const pieces = deliver(bytes);
        if (typeof row.want === "string") {
          const { requests, end } = await readAll(
            new MemorySource(pieces),
            limits(row.limits),
          );
          assertEquals({ requests, end }, { requests: [], end: row.want }, how);
          continue;
        }
        // Nobody may wait for what the row's own bytes decide.
        const source = new MemorySource(pieces, "fails");
        assertEquals(await readOne(source, row), wanted(row), how);
      }
    });
  }

  for (const row of rows.filter(({ want }) => typeof want !== "string")) {
    Deno.test(`RequestReader, with a second request behind, ${row.name}`, async () => {
      const bytes = bytesOf(row.wire + second);
      const ways = bytes.length > 50_000
        ? { "whole": deliveries.whole, "in 1000s": inThousands }
        : deliveries;
      for (const [how, deliver] of Object.entries(ways)) {
        const source = new MemorySource(deliver(bytes));
        const seen = await readAll(source, limits(row.limits));
        const want = wanted(row);
        const good = typeof want !== "number";
        assertEquals(seen, {
          requests: good ? [want, secondRead] : [],
          end: good ? "end" : want,
        }, how);
        if (good) assertEquals(source.left, 0, how);
      }
    });
  }
}

function inThousands(bytes: Uint8Array<ArrayBuffer>) {
  return inPieces(bytes, 1000);
}

function wanted({ want }: Row): ReadRequest | InputEnd {
  return typeof want === "object" ? { ...plain, ...want } : want;
}

async function readOne(
  source: MemorySource,
  row: Row,
): Promise<ReadRequest | InputEnd | null> {
  const sizes = limits(row.limits);
  const reader = readerOf(source, sizes);
  try {
    await reader.fill();
    return await readRequest(reader, sizes);
  } catch (error) {
    return endOf(error);
  }
}
