/**
 * Requests as a connection makes them of what it has read, for tests of those that
 * answer them without any connection.
 */

import type { Fields, HttpRequest } from "../../lib/http/message.ts";

/** A request without content. */
export function requestOf(
  target: string,
  { method = "GET", fields = [] }: { method?: string; fields?: Fields } = {},
): HttpRequest {
  return {
    method,
    target,
    authority: "localhost",
    version: "1.1",
    fields,
    body: null,
    peer: "127.0.0.1 50000",
    scheme: "http",
  };
}
