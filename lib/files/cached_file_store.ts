/**
 * The files of a directory: what names lead to, kept in memory while that is true. Must
 * not know requests or status codes; `Root` decides what is inside.
 *
 * @module
 */

import { type Coding, codings, suffixes } from "../http/negotiate.ts";
import { natives } from "../natives.ts";
import { BoundedCache } from "./bounded_cache.ts";
import { compress } from "./compress.ts";
import { maxCompressBytes } from "./compress_bounds.ts";
import { isSameFile } from "./file_identity.ts";
import { defaultLimits } from "../limits.ts";
import type {
  ArchiveBounds,
  Compressed,
  FileStore,
  Found,
  Listed,
  SeenFile,
  Siblings,
  StoredFile,
  ToldRules,
} from "./file_store.ts";
import { freshMs, isFresh, isUnchanged } from "./freshness.ts";
import { ListingCache } from "./listing_cache.ts";
import { isCompressible, mediaType } from "./media_type.ts";
import { keyOfTarget } from "./paths.ts";
import { type Identified, type OpenedFile, Root } from "./root.ts";
import type { Site } from "./site.ts";
import { SiteWatch } from "./site_watch.ts";
import { defaultStaticOptions, type StaticOptions } from "./static_options.ts";

// For each worker: small files, and the compressed forms of all.
const maxCacheBytes = 32 * 1024 * 1024;
// Looking for three siblings that do not exist costs 20 us. A new sibling may be found
// late: it does not change the content.
const absentMs = 5000;
const noSiblings: Siblings = {};
const noForms: Compressed = {};

interface Entry {
  readonly file: StoredFile;
  readAt: number;
  /** When the file was last found unchanged. */
  checkedAt: number;
  /** When all siblings were last looked for. */
  siblingsAt: number;
}

export class CachedFileStore implements FileStore {
  readonly options: StaticOptions;
  readonly archiveBounds: ArchiveBounds;
  readonly #root: Root;
  readonly #cache = new BoundedCache<Entry>(maxCacheBytes);
  readonly #listings: ListingCache;
  readonly #site: SiteWatch;
  /** What files were compressed to, as long as they are in use. */
  readonly #forms = new WeakMap<StoredFile, Compressed>();
  /** The directory: a real path. */
  readonly root: string;

  /**
   * @param root a real path
   * @param onRules hears of each look at the rules of the site
   */
  constructor(
    root: string,
    options: StaticOptions = defaultStaticOptions,
    onRules: (told: ToldRules) => void = () => {},
    archiveBounds: ArchiveBounds = defaultLimits,
  ) {
    this.root = root;
    this.#root = new Root(root);
    this.#listings = new ListingCache(this.#root);
    this.#site = new SiteWatch(root, this.#root, options, onRules);
    this.options = options;
    this.archiveBounds = archiveBounds;
  }

  site(): Site | null {
    return this.#site.site();
  }

