/**
 * How long caches may use a file without asking the server (RFC 9111 section 5.2).
 * Pure; must not know files, only their names and types.
 *
 * @module
 */

// The name changes whenever the content does.
const forever = "max-age=31536000, immutable";
// May be stored, and is revalidated before each use: a 304 response is cheap.
const revalidated = "no-cache";

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
 * @param name the last part of the path
 * @param seconds for a file whose name has no fingerprint; `null` where no file may be
 * stored
 * @param isPrivate whether the files are for some clients only: with `public` a shared
 * cache would show them to all (RFC 9111 section 3.5)
 */
export function cacheControl(
  name: string,
  type: string,
  seconds: number | null,
  isPrivate: boolean = false,
): string {
  if (seconds === null) return "no-store";
  // A page refers to files by their fingerprints, so it must be the newest version.
  if (/^(text\/html|application\/xhtml\+xml)\b/.test(type)) return revalidated;
  const whose = isPrivate ? "private" : "public";
  if (hasFingerprint(name)) return `${whose}, ${forever}`;
  return seconds === 0 ? revalidated : `${whose}, max-age=${seconds}`;
}

/**
 * Whether a name has a hash of the content, as bundlers write it: before the extension,
 * and never the whole name. If in doubt, it has not: a wrong "yes" is cached for a
 * year, a wrong "no" costs a 304 response. So these are not hashes: the numbers of
 * cameras (`DSCF2345.JPG`), dates, identifiers of things whose content may change, and
 * words with a number at the end.
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
    // A hash in base64 may contain dashes.
    const lastEight = /^.+-(.{8})$/.exec(part)?.[1] ?? afterDot;
    return isBase32Hash(tail) || isBase64Hash(lastEight);
  });
}

/** Names that people give to pictures and documents may look like a bundler's hash in
 * base32 or base64, so those two count only with these extensions. */
const bundled = /^(m?js|css|map|wasm|woff2?)$/;

const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

/** The lengths that bundlers and their plugins use. Short git hashes and database
 * identifiers have other lengths. */
const hexLengths = new Set([8, 10, 12, 16, 20, 32, 40, 64]);

function isHexHash(text: string): boolean {
  return hexLengths.has(text.length) && /^[0-9a-f]+$/.test(text) &&
    switches(text) >= 2 &&
    // Begins with a date.
    !/^(19|20)[0-9]{6}/.test(text);
}

/** As esbuild writes it. */
function isBase32Hash(text: string): boolean {
  return /^[A-Z2-7]{8}$/.test(text) && switches(text) >= 2;
}

/** As Rollup writes it. A quarter of its hashes have no digit, or fewer than two letters
 * of one case. Those are taken for words, as `Week3Day` is. */
function isBase64Hash(text: string): boolean {
  return /^[\w-]{8}$/.test(text) && /[0-9]/.test(text) &&
    /[A-Z].*[A-Z]/.test(text) && /[a-z].*[a-z]/.test(text) &&
    switches(text) >= 4 && !/^([A-Z]?[a-z]+|[0-9]+)+$/.test(text);
}

/** How often the kind of character changes (lower case, upper case, digits): once in
 * `page2`, often in a hash. */
function switches(text: string): number {
  return text.replace(/[a-z]+/g, "a").replace(/[A-Z]+/g, "A")
    .replace(/[0-9]+/g, "0").length - 1;
}
