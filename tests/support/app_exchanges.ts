/**
 * Exchanges of an app, without a server.
 */

import { RequestContext } from "../../lib/app/request_context.ts";
import type { HttpRequest } from "../../lib/http/message.ts";
import { bytesOf } from "./wire.ts";

/** One, of a request with that method and content. */
export function exchange(
  watch: () => void = () => {},
  method = "POST",
  content: string | null = "content",
) {
  const request: HttpRequest = {
    method,
    target: "/path?query",
    authority: "a.example",
    version: "1.1",
    fields: [
      ["host", "a.example"],
      ["content-type", "text/plain"],
      ["x-twice", "one"],
      ["x-twice", "two"],
    ],
    body: content === null ? null : bytesOf(content),
    peer: "127.0.0.1 1234",
    scheme: "http",
  };
  return new RequestContext(request, { client: null, watch });
}
