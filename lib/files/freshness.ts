/**
 * How long what was found is taken for what is there, and how that is made sure of
 * after. Must not know what is kept.
 *
 * @module
 */

import { isSameFile } from "./file_identity.ts";
import type { Identified, Root } from "./root.ts";

/** What has changed is served fresh after this: nowhere do two such spans follow one
 * another. It is to be less than a second with what an answer takes besides. Looking
 * costs 12 us: with 1000 files 1 % of a core for each worker. */
export const freshMs = 900;
// Deno tells a ctime to the second only.
const maxTickMs = 2000;

/** A clock that was set back keeps nothing fresh. */
export function isFresh(
  lookedAt: number,
  now: number,
  forMs = freshMs,
): boolean {
  const age = now - lookedAt;
  return age >= 0 && age < forMs;
}

/**
 * Whether a name still leads to the same, and that is unchanged.
 *
 * @param root where
 * @param segments the name
 * @param was what it led to
 * @param readAt when that was read
 */
export function isUnchanged(
  root: Root,
  segments: readonly string[],
  was: Identified,
  readAt: number,
): boolean {
  // It may have changed again since, within the same tick.
  if (readAt - was.identity.ctimeMs < maxTickMs) return false;
  const now = root.identify(segments);
  return now !== null && now.path === was.path &&
    isSameFile(now.identity, was.identity);
}
