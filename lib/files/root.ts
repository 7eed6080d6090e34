/**
 * The boundary: nothing outside a directory is ever read, whatever is requested and
 * however the tree changes meanwhile. Must not know requests or caches.
 *
 * @module
 */

import { SEPARATOR } from "@std/path/constants";
import type { FileIdentity } from "../http/message.ts";
import { natives } from "../natives.ts";
import { contentTag } from "./content_tag.ts";
import {
  identityOf,
  identityTag,
  isSameFile,
  isSettled,
} from "./file_identity.ts";
import type { Found, Listed, ListedEntries, StoredFile } from "./file_store.ts";
import { firstByName, type ListingEntry } from "./listing/order.ts";
import {
  above,
  below,
  isHiddenByRealPath,
  isRulesFile,
  isSegment,
} from "./paths.ts";
import { fs } from "./late_modules.ts";
import { ReadableFile } from "./readable_file.ts";

export type OpenedFile = Omit<StoredFile, "name" | "siblings">;

/** What a name leads to: a file or a directory. */
export type Identified = Pick<StoredFile, "path" | "identity">;

/** The result of opening a name. */
export type Opened =
  | { readonly kind: "file"; readonly file: OpenedFile }
  | Exclude<Found, { kind: "file" }>;

/** The result of listing a directory. */
export type Entries =
  /** `names` counts all names of the directory, listed or not. */
  | ListedEntries & { readonly names: number }
  | Exclude<Listed, ListedEntries>;

const nothing = { kind: "nothing" } as const;
const directory = { kind: "directory" } as const;
const forbidden = { kind: "forbidden" } as const;

// A message with 64 KiB costs about 10 us more than an empty one. The main thread reads
// a larger file while it writes it.
const maxSmallBytes = 64 * 1024;
const maxTries = 8;
// The clock that stamps directories has ticks of up to 10 ms, and what it says is cut to
// milliseconds.
const grainMs = 12;
const pausing = new Int32Array(new SharedArrayBuffer(4));

export class Root {
  readonly #root: string;

  /** @param root a real path */
  constructor(root: string) {
    this.#root = root;
  }

  /** Opens a file, and reads it where it is small. */
  open(segments: readonly string[]): Opened {
    return this.#open(segments, (path) => this.#shows(path));
  }

