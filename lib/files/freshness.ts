/**
 * How long cached metadata counts as fresh, and how it is checked after that. Must not
 * know what is cached.
 *
 * @module
 */

import { isSameFile } from "./file_identity.ts";
import type { Identified, Root } from "./root.ts";

/** A change is served after this time at the latest: no two such spans ever follow each
 * other. With the time of a response it has to be less than a second. A check costs
 * 12 us: with 1000 files 1 % of a core for each worker. */
export const freshMs = 900;
// Deno gives a ctime in whole seconds only.
const maxTickMs = 2000;

/** After the clock was set back nothing is fresh. */
export function isFresh(
  checkedAt: number,
  now: number,
  forMs = freshMs,
): boolean {
  const age = now - checkedAt;
  return age >= 0 && age < forMs;
}

/**
 * Whether a name still leads to the same file, unchanged.
 *
 * @param was what the name led to at `readAt`
 */
export function isUnchanged(
  root: Root,
  segments: readonly string[],
  was: Identified,
  readAt: number,
): boolean {
  // The file may have changed again since, within the same tick.
  if (readAt - was.identity.ctimeMs < maxTickMs) return false;
  const now = root.identify(segments);
  return now !== null && now.path === was.path &&
    isSameFile(now.identity, was.identity);
}
