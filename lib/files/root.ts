/**
 * The boundary: nothing outside a directory is ever read, whatever is requested and
 * whoever changes the tree meanwhile. Must not know what files are for.
 *
 * @module
 */

import { join, SEPARATOR } from "@std/path";
import {
  contentTag,
  identityOf,
  identityTag,
  isSameFile,
  isSettled,
} from "./file_identity.ts";
import { firstByName, type ListingEntry } from "./listing/order.ts";
import type { FileIdentity } from "../http/message.ts";
import { isHidden, isSegment } from "./paths.ts";
import { ReadableFile } from "./readable_file.ts";

/** A regular file, as it was when it was opened. */
export interface OpenedFile {
  /** Its real path. */
  readonly path: string;
  readonly identity: FileIdentity;
  /** Its content, where it is small. */
  readonly bytes: Uint8Array<ArrayBuffer> | null;
  /** A tag that tells its content from any other. */
  readonly tag: string;
  /** Whether the tag can be relied upon. */
  readonly tagIsStrong: boolean;
}

/** What a name leads to. */
export interface Identified {
  /** Its real path. */
  readonly path: string;
  readonly identity: FileIdentity;
}

/** The result of opening a name. */
export type Opened =
  | { readonly kind: "file"; readonly file: OpenedFile }
  | { readonly kind: "directory" }
  | { readonly kind: "nothing" }
  /** It exists, and the system does not let us read it. */
  | { readonly kind: "forbidden" };

/** The result of listing a directory. */
export type Entries =
  | {
    readonly kind: "entries";
    readonly entries: readonly ListingEntry[];
    /** How many more names there are. */
    readonly omitted: number;
    /** How many names the directory has in all, listed or not. */
    readonly names: number;
  }
  | { readonly kind: "nothing" }
  | { readonly kind: "forbidden" };

const nothing = { kind: "nothing" } as const;
const directory = { kind: "directory" } as const;
const forbidden = { kind: "forbidden" } as const;

// A message with 64 KiB costs about 10 us more than an empty one; above it the
// main thread reads the file while it writes.
const maxSmallBytes = 64 * 1024;

/** A directory from which nothing outside can be reached. */
export class Root {
  readonly #root: string;

  /** @param root a real path */
  constructor(root: string) {
    this.#root = root;
  }

