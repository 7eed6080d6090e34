/**
 * A stand-in for `@std/path`, written for this project and used only where JSR
 * cannot be reached: `.ci/std.ts` then puts it into `vendor/` under the real
 * package's name and version. Deno's own `node:path` does the work; where the two
 * differ, the real package's documented behaviour is kept. It must not know the
 * server.
 *
 * @module
 */

import { isAbsolute } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export {
  basename,
  dirname,
  extname,
  isAbsolute,
  join,
  normalize,
  relative,
  resolve,
} from "node:path";

export { SEPARATOR } from "./constants.ts";

/** The path that a `file:` URL names. Any other scheme is a `TypeError`. */
export function fromFileUrl(url: string | URL): string {
  return fileURLToPath(url);
}

/**
 * The `file:` URL of an absolute path. A relative one is a `TypeError`, where
 * `node:url` would quietly put the current directory before it.
 */
export function toFileUrl(path: string): URL {
  if (!isAbsolute(path)) {
    throw new TypeError(`Cannot make a file URL of "${path}": not absolute`);
  }
  return pathToFileURL(path);
}
