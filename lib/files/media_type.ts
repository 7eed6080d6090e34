/**
 * Media types by file name, and which of them are worth compressing. Pure; must not
 * know files or fields.
 *
 * @module
 */

import { mimes } from "mrmime";
import { extensionOf, isSource } from "./listing/kinds.ts";

/** Media types by extension, in lower case and without its dot. */
export type MediaTypes = Readonly<Record<string, string>>;

/**
 * The value of Content-Type for a file.
 *
 * ```ts
 * import { mediaType } from "./media_type.ts";
 *
 * mediaType("index.html"); // "text/html; charset=utf-8"
 * ```
 *
 * @param own the operator's types, which come first
 */
export function mediaType(name: string, own: MediaTypes = {}): string {
  const type = typeOf(name, own) ?? "application/octet-stream";
  return isText(type) && !/;\s*charset=/i.test(type)
    ? `${type}; charset=utf-8`
    : type;
}

/** Whether the extension of a name is known as that of something that pages load. A path
 * that ends like a source may be a page about it. */
export function hasKnownType(name: string, own: MediaTypes = {}): boolean {
  return typeIn([own, vendorTypes, mimes as MediaTypes], name) !== undefined;
}

// The table of mrmime has no vendor types. Browsers know these.
const vendorTypes: MediaTypes = {
  eot: "application/vnd.ms-fontobject",
  flac: "audio/flac",
  ico: "image/vnd.microsoft.icon",
  m4v: "video/mp4",
  m3u8: "application/vnd.apple.mpegurl",
  mkv: "video/matroska",
};

// Sources whose registered types browsers or programs go by.
const registeredSources = new Set(
  "css htm html js json markdown md mjs vtt xml yaml yml".split(" "),
);

/**
 * Types for where people look through directories: browsers save text/csv instead of
 * showing it, and some of them the others. Programs go by the name or the content, so
 * the response need not depend on who asks, as it would with Sec-Fetch-Dest and Vary.
 */
export const readableTypes: MediaTypes = Object.fromEntries(
  ["csv", "markdown", "md", "tsv", "yaml", "yml"]
    .map((extension) => [extension, "text/plain"]),
);

function typeOf(name: string, own: MediaTypes): string | undefined {
  const type = typeIn([own, vendorTypes], name);
  if (type !== undefined) return type;
  // The table has TypeScript as a film, and Rust as XML.
  if (isSource(name) && !registeredSources.has(extensionOf(name) ?? "")) {
    return "text/plain";
  }
  return typeIn([mimes as MediaTypes], name);
}

/** `a.constructor` has no type. */
function typeIn(
  tables: readonly MediaTypes[],
  name: string,
): string | undefined {
  const extension = extensionOf(name);
  if (extension === null) return undefined;
  return tables.find((types) => Object.hasOwn(types, extension))?.[extension];
}

function isText(type: string): boolean {
  return /^text\/|javascript|json|xml/.test(type);
}

// Neither text nor compressed already. The fonts woff and woff2, most pictures, and
// films are compressed already.
const alsoCompressible =
  /^(application\/(wasm|vnd\.ms-fontobject)|font\/(ttf|otf|collection)|image\/(bmp|vnd\.microsoft\.icon))$/;

/** The coding that a file of that name is in by itself; it is sent as it is. */
export function codingOf(name: string): "gzip" | "identity" {
  return /\.svgz$/i.test(name) ? "gzip" : "identity";
}

/** @param type a value of Content-Type */
export function isCompressible(type: string): boolean {
  const [essence] = type.split(";", 1);
  return isText(essence) || alsoCompressible.test(essence);
}