  /** Opens a file, and reads it where it is small. */
  open(segments: readonly string[]): Opened {
    try {
      const path = Deno.realPathSync(join(this.#root, ...segments));
      return this.#shows(path) ? openContained(path) : nothing;
    } catch (error) {
      return foundInstead(error);
    }
  }

  /** What a name leads to; `null` where there is nothing. Asks the file system twice, opens
   * nothing. */
  identify(segments: readonly string[]): Identified | null {
    try {
      const path = Deno.realPathSync(join(this.#root, ...segments));
      return { path, identity: identityOf(Deno.lstatSync(path)) };
    } catch {
      // Opening it tells why.
      return null;
    }
  }

  /** The whole content of a file; `null` where it has changed. */
  read(
    { path, identity }: Pick<OpenedFile, "path" | "identity">,
  ): Uint8Array<ArrayBuffer> | null {
    try {
      using file = ReadableFile.openSync(path);
      const opened = file.statSync();
      if (!opened.isFile || !isSameFile(opened.identity, identity)) return null;
      return readWhole(file, identity.size);
    } catch (error) {
      // Sending it fails as well, and tells why.
      foundInstead(error);
      return null;
    }
  }

  /**
   * The entries of a directory, without those that are hidden, are not files or
   * directories, or lead outside.
   *
   * @param most how many names to look at; the others are only counted
   */
  list(segments: readonly string[], most: number): Entries {
    try {
      const path = Deno.realPathSync(join(this.#root, ...segments));
      if (!this.#shows(path)) return nothing;
      const before = Deno.lstatSync(path);
      if (!before.isDirectory) return nothing;
      const all = Array.from(Deno.readDirSync(path));
      const shown = all.filter(({ name }) =>
        !name.startsWith(".") && isSegment(name)
      );
      const entries: ListingEntry[] = [];
      for (const { name, isSymlink } of firstByName(shown, most)) {
        const entry = this.#entry(join(path, name), name, isSymlink);
        if (entry !== null) entries.push(entry);
      }
      // It may have become a link that leads outside meanwhile.
      if (Deno.realPathSync(path) !== path) return nothing;
      const { ino, dev } = Deno.lstatSync(path);
      if (ino !== before.ino || dev !== before.dev) return nothing;
      const omitted = Math.max(shown.length - most, 0);
      return { kind: "entries", entries, omitted, names: all.length };
    } catch (error) {
      return foundInstead(error);
    }
  }

  #entry(path: string, name: string, isSymlink: boolean): ListingEntry | null {
    try {
      const target = isSymlink ? Deno.realPathSync(path) : path;
      if (isSymlink && !this.#shows(target)) return null;
      const info = Deno.lstatSync(target);
      if (!info.isFile && !info.isDirectory) return null;
      return {
        name,
        kind: info.isFile ? "file" : "directory",
        size: info.size,
        mtimeMs: info.mtime?.getTime() ?? 0,
      };
    } catch (error) {
      // It was removed meanwhile, or is a broken link.
      foundInstead(error);
      return null;
    }
  }

  /** A file is hidden by its real path, whatever link leads there. */
  #shows(path: string): boolean {
    if (path === this.#root) return true;
    // With the separator: `/srv/www-backup` is not in `/srv/www`.
    const prefix = this.#root.endsWith(SEPARATOR)
      ? this.#root
      : this.#root + SEPARATOR;
    return path.startsWith(prefix) &&
      !isHidden(path.slice(prefix.length).split(SEPARATOR));
  }
}

/**
 * A name can come to mean another file between looking up where it leads and opening it.
 * So the open file is asked for its identity, and the name is looked up again: only a
 * file that is under ROOT by its real path, and is the open one, is served. Its identity
 * is compared last: whoever makes the name lead outside while it is opened has to make it
 * lead back for the second lookup, and outside again for the third.
 */
function openContained(path: string): Opened {
  // Opening a device may have effects.
  const before = Deno.lstatSync(path);
  if (before.isDirectory) return directory;
  if (!before.isFile) return nothing;
  using file = ReadableFile.openSync(path);
  const lookedAt = Date.now();
  const { isFile, identity } = file.statSync();
  if (!isFile || Deno.realPathSync(path) !== path) return nothing;
  const now = identityOf(Deno.lstatSync(path));
  if (identity.ino !== now.ino || identity.dev !== now.dev) return nothing;
  if (identity.size > maxSmallBytes) {
    const tagIsStrong = isSettled(identity, lookedAt);
    const tag = identityTag(identity);
    return {
      kind: "file",
      file: { path, identity, bytes: null, tag, tagIsStrong },
    };
  }
  const bytes = readWhole(file, identity.size);
  const whole = { bytes, tag: contentTag(bytes), tagIsStrong: true };
  return { kind: "file", file: { path, identity, ...whole } };
}

/** Reads exactly so many bytes; a file that has shrunk meanwhile is not served. */
function readWhole(file: ReadableFile, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size;) {
    const count = file.readSync(bytes.subarray(at));
    if (count === null) throw new Deno.errors.UnexpectedEof("The file shrank");
    at += count;
  }
  return bytes;
}

/** What an error of the file system means; impossible names are names of nothing. */
function foundInstead(error: unknown): typeof nothing | typeof forbidden {
  if (error instanceof Deno.errors.PermissionDenied) return forbidden;
  if (error instanceof Deno.errors.NotCapable) return forbidden;
  if (
    error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.FilesystemLoop ||
    error instanceof Deno.errors.UnexpectedEof ||
    error instanceof Deno.errors.IsADirectory || error instanceof TypeError ||
    (error as { code?: string }).code === "ENAMETOOLONG"
  ) return nothing;
  throw error;
}
