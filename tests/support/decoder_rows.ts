/**
 * Bodies in the chunked coding as rows. Every row is decoded in all the pieces that a
 * network may make of it, and with bytes of a next request behind it.
 */

import { assertEquals } from "@std/assert";
import { ChunkedDecoder } from "../../lib/http/chunked.ts";
import type { Limits } from "../../lib/limits.ts";
import { refusal } from "./verdict.ts";
import { bytesOf, deliveries, limits, textOf } from "./wire.ts";

/** A body on the wire, and what is decoded of it. */
export interface Row {
  readonly name: string;
  readonly wire: string;
  readonly limits?: Partial<Limits>;
  /** The content; or `unfinished`, what there is of it; or the status of the refusal. */
  readonly want: string | { readonly unfinished: string } | number;
}

/** Tries rows: in all the pieces that a network may make of them, and with bytes of a next
 * request behind them. */
export function testDecoder(rows: readonly Row[]): void {
  for (const row of rows) {
    Deno.test(`ChunkedDecoder ${row.name}`, () => {
      for (const [how, deliver] of Object.entries(deliveries)) {
        assertEquals(decode(deliver(bytesOf(row.wire)), row), row.want, how);
      }
    });
  }

  for (const row of rows.filter(({ want }) => typeof want === "string")) {
    Deno.test(`ChunkedDecoder leaves the next request, where it ${row.name}`, () => {
      for (const next of ["GET / HTTP/1.1\r\n", "\r\n", "0\r\n\r\n"]) {
        for (const [how, deliver] of Object.entries(deliveries)) {
          const bytes = bytesOf(row.wire + next);
          const decoder = new ChunkedDecoder(limits(row.limits), () => {});
          let taken = 0;
          for (const piece of deliver(bytes)) taken += decoder.push(piece);
          assertEquals(textOf(bytes.subarray(0, taken)), row.wire, how);
        }
      }
    });
  }
}

function decode(pieces: Uint8Array[], row: Row): Row["want"] {
  let content = "";
  const decoder = new ChunkedDecoder(limits(row.limits), (bytes) => {
    content += textOf(bytes);
  });
  try {
    for (const piece of pieces) {
      assertEquals(decoder.push(piece), piece.length, "bytes of the body");
    }
  } catch (error) {
    return refusal(error);
  }
  return decoder.done ? content : { unfinished: content };
}
