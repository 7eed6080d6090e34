/**
 * The files of a directory: what names lead to, kept in memory while that is true. Must
 * not know requests or status codes; `Root` decides what is inside.
 *
 * @module
 */

import { BoundedCache } from "./bounded_cache.ts";
import { compress, maxCompressBytes } from "./compress.ts";
import { type Coding, codings, suffixes } from "../http/negotiate.ts";
import { isSameFile } from "./file_identity.ts";
import { freshMs, isFresh, isUnchanged } from "./freshness.ts";
import { ListingCache } from "./listing_cache.ts";
import { isCompressible, mediaType } from "./media_type.ts";
import { type OpenedFile, Root } from "./root.ts";
import type {
  FileStore,
  Found,
  Listed,
  Siblings,
  StoredFile,
} from "./file_store.ts";
import { defaultStaticOptions, type StaticOptions } from "./static_options.ts";

// For each worker: files, and their compressed forms.
const maxCacheBytes = 32 * 1024 * 1024;
// Looking for three siblings that do not exist costs 20 us; a new one is not a change of
// content.
const absentMs = 5000;
const noSiblings: Siblings = {};

/** A file in the cache. */
interface Entry {
  readonly file: StoredFile;
  /** When the file was read, and when it was last seen unchanged. */
  readAt: number;
  checkedAt: number;
  /** When siblings were looked for. */
  siblingsAt: number;
}

export class CachedFileStore implements FileStore {
  readonly options: StaticOptions;
  readonly #root: Root;
  readonly #cache = new BoundedCache<Entry>(maxCacheBytes);
  readonly #listings: ListingCache;

  /** @param root a real path */
  constructor(root: string, options: StaticOptions = defaultStaticOptions) {
    this.#root = new Root(root);
    this.#listings = new ListingCache(this.#root);
    this.options = options;
  }

  /** Looks a target up in the cache alone: 130 ns among 1000 files, where parsing the
   * target and making a name of it takes 400 to 500. */
  recall(target: string): StoredFile | null {
    const entry = this.#cache.get(
      target.endsWith("/") ? `${target}index.html` : target,
    );
    return entry !== undefined && entry.file.bytes !== null &&
        isFresh(entry.checkedAt, Date.now())
      ? entry.file
      : null;
  }

  find(segments: readonly string[]): Found {
    return this.#find(segments, freshMs);
  }

  /** @param forMs how long a cached file counts as fresh */
  #find(segments: readonly string[], forMs: number): Found {
    const key = keyOf(segments);
    const entry = this.#cache.get(key);
    const now = Date.now();
    if (entry === undefined) return this.#look(key, segments, undefined, now);
    // A large file is opened later, on the main thread: its identity has to be as fresh as
    // possible, or a replaced file could not be served until then.
    const isSmall = entry.file.bytes !== null;
    if (isSmall && isFresh(entry.checkedAt, now, forMs)) return asFound(entry);
    if (!isUnchanged(this.#root, segments, entry.file, entry.readAt)) {
      return this.#look(key, segments, entry, now);
    }
    entry.checkedAt = now;
    this.#cache.renew(key);
    return asFound(this.#withSiblings(key, segments, entry, now));
  }

  /** Reads the file, and keeps it. */
  #look(
    key: string,
    segments: readonly string[],
    entry: Entry | undefined,
    now: number,
  ): Found {
    const opened = this.#root.open(segments);
    if (opened.kind !== "file") {
      this.#cache.delete(key);
      return opened;
    }
    // Compressed forms stay valid where the content is the same.
    if (entry !== undefined && isSameContent(entry.file, opened.file)) {
      entry.readAt = entry.checkedAt = now;
      this.#cache.renew(key);
      return asFound(this.#withSiblings(key, segments, entry, now));
    }
    const file: StoredFile = {
      ...opened.file,
      name: nameOf(key),
      siblings: noSiblings,
    };
    const made: Entry = {
      file,
      readAt: now,
      checkedAt: now,
      siblingsAt: -Infinity,
    };
    this.#cache.set(key, made, file.bytes?.length ?? 0);
    return asFound(this.#withSiblings(key, segments, made, now));
  }

  /** The file with its present siblings. */
  #withSiblings(
    key: string,
    segments: readonly string[],
    entry: Entry,
    now: number,
  ): Entry {
    const { file } = entry;
    if (!isCompressible(mediaType(file.name))) return entry;
    const all = now - entry.siblingsAt >= absentMs;
    if (!all && file.siblings === noSiblings) return entry;
    const siblings = this.#findSiblings(segments, file, all);
    if (all) entry.siblingsAt = now;
    if (codings.every((coding) => siblings[coding] === file.siblings[coding])) {
      return entry;
    }
    const other: Entry = { ...entry, file: { ...file, siblings } };
    this.#cache.set(key, other, file.bytes?.length ?? 0);
    return other;
  }

  /** @param all whether to look for siblings that it did not have so far */
  #findSiblings(
    segments: readonly string[],
    file: StoredFile,
    all: boolean,
  ): Siblings {
    const directory = segments.slice(0, -1);
    const last = segments.at(-1);
    // The siblings of a small file are not checked again while the file is fresh: a
    // sibling that was checked earlier could be stale for twice as long.
    const forMs = file.bytes === null ? freshMs : 0;
    const siblings: Partial<Record<Coding, StoredFile>> = {};
    for (const coding of codings) {
      if (!all && file.siblings[coding] === undefined) continue;
      const found = this.#find([...directory, last + suffixes[coding]], forMs);
      if (found.kind === "file" && isUpToDate(found.file, file)) {
        siblings[coding] = found.file;
      }
    }
    return codings.some((coding) => siblings[coding] !== undefined)
      ? siblings
      : noSiblings;
  }

  compress(file: StoredFile, coding: Coding): Uint8Array<ArrayBuffer> | null {
    if (file.identity.size > maxCompressBytes) return null;
    const bytes = file.bytes ?? this.#root.read(file);
    if (bytes === null) return null;
    const compressed = compress(bytes, coding);
    const key = keyOf(file.name.split("/"));
    if (this.#cache.get(key)?.file === file) {
      this.#cache.grow(key, compressed.length);
    }
    return compressed;
  }

  list(segments: readonly string[]): Listed {
    return this.#listings.list(segments);
  }
}

function asFound({ file }: Entry): Found {
  return { kind: "file", file };
}

/** The key of an entry: the target of a request that has no query and nothing to decode;
 * a key that no target equals where the name has a `%` or `?` in it. */
function keyOf(segments: readonly string[]): string {
  const target = ["", ...segments].join("/");
  return /[%?]/.test(target) ? target.slice(1) : target;
}

function nameOf(key: string): string {
  return key.startsWith("/") ? key.slice(1) : key;
}

/** Whether two looks at a name found the same content. For a file that was not read, only
 * the clock of the file system tells. */
function isSameContent(a: StoredFile, b: OpenedFile): boolean {
  return a.path === b.path && isSameFile(a.identity, b.identity) &&
    a.tag === b.tag && a.tagIsStrong && b.tagIsStrong;
}

/** A sibling is served only if it is not older than its file: whoever changes the file may
 * forget the sibling. (Some tools copy times in whole seconds.) */
function isUpToDate(sibling: StoredFile, file: StoredFile): boolean {
  const { mtimeMs } = sibling.identity;
  const wanted = file.identity.mtimeMs;
  return mtimeMs >= (mtimeMs % 1000 === 0 ? wanted - wanted % 1000 : wanted);
}
