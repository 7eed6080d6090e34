/**
 * How long caches may use a file unasked (RFC 9111 section 5.2). Pure; must not
 * know files, only their names and types.
 *
 * @module
 */

// The name changes whenever the content does: what is behind it never changes.
const forever = "public, max-age=31536000, immutable";
// It may be kept, and is asked about before each use: an answer 304 is cheap.
const revalidated = "no-cache";
const notKept = "no-store";

/**
 * The value of Cache-Control for a file.
 *
 * ```ts
 * import { cacheControl } from "./caching.ts";
 *
 * cacheControl("index.html", "text/html", 60); // "no-cache"
 * cacheControl("app.3f9c2b1a.js", "text/javascript", 60); // "public, max-age=31536000, immutable"
 * cacheControl("app.js", "text/javascript", 60); // "public, max-age=60"
 * ```
 *
 * @param name the last part of its path
 * @param type its media type
 * @param seconds how long one may be kept whose name tells nothing, or `null`
 * where nothing may be kept
 */
export function cacheControl(
  name: string,
  type: string,
  seconds: number | null,
): string {
  if (seconds === null) return notKept;
  // A page names its files by their fingerprints: it has to be the newest.
  if (/^(text\/html|application\/xhtml\+xml)\b/.test(type)) return revalidated;
  if (hasFingerprint(name)) return forever;
  return seconds === 0 ? revalidated : `public, max-age=${seconds}`;
}

/**
 * Whether a name holds a hash of the content, as bundlers put it there: before an
 * extension, set off from what precedes it. In doubt it holds none, for a year is
 * a long time: `report-20260801.pdf` and `photo-holiday2024.jpg` hold none.
 *
 * ```ts
 * import { hasFingerprint } from "./caching.ts";
 *
 * hasFingerprint("index-BxK3a9Zf.js"); // true
 * ```
 */
export function hasFingerprint(name: string): boolean {
  const parts = name.split(".");
  parts.pop();
  return parts.some((part) =>
    isHash(part.slice(part.search(/[-_][^-_]*$/) + 1)) ||
    // Hashes in base64 have dashes of their own.
    (/(^|[-_]).{8}$/.test(part) && isBase64Hash(part.slice(-8)))
  );
}

/** In hexadecimal, or in base 32 as esbuild writes it. With letters and digits both:
 * what has only digits is a date or a count, and what has only letters a word. */
function isHash(text: string): boolean {
  return /[0-9]/.test(text) && /[A-Za-z]/.test(text) &&
    /^([0-9a-f]{8,64}|[A-Z2-7]{8})$/.test(text);
}

/** As Rollup writes it. Some have no digit, or no two letters of a case; those are
 * taken for words. */
function isBase64Hash(text: string): boolean {
  return /^[\w-]+$/.test(text) && /[0-9]/.test(text) &&
    /[A-Z].*[A-Z]/.test(text) && /[a-z].*[a-z]/.test(text);
}