  /** Looks a target up in the cache alone: 130 ns among 1000 files, where parsing the
   * target and building the key from its segments takes 400 to 500. */
  recall(target: string): StoredFile | null {
    const entry = this.#cache.get(keyOfTarget(target));
    return entry !== undefined && entry.file.bytes !== null &&
        isFresh(entry.checkedAt, natives.Date.now())
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
    const now = natives.Date.now();
    if (entry === undefined) return this.#reload(key, segments, undefined, now);
    // A large file is opened later, on the main thread. Its identity has to be as fresh
    // as possible: a file that was replaced meanwhile cannot be served.
    const isSmall = entry.file.bytes !== null;
    if (isSmall && isFresh(entry.checkedAt, now, forMs)) return asFound(entry);
    if (!isUnchanged(this.#root, segments, entry.file, entry.readAt)) {
      return this.#reload(key, segments, entry, now);
    }
    entry.checkedAt = now;
    this.#cache.renew(key);
    return asFound(this.#withSiblings(key, segments, entry, now));
  }

  /** @param entry the present one, to be kept where the content is the same */
  #reload(
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
    const name = segments.join("/");
    const file = { ...opened.file, name, siblings: noSiblings };
    const times = { readAt: now, checkedAt: now, siblingsAt: -Infinity };
    const added: Entry = { file, ...times };
    this.#cache.set(key, added, file.bytes?.length ?? 0);
    return asFound(this.#withSiblings(key, segments, added, now));
  }

  /** The entry, or a new one where the siblings have changed. */
  #withSiblings(
    key: string,
    segments: readonly string[],
    entry: Entry,
    now: number,
  ): Entry {
    const { file } = entry;
    if (!isCompressible(mediaType(file.name, this.options.mediaTypes))) {
      return entry;
    }
    const all = !isFresh(entry.siblingsAt, now, absentMs);
    if (!all && file.siblings === noSiblings) return entry;
    const siblings = this.#findSiblings(segments, file, all);
    if (all) entry.siblingsAt = now;
    if (codings.every((coding) => siblings[coding] === file.siblings[coding])) {
      return entry;
    }
    const changed: Entry = { ...entry, file: { ...file, siblings } };
    this.#cache.set(key, changed, file.bytes?.length ?? 0);
    return changed;
  }

  /** @param all whether to look also for siblings that the file did not have so far */
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
      const isKnown = file.siblings[coding] !== undefined;
      if (!all && !isKnown) continue;
      const sibling = [...directory, last + suffixes[coding]];
      if (!isKnown && !this.#root.exists(sibling)) continue;
      const found = this.#find(sibling, forMs);
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
    this.#forms.set(file, { ...this.#forms.get(file), [coding]: compressed });
    const key = keyOf(file.name.split("/"));
    if (this.#cache.get(key)?.file === file) {
      this.#cache.grow(key, compressed.length);
    }
    return compressed;
  }

  /** What a small file was compressed to so far. */
  compressedForms(file: StoredFile): Compressed {
    return this.#forms.get(file) ?? noForms;
  }

  /** The small file that a target leads to, fresh or not; `null` where that is not
   * known, or its tag proves nothing. */
  seen(target: string): SeenFile | null {
    const key = keyOfTarget(target);
    const entry = this.#cache.get(key);
    return entry === undefined || entry.file.bytes === null ||
        !entry.file.tagIsStrong
      ? null
      : { key, file: entry.file, checkedAt: entry.checkedAt };
  }

  list(segments: readonly string[]): Listed {
    return this.#listings.list(segments);
  }

  identify(
    segments: readonly string[],
    names: readonly string[],
  ): ReadonlyMap<string, Identified> | null {
    return this.#root.identifyAll(segments, names);
  }
}

function asFound({ file }: Entry): Found {
  return { kind: "file", file };
}

/** The key of an entry is the target that leads to it, so that `recall` need not parse.
 * A name with a `%` or `?` has no such target. Its key has no slash in front, and every
 * target has one. */
function keyOf(segments: readonly string[]): string {
  const target = ["", ...segments].join("/");
  return /[%?]/.test(target) ? target.slice(1) : target;
}

/** Weak tags prove nothing: the content may have changed within a tick of the file
 * system's clock. */
function isSameContent(a: StoredFile, b: OpenedFile): boolean {
  return a.path === b.path && isSameFile(a.identity, b.identity) &&
    a.tag === b.tag && a.tagIsStrong && b.tagIsStrong;
}

/** A sibling that is older than its file is not served: an operator who changes the
 * file may forget the sibling. Some tools copy times in whole seconds. */
function isUpToDate(sibling: StoredFile, file: StoredFile): boolean {
  const { mtimeMs } = sibling.identity;
  const least = file.identity.mtimeMs;
  return mtimeMs >= (mtimeMs % 1000 === 0 ? least - least % 1000 : least);
}
