/**
 * How the body of a request is framed: decided once, when all fields are known.
 * Mistakes here allow request smuggling, so this code is as simple as it can be. Pure;
 * must not know how bytes arrive.
 *
 * @module
 */

import { HttpError } from "./error.ts";
import {
  fieldList,
  type HttpVersion,
  type RequestHead,
  trimOws,
} from "./message.ts";

export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" };

/** How large a body may be. */
export interface BodyLimit {
  readonly bytes: number;
  /** How that is set, for the sentence of a refusal. */
  readonly flag: string;
}

// Most requests have no body: one object for all.
const none: Framing = { kind: "none" };

/**
 * Decides how the body of a request is delimited (RFC 9112 section 6.3; its rules 1, 2
 * and 8 concern responses).
 *
 * @param most the largest Content-Length that is accepted
 * @throws {HttpError} 400, 411 or 501 where the framing cannot be trusted, 413 where
 * the body is too long. The connection must not be used for another request then.
 */
export function decideFraming(
  head: RequestHead,
  most: BodyLimit,
): Framing {
  let codings: string | undefined;
  let length: string | undefined;
  for (const [name, value] of head.fields) {
    if (name === "transfer-encoding") {
      // Two fields could be combined into one list, but no honest client sends two.
      if (codings !== undefined) {
        throw new HttpError(400, "Transfer-Encoding is repeated.");
      }
      codings = value;
    } else if (name === "content-length") {
      // Rule 5 allows equal values to be merged. Servers that merge in different ways
      // make request smuggling possible.
      if (length !== undefined) {
        throw new HttpError(400, "Content-Length is repeated.");
      }
      length = value;
    }
  }
  if (codings !== undefined) return decideCoding(codings, length, head.version);
  if (length !== undefined) return decideLength(length, most);
  // The body of such a request would end with the connection, so it could not get a
  // response (RFC 9110 section 15.5.12).
  if (head.version === "1.0" && /^(?:POST|PUT|PATCH)$/.test(head.method)) {
    throw new HttpError(
      411,
      "An HTTP/1.0 request with a body needs a Content-Length.",
    );
  }
  // Rule 7.
  return none;
}

/** Rules 3 and 4. */
function decideCoding(
  codings: string,
  length: string | undefined,
  version: HttpVersion,
): Framing {
  if (length !== undefined) {
    throw new HttpError(
      400,
      "A request cannot have both Transfer-Encoding and Content-Length.",
    );
  }
  // RFC 9112 section 6.1: in HTTP/1.0 the framing is faulty even if it looks right.
  if (version === "1.0") {
    throw new HttpError(400, "HTTP/1.0 has no Transfer-Encoding.");
  }
  if (codings.toLowerCase() === "chunked") return { kind: "chunked" };
  const list = splitList(codings);
  if (list.indexOf("chunked") === list.length - 1) {
    throw new HttpError(501, "The only supported transfer coding is chunked.");
  }
  throw new HttpError(400, "Transfer-Encoding must end in chunked, once.");
}

/** The members of a list, in lower case (RFC 9110 section 5.6.1). */
export function splitList(list: string): string[] {
  // A regex for the comma and the white space around it is quadratic in the white
  // space: 32 KB of it took 0.7 s.
  return list.toLowerCase().split(",").map((member) => trimOws(member));
}

/** Rules 5 and 6: only digits. */
function decideLength(value: string, most: BodyLimit): Framing {
  if (!/^[0-9]+$/.test(value)) {
    throw new HttpError(400, "Content-Length is not a number of bytes.");
  }
  // A number that a double cannot hold exactly is too large all the same.
  const length = Number(value);
  if (length > most.bytes) throw tooLarge(most);
  return { kind: "length", length };
}

/** The refusal of a body over the limit, however it is framed. */
export function tooLarge({ bytes, flag }: BodyLimit): HttpError {
  return new HttpError(
    413,
    `The body may have at most ${bytes} bytes (${flag}).`,
  );
}

/**
 * Whether the client waits for `100 Continue` before it sends the body (RFC 9110
 * section 10.1.1).
 *
 * @throws {HttpError} 417 for any other expectation
 */
export function expectsContinue(head: RequestHead): boolean {
  const expectation = fieldList(head.fields, "expect");
  // The same section: an expectation in HTTP/1.0 is ignored.
  if (expectation === undefined || head.version === "1.0") return false;
  if (expectation.toLowerCase() === "100-continue") return true;
  throw new HttpError(417, "The only supported expectation is 100-continue.");
}
