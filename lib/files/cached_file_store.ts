/**
 * A site in a directory of the file system: what names lead to, kept in memory
 * while that is so. Must not know requests or status codes; where the walls are is
 * `Root`'s.
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

// For each worker: files, and what was made of them.
const maxCacheBytes = 32 * 1024 * 1024;
// To look for three siblings that are not there costs 20 us; one that comes to be
// is no change of content.
const absentMs = 5000;
const noSiblings: Siblings = {};

/** What the cache holds for a name. */
interface Entry {
  readonly file: StoredFile;
  /** When the file was read, and when it was last seen to be the same. */
  readAt: number;
  checkedAt: number;
  /** When siblings were looked for. */
  siblingsAt: number;
}

/** A directory of the file system. */
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

  /** Looks a target up in the cache alone: 130 ns among 1000 files, where taking the
   * target apart and putting a name together takes 400 to 500. */
  recall(target: string): StoredFile | null {
    const entry = this.#cache.get(
      target.endsWith("/") ? `${target}index.html` : target,
    );
    return entry !== undefined && entry.file.bytes !== null &&
        isFresh(entry.checkedAt, Date.now())
      ? entry.file
      : null;
  }

  /** Looks a name up, in the cache first. */
  find(segments: readonly string[]): Found {
    return this.#find(segments, freshMs);
  }

  /** @param forMs how long what was found is taken for what is there */
  #find(segments: readonly string[], forMs: number): Found {
    const key = keyOf(segments);
    const entry = this.#cache.get(key);
    const now = Date.now();
    if (entry === undefined) return this.#look(key, segments, undefined, now);
    // A large file is opened by somebody else, later: its identity has to be as
    // fresh as can be, or a replaced one could not be served until it is.
    const isSmall = entry.file.bytes !== null;
    if (isSmall && isFresh(entry.checkedAt, now, forMs)) return asFound(entry);
    if (!isUnchanged(this.#root, segments, entry.file, entry.readAt)) {
      return this.#look(key, segments, entry, now);
    }
    entry.checkedAt = now;
    this.#cache.renew(key);
    return asFound(this.#withSiblings(key, segments, entry, now));
  }

  /** Reads what is there, and remembers it. */
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
    // What was made of a file stays good where its content is the same.
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

  /** The file with the siblings that it has now. */
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

  /** @param all those too that it does not have so far */
  #findSiblings(
    segments: readonly string[],
    file: StoredFile,
    all: boolean,
  ): Siblings {
    const directory = segments.slice(0, -1);
    const last = segments.at(-1);
    // Nobody looks at those of a small file again as long as it is fresh itself: old
    // news would then be twice as old.
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

  /** Compresses a file; the result counts as a part of its entry. */
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

  /** Lists a directory, in the cache first. */
  list(segments: readonly string[]): Listed {
    return this.#listings.list(segments);
  }
}

function asFound({ file }: Entry): Found {
  return { kind: "file", file };
}

/** What an entry is found by: the target of a request that has no query and nothing
 * to decode, and no target at all where a name has what would be taken for that. */
function keyOf(segments: readonly string[]): string {
  const target = ["", ...segments].join("/");
  return /[%?]/.test(target) ? target.slice(1) : target;
}

/** The parts of a name have no slash and are not empty. */
function nameOf(key: string): string {
  return key.startsWith("/") ? key.slice(1) : key;
}

/** Whether two looks at a name found the same. Of what was not read, only the clock
 * of the file system tells. */
function isSameContent(a: StoredFile, b: OpenedFile): boolean {
  return a.path === b.path && isSameFile(a.identity, b.identity) &&
    a.tag === b.tag && a.tagIsStrong && b.tagIsStrong;
}

/** Who changes a file and forgets its sibling must not be served what was: it is not
 * older than the file, as far as its own clock tells (some tools that copy times
 * copy whole seconds). */
function isUpToDate(sibling: StoredFile, file: StoredFile): boolean {
  const { mtimeMs } = sibling.identity;
  const wanted = file.identity.mtimeMs;
  return mtimeMs >= (mtimeMs % 1000 === 0 ? wanted - wanted % 1000 : wanted);
}
