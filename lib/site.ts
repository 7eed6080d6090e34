/**
 * The files under ROOT: containment, identity, reading, and a cache of the small
 * ones. Must not know requests or status codes.
 *
 * @module
 */

import { join, SEPARATOR } from "@std/path";
import type { FileIdentity } from "./message.ts";

/** A regular file under ROOT. */
export interface SiteFile {
  /** Its real path. */
  readonly path: string;
  /** What it was when it was looked at. */
  readonly identity: FileIdentity;
  /** Its content, where it is small. */
  readonly bytes: Uint8Array<ArrayBuffer> | null;
}

/** What is found under a name. */
export type Found =
  | { readonly kind: "file"; readonly file: SiteFile }
  | { readonly kind: "directory" }
  | { readonly kind: "nothing" }
  /** It is there, and the system does not let us read it. */
  | { readonly kind: "forbidden" };

/** Where a handler looks things up. */
export interface Site {
  /**
   * Looks a name up.
   *
   * @param segments the parts of a path, decoded; none is empty, `.` or `..`
   */
  find(segments: readonly string[]): Found;
}

const nothing: Found = { kind: "nothing" };
const directory: Found = { kind: "directory" };
const forbidden: Found = { kind: "forbidden" };

// A message with 64 KiB costs about 10 us more than an empty one; above it the
// main thread reads the file while it writes.
const maxSmallBytes = 64 * 1024;
// For each worker.
const maxCacheBytes = 32 * 1024 * 1024;
// A changed file is served fresh after this. Looking costs 12 us.
const freshMs = 500;
// Two changes within one tick of the file system's clock leave the same times
// behind. Ticks are some milliseconds, but Deno tells a ctime to the second only.
const maxTickMs = 2000;

/** What the cache holds for a name. */
interface Entry {
  readonly found: Found;
  readonly readAt: number;
  checkedAt: number;
}

/** A directory of the file system. */
export class DirectorySite implements Site {
  readonly #root: string;
  readonly #cache = new Map<string, Entry>();
  #cacheBytes = 0;

  /**
   * Makes one.
   *
   * @param root a real path
   */
  constructor(root: string) {
    this.#root = root;
  }

  /** Looks a name up, in the cache first. */
  find(segments: readonly string[]): Found {
    const name = segments.join("/");
    const entry = this.#cache.get(name);
    const now = Date.now();
    if (entry !== undefined) {
      if (now - entry.checkedAt < freshMs) return entry.found;
      if (this.#isCurrent(segments, entry)) {
        entry.checkedAt = now;
        return entry.found;
      }
      this.#forget(name, entry);
    }
    const found = this.#look(segments);
    // A large file is opened by somebody else, later: its identity has to be as
    // fresh as can be, or a replaced one could not be served until it is.
    if (found.kind === "file" && found.file.bytes !== null) {
      this.#remember(name, { found, readAt: now, checkedAt: now });
    }
    return found;
  }

  /** Whether the name still leads to the same file, and that is unchanged. */
  #isCurrent(segments: readonly string[], { found, readAt }: Entry): boolean {
    if (found.kind !== "file") return false;
    const { path, identity } = found.file;
    // It may have changed again since, within the same tick.
    if (readAt - identity.ctimeMs < maxTickMs) return false;
    try {
      return Deno.realPathSync(join(this.#root, ...segments)) === path &&
        isSameFile(identityOf(Deno.lstatSync(path)), identity);
    } catch {
      // Looking again says what is there instead.
      return false;
    }
  }

  #forget(name: string, entry: Entry): void {
    this.#cache.delete(name);
    this.#cacheBytes -= weightOf(name, entry);
  }

  #remember(name: string, entry: Entry): void {
    this.#cache.set(name, entry);
    this.#cacheBytes += weightOf(name, entry);
    for (const [oldest, its] of this.#cache) {
      if (this.#cacheBytes <= maxCacheBytes) break;
      this.#forget(oldest, its);
    }
  }

  #look(segments: readonly string[]): Found {
    const name = join(this.#root, ...segments);
    try {
      const path = Deno.realPathSync(name);
      if (!this.#contains(path)) return nothing;
      return this.#open(path);
    } catch (error) {
      return foundInstead(error);
    }
  }

  /** With the separator: `/srv/www-backup` is not in `/srv/www`. */
  #contains(path: string): boolean {
    const prefix = this.#root.endsWith(SEPARATOR)
      ? this.#root
      : this.#root + SEPARATOR;
    return path === this.#root || path.startsWith(prefix);
  }

  /**
   * The boundary. A name can come to mean another file between the question where
   * it leads and the opening of it, so what was opened is asked what it is, and
   * the name is asked again: only a file that is under ROOT by its real path now,
   * and is the one that is open, is served.
   */
  #open(path: string): Found {
    // Opening a FIFO would wait for its writer.
    const before = Deno.lstatSync(path);
    if (before.isDirectory) return directory;
    if (!before.isFile) return nothing;
    using file = Deno.openSync(path);
    const info = file.statSync();
    const now = Deno.lstatSync(path);
    if (!info.isFile || info.ino !== now.ino || info.dev !== now.dev) {
      return nothing;
    }
    if (Deno.realPathSync(path) !== path) return nothing;
    const identity = identityOf(info);
    const bytes = info.size <= maxSmallBytes
      ? readWhole(file, info.size)
      : null;
    return { kind: "file", file: { path, identity, bytes } };
  }
}

/** What the file system says of a file's identity. */
export function identityOf(info: Deno.FileInfo): FileIdentity {
  return {
    dev: info.dev,
    ino: info.ino ?? 0,
    size: info.size,
    mtimeMs: info.mtime?.getTime() ?? 0,
    ctimeMs: info.ctime?.getTime() ?? 0,
  };
}

/** Whether two looks saw the same file with the same content. */
export function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.ino === b.ino && a.dev === b.dev && a.size === b.size &&
    a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;
}

/** Exactly so many bytes; a file that shrank meanwhile is not served. */
function readWhole(file: Deno.FsFile, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size;) {
    const count = file.readSync(bytes.subarray(at));
    if (count === null) throw new Deno.errors.UnexpectedEof("The file shrank");
    at += count;
  }
  return bytes;
}

function weightOf(name: string, entry: Entry): number {
  const bytes = entry.found.kind === "file" ? entry.found.file.bytes : null;
  return 512 + 2 * name.length + (bytes?.length ?? 0);
}

/** Names that cannot be are names of nothing. */
function foundInstead(error: unknown): Found {
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
