/**
 * Replies as they are written onto the wire, in memory.
 */

import { assert, assertMatch } from "@std/assert";
import type { BodySource, OpenResponse } from "../../lib/http/exchange.ts";
import type { PersistenceFacts } from "../../lib/http/persistence.ts";
import {
  type WireContext,
  writeResponse,
} from "../../lib/server/response_writer.ts";
import { bytesOf, MemorySink } from "./wire.ts";

/** Content that comes in pieces, and remembers what became of it. */
export class Pieces implements BodySource {
  readonly length: number | null;
  readonly #pieces: (string | Error)[];
  reads = 0;
  cancelled = 0;

  constructor(length: number | null, ...pieces: (string | Error)[]) {
    this.length = length;
    this.#pieces = pieces;
  }

  read(): Promise<Uint8Array | null> {
    this.reads++;
    const piece = this.#pieces.shift();
    if (piece instanceof Error) return Promise.reject(piece);
    return Promise.resolve(piece === undefined ? null : bytesOf(piece));
  }

  cancel(): void {
    this.cancelled++;
  }
}

/** A connection that goes on. */
export const goingOn: PersistenceFacts = {
  wanted: true,
  closing: false,
  body: "complete",
};

/** What a reply is written for, but for those. */
export function contextOf(overrides: Partial<WireContext> = {}): WireContext {
  return {
    method: "GET",
    version: "1.1",
    persistence: goingOn,
    serverName: null,
    onProgress() {},
    ...overrides,
  };
}

/** A response as a client would take it apart, without its Date. */
export interface Written {
  readonly statusLine: string;
  readonly fields: string[];
  readonly content: string;
}

/** Takes a response apart. */
export function takeApart(text: string): Written {
  const at = text.indexOf("\r\n\r\n");
  assert(at > 0, "no end of the head");
  const [statusLine, date, ...fields] = text.slice(0, at).split("\r\n");
  assertMatch(
    date,
    /^Date: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
  );
  return { statusLine, fields, content: text.slice(at + 4) };
}

/** A reply whose content is still to be written. */
export function open(reply: Partial<OpenResponse>): OpenResponse {
  return { kind: "open", status: 200, fieldLines: "", body: null, ...reply };
}

/** What a client gets of it. */
export async function write(
  reply: Partial<OpenResponse>,
  context: Partial<WireContext> = {},
): Promise<Written & { readonly persistent: boolean }> {
  const sink = new MemorySink();

  const persistent = await writeResponse(sink, open(reply), contextOf(context));
  return { ...takeApart(sink.text), persistent };
}

/** The field of a connection that goes on. */
export const keepAlive = "Connection: keep-alive";

/** The field of a connection that ends. */
export const close = "Connection: close";
