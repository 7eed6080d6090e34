/**
 * Conditional requests (RFC 9110 section 13), evaluated in the order of section 13.2.2.
 * Pure; must not know files.
 *
 * @module
 */

import { parseHttpDate } from "./http_date.ts";

/** The validators of a representation, with which conditions are compared. */
export interface Validators {
  /** With its quotes, and with `W/` where it is weak. */
  readonly etag: string;
  /** In milliseconds since the epoch, rounded down to a second; `null` where it is not
   * known. */
  readonly lastModifiedMs: number | null;
}

/** The fields that make a request conditional; values of several lines are joined. */
export interface Conditions {
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  readonly ifModifiedSince?: string;
  readonly ifUnmodifiedSince?: string;
  readonly ifRange?: string;
}

export type Verdict =
  /** The conditions hold. If-Range is decided separately. */
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
  // `false` means not changed since; `null` means that there is nothing to compare.
  return isLaterThan(conditions.ifModifiedSince, validators, now) === false
    ? "not modified"
    : "proceed";
}

/**
 * Whether a range may be sent (section 13.1.5): only where the client has a part of
 * exactly this representation.
 *
 * @param now in milliseconds since the epoch
 */
export function rangeApplies(
  ifRange: string | undefined,
  { etag, lastModifiedMs }: Validators,
  now: number,
): boolean {
  if (ifRange === undefined) return true;
  // Strong comparison: a weak tag is not equal to any tag, not even to itself.
  if (/^(W\/)?"/.test(ifRange)) return ifRange === etag && isStrong(etag);
  const since = parseHttpDate(ifRange, now);
  // Section 8.8.2.2: a file may change twice in one second, so a date is only strong
  // when its second is over.
  return since !== null && since === lastModifiedMs && now - since >= 1000;
}

function isStrong(etag: string): boolean {
  return !etag.startsWith("W/");
}

/** Section 8.8.3. A tag may contain commas, so the list is not split at commas. */
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

/** @returns `null` where there is nothing to compare: sections 13.1.3 and 13.1.4 say to
 * ignore a value that is not a date */
function isLaterThan(
  date: string | undefined,
  { lastModifiedMs }: Validators,
  now: number,
): boolean | null {
  if (date === undefined || lastModifiedMs === null) return null;
  const since = parseHttpDate(date, now);
  return since === null ? null : lastModifiedMs > since;
}
