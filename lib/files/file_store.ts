/**
 * The files under ROOT as a handler sees them, and the interface by which it looks them
 * up. Must not know requests, status codes or the file system.
 *
 * @module
 */

import type { Coding } from "../http/negotiate.ts";
import type { ListingEntry } from "./listing/formats.ts";
import type { FileIdentity } from "../http/message.ts";
import type { RulesTexts } from "./rules/lines.ts";
import type { Site } from "./site.ts";
import type { StaticOptions } from "./static_options.ts";

/** A regular file under ROOT. A file that has changed is a new object. */
export interface StoredFile {
  /** The name that was looked up: segments of a path, with slashes between. */
  readonly name: string;
  /** The real path. */
  readonly path: string;
  /** The identity when the file was opened. */
  readonly identity: FileIdentity;
  /** The content, or `null` where it is large. */
  readonly bytes: Uint8Array<ArrayBuffer> | null;
  /** Differs from the tag of any other content. */
  readonly tag: string;
  /** `false` where the file may have changed without a new tag. */
  readonly tagIsStrong: boolean;
  /** Files beside this one that hold the same content in a coding. */
  readonly siblings: Siblings;
}

export type Siblings = Readonly<Partial<Record<Coding, StoredFile>>>;

/** A content in some codings. */
export type Compressed = Readonly<
  Partial<Record<Coding, Uint8Array<ArrayBuffer>>>
>;

/** A small file that is known, and when it was last looked at. */
export interface SeenFile {
  readonly key: string;
  readonly file: StoredFile;
  readonly checkedAt: number;
}

/** What a worker tells of a file. */
export interface HotFile {
  /** The directory that the worker serves. */
  readonly root: string;
  /** The target that leads to the file, as a cache has it for a key. */
  readonly key: string;
  /** Differs from the tag of any other content. */
  readonly tag: string;
  /** When the worker looked at it: from then on it counts as fresh for a while. */
  readonly checkedAt: number;
  /** The file, where the worker has not told it before. */
  readonly file: StoredFile | null;
  /** Its content in codings, as far as the worker has not told them before. */
  readonly compressed: Compressed;
}

/** What a worker tells of the rules of the site, at each look at them. */
export interface ToldRules {
  /** The directory that the worker serves. */
  readonly root: string;
  /** When the worker looked: from then on they count as fresh for a while. */
  readonly checkedAt: number;
  /** Differs from the tag of any other rules. */
  readonly tag: string;
  /** The rules, where the worker has not told them before. */
  readonly texts: RulesTexts | null;
}

export type Found =
  | { readonly kind: "file"; readonly file: StoredFile }
  | { readonly kind: "directory" }
  | { readonly kind: "nothing" }
  /** The file exists, and the system does not let the server read it. */
  | { readonly kind: "forbidden" };

export interface ListedEntries {
  readonly kind: "entries";
  /** The same array as long as nothing has changed. */
  readonly entries: readonly ListingEntry[];
  /** The number of names that are not listed because there are too many. */
  readonly omitted: number;
}

export type Listed =
  | ListedEntries
  /** There is no directory of that name. */
  | { readonly kind: "nothing" }
  | { readonly kind: "forbidden" };

/** How large an archive may be. */
export interface ArchiveBounds {
  readonly maxArchiveEntries: number;
  /** Of all files together. */
  readonly maxArchiveBytes: number;
}

export interface FileStore {
  readonly options: StaticOptions;
  /** The site's own rules; `null` where there are none. */
  site(): Site | null;
  readonly archiveBounds: ArchiveBounds;
  /**
   * The file that a target leads to, where that is known without the file system.
   *
   * @param target in origin-form
   * @returns `null` where the target has to be resolved
   */
  recall(target: string): StoredFile | null;
  /** @param segments of a path, decoded; never empty, `.` or `..` */
  find(segments: readonly string[]): Found;
  /** Lists a directory, without hidden entries and those that cannot be found. */
  list(segments: readonly string[]): Listed;
  /** The real paths of files in a directory, by their names; `null` where there is no
   * such directory. */
  identify(
    segments: readonly string[],
    names: readonly string[],
  ): ReadonlyMap<string, Pick<StoredFile, "path" | "identity">> | null;
  /** @returns `null` where the file is too large to compress, or has changed */
  compress(file: StoredFile, coding: Coding): Uint8Array<ArrayBuffer> | null;
}
