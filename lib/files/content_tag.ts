/**
 * The tag of a content for its entity tag. Must not know files.
 *
 * @module
 */

import { crypto } from "./late_modules.ts";

/** A hash of content: the same on every machine and after every restart, whatever the
 * clocks say. 10 us for 10 KiB. */
export function contentTag(bytes: Uint8Array): string {
  const hash = crypto().createHash("sha256").update(bytes);
  return hash.digest("base64url").slice(0, 20);
}
