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
 * import { cacheControl } from "./cache_control.ts";
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
 * Whether a name holds a hash of the content, as bundlers put it there: a part of the
 * name, never all of it, before its extension. In doubt it holds none: a year is
 * a long time, and who asks for nothing costs a 304. So none are the numbers of
 * cameras (`DSCF2345.JPG`), dates, identifiers of things whose content may change,
 * and words with a number behind them.
 *
 * ```ts
 * import { hasFingerprint } from "./cache_control.ts";
 *
 * hasFingerprint("index-BxK3a9Zf.js"); // true
 * ```
 */
export function hasFingerprint(name: string): boolean {
  const parts = name.split(".");
  const extension = parts.pop() ?? "";
  if (name.startsWith(".") || uuid.test(name)) return false;
  const isBundled = bundled.test(extension);
  return parts.some((part, index) => {
    const afterDot = index > 0 ? part : "";
    const tail = /^.+[-_]([^-_]+)$/.exec(part)?.[1] ?? afterDot;
    if (isHexHash(tail)) return true;
    if (!isBundled) return false;
    // Hashes in base64 have dashes of their own.
    const last = /^.+-(.{8})$/.exec(part)?.[1] ?? afterDot;
    return isBase32Hash(tail) || isBase64Hash(last);
  });
}

/** Who names pictures and documents by hand may find names that look like those of
 * bundlers, but for hexadecimal ones. */
const bundled = /^(m?js|css|map|wasm|woff2?)$/;

const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

/** What bundlers and their plugins cut theirs to: not what git does, or what the
 * identifiers of databases have. */
const hexLengths = new Set([8, 10, 12, 16, 20, 32, 40, 64]);

function isHexHash(text: string): boolean {
  return hexLengths.has(text.length) && /^[0-9a-f]+$/.test(text) &&
    switches(text) >= 2 &&
    // A date, and something behind it.
    !/^(19|20)[0-9]{6}/.test(text);
}

/** As esbuild writes it. */
function isBase32Hash(text: string): boolean {
  return /^[A-Z2-7]{8}$/.test(text) && switches(text) >= 2;
}

/** As Rollup writes it. A quarter of them have no digit, and some no two letters of a
 * case; those are taken for words, as `Week3Day` is. */
function isBase64Hash(text: string): boolean {
  return /^[\w-]{8}$/.test(text) && /[0-9]/.test(text) &&
    /[A-Z].*[A-Z]/.test(text) && /[a-z].*[a-z]/.test(text) &&
    switches(text) >= 4 && !/^([A-Z]?[a-z]+|[0-9]+)+$/.test(text);
}

/** How often it goes on with another kind of character: `page2` once, for a word or a
 * count is all of one kind, and a hash of all. */
function switches(text: string): number {
  return text.replace(/[a-z]+/g, "a").replace(/[A-Z]+/g, "A")
    .replace(/[0-9]+/g, "0").length - 1;
}
