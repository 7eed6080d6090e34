/**
 * Whether a connection goes on after a response (RFC 9112 section 9.3). This is decided
 * here and nowhere else. Pure; must not know sockets.
 *
 * @module
 */

import { fieldList, type Fields, type HttpVersion } from "./message.ts";
import { splitList } from "./framing.ts";
import type { BodyFraming } from "./response_head.ts";

/** How far the body of a request is read while its response is written. */
export type RequestBodyProgress =
  /** To its end, or the request has no body. */
  | "complete"
  /** The handler streams its response and may read on meanwhile. */
  | "reading"
  /** Nobody will read the rest. */
  | "abandoned";

/** Whether the client wants the connection to go on after this request. */
export function wantsToStay(version: HttpVersion, fields: Fields): boolean {
  const options = fieldList(fields, "connection");
  if (options === undefined) return version === "1.1";
  const list = splitList(options);
  if (list.includes("close")) return false;
  return version === "1.1" || list.includes("keep-alive");
}

/** What decides, besides the response, whether a connection goes on. */
export interface PersistenceFacts {
  /** Whether the client wants it to; after the response, what its head said. */
  readonly wanted: boolean;
  /** The server drains, or the connection has had all its requests. */
  readonly closing: boolean;
  /** How far the body of the request is read. */
  readonly body: RequestBodyProgress;
}

/**
 * Whether the connection goes on: asked before the head of the response is written,
 * and again when the response is complete.
 *
 * @param framing how the body of the response is delimited
 */
export function staysOpen(
  { wanted, closing, body }: PersistenceFacts,
  framing: BodyFraming,
): boolean {
  if (!wanted || closing) return false;
  // What follows could not be told from it. Reading it for nobody is allowed, and
  // costs more than a new connection (section 9.3).
  if (body === "abandoned") return false;
  // The end of the connection is the end of the body.
  return framing !== "close";
}
