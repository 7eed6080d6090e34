/**
 * Text that can be compressed, and answers that are.
 */

import zlib from "node:zlib";
import type { Exchanged } from "./exchange.ts";
import { type ServedTree, serveTree } from "./served_tree.ts";
import type { TreeEntry } from "./tree.ts";

/** Text of about so many bytes that compresses well. */
export function prose(length: number, word = "word"): string {
  let text = "";
  for (let i = 0; text.length < length; i++) text += `<p>${word} ${i}</p>\n`;
  return text;
}

/** What a client makes of an answer. */
export function decode({ fields, bytes }: Exchanged): string {
  return new TextDecoder().decode(
    decodeFrom(fields.get("content-encoding"), bytes),
  );
}

/** Bytes without that coding. */
export function decodeFrom(
  coding: string | undefined,
  bytes: Uint8Array,
): Uint8Array {
  switch (coding) {
    case undefined:
      return bytes;
    case "br":
      return zlib.brotliDecompressSync(bytes);
    case "zstd":
      return zlib.zstdDecompressSync(bytes);
    case "gzip":
      return zlib.gunzipSync(bytes);
    default:
      throw new Error(`Nobody asked for ${coding}`);
  }
}

/** A request that accepts it. */
export function accept(coding: string) {
  return { fields: { "Accept-Encoding": coding } };
}

/** A tree and a server of it with one worker, whose caches all requests meet. */
export function startSite(
  entries: Record<string, TreeEntry>,
): Promise<ServedTree> {
  return serveTree(entries, { workers: 1 });
}
