/**
 * The content codings of RFC 9110 section 8.4.1 that are spoken here: their names
 * and those of files that hold content in them. Must not know who compresses, or
 * who chooses.
 *
 * @module
 */

/** A content coding that is not `identity`. */
export type Coding = "br" | "zstd" | "gzip";

/** All of them; the one that makes the least of a page comes first. */
export const codings: readonly Coding[] = ["br", "zstd", "gzip"];

/** What is put behind the name of a file for its content in a coding. */
export const suffixes: Readonly<Record<Coding, string>> = {
  br: ".br",
  zstd: ".zst",
  gzip: ".gz",
};
