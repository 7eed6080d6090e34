/**
 * Media types by name, and which of them are worth compressing. Pure; must not
 * know files or fields.
 *
 * @module
 */

import { lookup } from "mrmime";

/**
 * The value of Content-Type for a file of that name.
 *
 * ```ts
 * import { mediaType } from "./media_type.ts";
 *
 * mediaType("index.html"); // "text/html; charset=utf-8"
 * ```
 */
export function mediaType(name: string): string {
  const type = typeOf(name) ?? "application/octet-stream";
  return isText(type) ? `${type}; charset=utf-8` : type;
}

/** Whether an extension says what the file is. */
export function hasKnownType(name: string): boolean {
  return typeOf(name) !== undefined;
}

// The table has none of the types that a vendor has registered; these, browsers
// know.
const vendors: Readonly<Record<string, string>> = {
  eot: "application/vnd.ms-fontobject",
  flac: "audio/flac",
  ico: "image/vnd.microsoft.icon",
  m4v: "video/mp4",
  m3u8: "application/vnd.apple.mpegurl",
  mkv: "video/matroska",
};

/** The table takes `png` for an extension, where it is the name of a file. */
function typeOf(name: string): string | undefined {
  const at = name.lastIndexOf(".");
  if (at < 0) return undefined;
  const extension = name.slice(at + 1).toLowerCase();
  return Object.hasOwn(vendors, extension)
    ? vendors[extension]
    : lookup(extension);
}

function isText(type: string): boolean {
  return /^text\/|javascript|json|xml/.test(type);
}

// What is no text and not compressed in itself. Fonts of the kinds woff and woff2
// are, as pictures and films are.
const alsoCompressible =
  /^(application\/(wasm|vnd\.ms-fontobject)|font\/(ttf|otf|collection)|image\/(bmp|vnd\.microsoft\.icon))$/;

/**
 * Whether compressing makes less of content of that type.
 *
 * @param type a value of Content-Type
 */
export function isCompressible(type: string): boolean {
  const [essence] = type.split(";", 1);
  return isText(essence) || alsoCompressible.test(essence);
}
