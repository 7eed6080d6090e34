/**
 * The files under ROOT as a handler sees them, and the interface by which it looks them
 * up. Must not know requests, status codes or the file system.
 *
 * @module
 */

import type { Coding } from "../http/negotiate.ts";
import type { ListingEntry } from "./listing/formats.ts";
import type { FileIdentity } from "../http/message.ts";
import type { StaticOptions } from "./static_options.ts";

/** A regular file under ROOT. Another object is another file, or a changed one. */
export interface StoredFile {
  /** The name by which it was found: parts of a path, with slashes between. */
  readonly name: string;
  /** Its real path. */
  readonly path: string;
  /** Its identity when it was looked at. */
  readonly identity: FileIdentity;
  /** Its content, where it is small. */
  readonly bytes: Uint8Array<ArrayBuffer> | null;
  /** A tag that tells its content from any other. */
  readonly tag: string;
  /** Whether the tag can be relied upon. */
  readonly tagIsStrong: boolean;
  /** Files beside it that hold the same content in a coding. */
  readonly siblings: Siblings;
}

/** Files by the coding of their content. */
export type Siblings = Readonly<Partial<Record<Coding, StoredFile>>>;

/** The result of looking up a name. */
export type Found =
  | { readonly kind: "file"; readonly file: StoredFile }
  | { readonly kind: "directory" }
  | { readonly kind: "nothing" }
  /** It exists, and the system does not let us read it. */
  | { readonly kind: "forbidden" };

/** The entries of a directory, or as many as can be listed. */
export interface ListedEntries {
  readonly kind: "entries";
  /** The same array as long as nothing has changed. */
  readonly entries: readonly ListingEntry[];
  /** How many more names there are. */
  readonly omitted: number;
}

/** The result of listing a directory. */
export type Listed =
  | ListedEntries
  /** It is not a directory. */
  | { readonly kind: "nothing" }
  /** The system does not let us read it. */
  | { readonly kind: "forbidden" };

/** Where a handler looks files up. */
export interface FileStore {
  readonly options: StaticOptions;
  /**
   * The file that a target leads to, where that is known without looking.
   *
   * @param target in origin-form
   * @returns `null` where the target has to be resolved
   */
  recall(target: string): StoredFile | null;
  /**
   * Looks a name up.
   *
   * @param segments the parts of a path, decoded; none is empty, `.` or `..`
   */
  find(segments: readonly string[]): Found;
  /**
   * Lists a directory, without what is hidden or cannot be found.
   *
   * @param segments as above
   */
  list(segments: readonly string[]): Listed;
  /**
   * The content of a file in a coding.
   *
   * @returns `null` where the file is too large for that, or has changed
   */
  compress(file: StoredFile, coding: Coding): Uint8Array<ArrayBuffer> | null;
}
