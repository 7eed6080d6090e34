/**
 * Media types by file name, and which of them are worth compressing. Pure; must not
 * know files or fields.
 *
 * @module
 */

import { mimes } from "mrmime";

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

/** Whether the extension of a name is known. */
export function hasKnownType(name: string, own: MediaTypes = {}): boolean {
  return typeOf(name, own) !== undefined;
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

function typeOf(name: string, own: MediaTypes): string | undefined {
  // A file that is named `png` is no picture.
  const dot = name.lastIndexOf(".");
  if (dot < 0) return undefined;
  const extension = name.slice(dot + 1).toLowerCase();
  // `a.constructor` has no type.
  return [own, vendorTypes, mimes as MediaTypes]
    .find((types) => Object.hasOwn(types, extension))?.[extension];
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
