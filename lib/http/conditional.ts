/**
 * Conditional requests (RFC 9110 section 13), evaluated in the order of section 13.2.2.
 * Pure; must not know files.
 *
 * @module
 */

import { parseHttpDate } from "./http_date.ts";

/** What the conditions are compared with. */
export interface Validators {
  /** The entity tag, with its quotes, and `W/` where it is weak. */
  readonly etag: string;
  /** When it was last changed, in milliseconds since the epoch, to the second;
   * `null` where that is not known. */
  readonly lastModifiedMs: number | null;
}

/** The values of the fields that make a request conditional, those of several
 * lines joined. */
export interface Conditions {
  /** If-Match. */
  readonly ifMatch?: string;
  /** If-None-Match. */
  readonly ifNoneMatch?: string;
  /** If-Modified-Since. */
  readonly ifModifiedSince?: string;
  /** If-Unmodified-Since. */
  readonly ifUnmodifiedSince?: string;
  /** If-Range. */
  readonly ifRange?: string;
}

/** The result of the conditions. */
export type Verdict =
  /** The request is handled as if it had none, except If-Range. */
  | "proceed"
  /** 304. */
  | "not modified"
  /** 412. */
  | "failed";

/**
 * Evaluates the conditions of a GET or HEAD whose response would be 200.
 *
 * @param validators of the representation that would be sent
 * @param now in milliseconds since the epoch
 */
export function checkConditions(
  conditions: Conditions,
  validators: Validators,
  now: number,
): Verdict {
  const { ifMatch, ifNoneMatch } = conditions;
  if (ifMatch !== undefined) {
    if (!listsStrongly(ifMatch, validators.etag)) return "failed";
  } else if (isLaterThan(conditions.ifUnmodifiedSince, validators, now)) {
    return "failed";
  }
  if (ifNoneMatch !== undefined) {
    return listsWeakly(ifNoneMatch, validators.etag)
      ? "not modified"
      : "proceed";
  }
  // `false` is: not changed since; `null`: nothing to compare.
  return isLaterThan(conditions.ifModifiedSince, validators, now) === false
    ? "not modified"
    : "proceed";
}

/**
 * Whether a range may be sent (section 13.1.5): only of exactly the representation that
 * the client has a part of.
 *
 * @param ifRange the value of If-Range, or `undefined`
 * @param validators of the representation that would be sent
 * @param now in milliseconds since the epoch
 */
export function rangeApplies(
  ifRange: string | undefined,
  { etag, lastModifiedMs }: Validators,
  now: number,
): boolean {
  if (ifRange === undefined) return true;
  // Strong comparison: a weak tag is equal to nothing, itself included.
  if (/^(W\/)?"/.test(ifRange)) return ifRange === etag && isStrong(etag);
  const since = parseHttpDate(ifRange, now);
  // Section 8.8.2.2: while its second lasts, a date may stand for two versions.
  return since !== null && since === lastModifiedMs && now - since >= 1000;
}

function isStrong(etag: string): boolean {
  return !etag.startsWith("W/");
}

/** Section 8.8.3. A tag may hold a comma, so the list is not split at commas. */
function tagsOf(list: string): readonly string[] {
  return Array.from(list.matchAll(memberTag), ([, tag]) => tag);
}

const memberTag =
  /(?:^|,)[ \t]*((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?=,|$)/g;

/** Section 13.1.1. */
function listsStrongly(list: string, etag: string): boolean {
  if (list.trim() === "*") return true;
  return isStrong(etag) && tagsOf(list).includes(etag);
}

/** Section 13.1.2. */
function listsWeakly(list: string, etag: string): boolean {
  if (list.trim() === "*") return true;
  const opaque = opaqueTag(etag);
  return tagsOf(list).some((tag) => opaqueTag(tag) === opaque);
}

function opaqueTag(etag: string): string {
  return etag.replace(/^W\//, "");
}

/** @returns `null` where there is nothing to compare: by sections 13.1.3 and 13.1.4 a
 * value that is not a date is ignored */
function isLaterThan(
  date: string | undefined,
  { lastModifiedMs }: Validators,
  now: number,
): boolean | null {
  if (date === undefined || lastModifiedMs === null) return null;
  const since = parseHttpDate(date, now);
  return since === null ? null : lastModifiedMs > since;
}
