/**
 * What a site finds, taken apart.
 */

import { assert } from "@std/assert";
import type { Found, StoredFile } from "../../lib/files/file_store.ts";

/** The file that was found. */
export function fileOf(found: Found): StoredFile {
  assert(found.kind === "file", `It is found as ${found.kind}`);
  return found.file;
}

/** What would be sent. */
export function contentOf(found: Found): string {
  const { bytes, path } = fileOf(found);
  return bytes === null
    ? Deno.readTextFileSync(path)
    : new TextDecoder().decode(bytes);
}
