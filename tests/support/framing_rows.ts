/**
 * Rows of what the fields of a head decide.
 */

import type { HttpVersion, RequestHead } from "../../lib/http/message.ts";
import { parseFieldLine } from "../../lib/http/request_head.ts";

/** Fields of a request, and what is decided by them. */
export interface Row<Want> {
  readonly name: string;
  /** Field lines, as they are sent. */
  readonly wire: readonly string[];
  readonly version?: HttpVersion;
  readonly method?: string;
  readonly want: Want | number;
}

/** The head with those fields. */
export function headOf(row: Row<unknown>): RequestHead {
  return {
    method: row.method ?? "POST",
    target: "/",
    authority: "h",
    version: row.version ?? "1.1",
    fields: row.wire.map(parseFieldLine),
  };
}
