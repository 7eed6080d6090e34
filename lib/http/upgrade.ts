/**
 * Whether a client asks to speak another protocol (RFC 9110 section 7.8). Pure.
 *
 * @module
 */

import { splitList } from "./framing.ts";
import { fieldList, type RequestHead } from "./message.ts";

/** Whether the head of a request asks for it. A client of HTTP/1.0 cannot. */
export function wantsUpgrade(
  { method, version, fields }: RequestHead,
): boolean {
  if (method !== "GET" || version !== "1.1") return false;
  if (fieldList(fields, "upgrade") === undefined) return false;
  const options = fieldList(fields, "connection");
  return options !== undefined && splitList(options).includes("upgrade");
}
