/**
 * The server's own responses as a connection writes them. Must not know what went
 * wrong.
 *
 * @module
 */

import type { Reply } from "./exchange.ts";
import { encodeFieldLines } from "./response_fields.ts";
import type { HttpResponse } from "./message.ts";

/** A response of the server's own, which has no fields but its own. */
export function errorReply(response: HttpResponse): Reply {
  const { status, fields, body } = response;
  return {
    kind: "open",
    status,
    fieldLines: encodeFieldLines(fields),
    body: body.kind === "bytes" ? body.bytes : null,
  };
}