  /** The same for a file of rules, which is hidden; `null` where the name is not there,
   * not even as a link that leads outside. */
  openRules(name: string): Opened | null {
    try {
      Deno.lstatSync(below(this.#root, [name]));
    } catch {
      return null;
    }
    return this.#open([name], (path) => this.#within(path) !== null);
  }

  #open(
    segments: readonly string[],
    isAllowed: (path: string) => boolean,
  ): Opened {
    try {
      // A file that is replaced in a loop exists all the time.
      for (let tries = 0; tries < maxTries; tries++) {
        const path = Deno.realPathSync(below(this.#root, segments));
        if (!isAllowed(path)) return nothing;
        const opened = this.#unlessSwapped(path, () => openContained(path));
        if (opened !== "moved") return opened;
      }
      return nothing;
    } catch (error) {
      return resultOf(error);
    }
  }

  /**
   * Looks at a path, unless a directory above it may have led elsewhere meanwhile. Two
   * directories that are exchanged again and again may lead outside while a file is
   * opened, and back whenever its path is looked up. But each exchange changes the time
   * of the directory that the two are in. (Who sets that time back, in the right
   * millisecond, is not noticed.)
   */
  #unlessSwapped<T>(path: string, look: () => T): T | "moved" {
    const before = this.#timesAbove(path);
    if (before.length === 0) return look();
    const result = look();
    const after = this.#timesAbove(path);
    const settled = natives.Date.now() - grainMs;
    const isStable = before.length === after.length &&
      before.every((then, index) => {
        const now = after[index];
        return then.ino === now.ino && then.dev === now.dev &&
          then.mtimeMs === now.mtimeMs && then.mtimeMs < settled;
      });
    if (isStable) return result;
    natives.Atomics.wait(pausing, 0, 0, grainMs);
    return "moved";
  }

  /** When the directories that a path leads through were changed, but for the last one:
   * its entries are files that are opened as they are, and no link. */
  #timesAbove(path: string): FileIdentity[] {
    const times: FileIdentity[] = [];
    let directory = above(path);
    while (directory.length > this.#root.length) {
      directory = above(directory);
      times.push(identityOf(Deno.lstatSync(directory)));
    }
    return times;
  }

  /** Whether a name leads to anything; 3 us, where an attempt to open what is not there
   * takes 28. */
  exists(segments: readonly string[]): boolean {
    return fs().existsSync(below(this.#root, segments));
  }

  /** Costs two calls of the file system, and opens nothing. `null` where the name leads
   * to nothing. */
  identify(segments: readonly string[]): Identified | null {
    try {
      const path = Deno.realPathSync(below(this.#root, segments));
      return { path, identity: identityOf(Deno.lstatSync(path)) };
    } catch {
      // The caller opens the name then, which tells why.
      return null;
    }
  }

  /** What names of a directory lead to, without those that lead outside or nowhere;
   * `null` where there is no such directory. */
  identifyAll(
    segments: readonly string[],
    names: readonly string[],
  ): ReadonlyMap<string, Identified> | null {
    for (let tries = 0; tries < maxTries; tries++) {
      const directory = this.identify(segments)?.path;
      if (directory === undefined || !this.#shows(directory)) return null;
      const found = this.#unlessSwapped(below(directory, ["entry"]), () => {
        const found = new Map<string, Identified>();
        for (const name of names) {
          const entry = this.identify([...segments, name]);
          if (entry !== null && this.#shows(entry.path)) found.set(name, entry);
        }
        return found;
      });
      if (found !== "moved") return found;
    }
    return null;
  }

  /** The whole content of a file; `null` where it has changed. */
  read({ path, identity }: Identified): Uint8Array<ArrayBuffer> | null {
    try {
      using file = ReadableFile.openSync(path);
      const opened = file.statSync();
      if (!opened.isFile || !isSameFile(opened.identity, identity)) return null;
      return readWhole(file, identity.size);
    } catch (error) {
      // Sending the file fails as well, and tells why.
      resultOf(error);
      return null;
    }
  }

  /**
   * Lists files and directories, without those that are hidden or lead outside.
   *
   * @param most how many names to look at; the others are only counted
   */
  list(segments: readonly string[], most: number): Entries {
    try {
      for (let tries = 0; tries < maxTries; tries++) {
        const path = Deno.realPathSync(below(this.#root, segments));
        if (!this.#shows(path)) return nothing;
        const listed = this.#unlessSwapped(
          below(path, ["entry"]),
          () => this.#listContained(path, most, segments.length === 0),
        );
        if (listed !== "moved") return listed;
      }
      return nothing;
    } catch (error) {
      return resultOf(error);
    }
  }

  #listContained(
    path: string,
    most: number,
    isTop: boolean,
  ): Entries | "moved" {
    const before = Deno.lstatSync(path);
    if (!before.isDirectory) return nothing;
    const all = Array.from(Deno.readDirSync(path));
    const shown = all.filter(({ name }) =>
      !name.startsWith(".") && isSegment(name) &&
      !(isTop && isRulesFile(name))
    );
    const entries: ListingEntry[] = [];
    for (const { name, isSymlink } of firstByName(shown, most)) {
      const entry = this.#entry(below(path, [name]), name, isSymlink);
      if (entry !== null) entries.push(entry);
    }
    // The directory may have become a link that leads outside meanwhile.
    if (Deno.realPathSync(path) !== path) return "moved";
    const { ino, dev } = Deno.lstatSync(path);
    if (ino !== before.ino || dev !== before.dev) return "moved";
    const omitted = Math.max(shown.length - most, 0);
    return { kind: "entries", entries, omitted, names: all.length };
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
        ...isSymlink ? { isLink: true as const } : {},
        size: info.size,
        mtimeMs: info.mtime?.getTime() ?? 0,
      };
    } catch (error) {
      // The entry was removed meanwhile, or is a broken link.
      resultOf(error);
      return null;
    }
  }

  /** A file is hidden by its real path, whatever link leads there. */
  #shows(path: string): boolean {
    if (path === this.#root) return true;
    const inside = this.#within(path);
    return inside !== null && !isHiddenByRealPath(inside.split(SEPARATOR));
  }

  /** The path below this directory; `null` where it is not below. */
  #within(path: string): string | null {
    // With the separator: `/srv/www-backup` is not in `/srv/www`.
    const prefix = this.#root.endsWith(SEPARATOR)
      ? this.#root
      : this.#root + SEPARATOR;
    return path.startsWith(prefix) ? path.slice(prefix.length) : null;
  }
}

/**
 * A path can be replaced between its lookup and its opening. So after opening, the path
 * is looked up again and compared with the open file: a file is served only if its real
 * path is under ROOT and the path still leads to the open file.
 */
function openContained(path: string): Opened | "moved" {
  // Checked before: opening a device may have effects.
  const before = Deno.lstatSync(path);
  if (before.isDirectory) return directory;
  if (!before.isFile) return nothing;
  using file = ReadableFile.openSync(path);
  const lookedAt = natives.Date.now();
  const { isFile, identity } = file.statSync();
  if (!isFile) return nothing;
  if (Deno.realPathSync(path) !== path) return "moved";
  const now = identityOf(Deno.lstatSync(path));
  if (identity.ino !== now.ino || identity.dev !== now.dev) return "moved";
  if (identity.size > maxSmallBytes) {
    const tagIsStrong = isSettled(identity, lookedAt);
    const large = { bytes: null, tag: identityTag(identity), tagIsStrong };
    return { kind: "file", file: { path, identity, ...large } };
  }
  const bytes = readWhole(file, identity.size);
  const small = { bytes, tag: contentTag(bytes), tagIsStrong: true };
  return { kind: "file", file: { path, identity, ...small } };
}

/** @throws {Deno.errors.UnexpectedEof} where the file has shrunk meanwhile */
function readWhole(file: ReadableFile, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let offset = 0; offset < size;) {
    const count = file.readSync(bytes.subarray(offset));
    if (count === null) throw new Deno.errors.UnexpectedEof("The file shrank");
    offset += count;
  }
  return bytes;
}

/**
 * The result that an error of the file system stands for. A name that cannot exist (too
 * long, a NUL or a lone surrogate in it) leads to nothing.
 *
 * @throws the error, where it is not about the file: such as too many open files
 */
function resultOf(error: unknown): typeof nothing | typeof forbidden {
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
