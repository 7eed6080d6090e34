/**
 * A site in a directory of the file system: what names lead to, kept in memory
 * while that is so. Must not know requests or status codes; where the walls are is
 * `Root`'s.
 *
 * @module
 */

import { BoundedCache } from "./bounded_cache.ts";
import { compress, maxCompressBytes } from "./compress.ts";
import { type Coding, codings, suffixes } from "./content_coding.ts";
import { isSameFile } from "./file_identity.ts";
import { isFresh, isUnchanged } from "./freshness.ts";
import { ListingCache } from "./listing_cache.ts";
import { isCompressible, mediaType } from "./media_type.ts";
import { type OpenedFile, Root } from "./root.ts";
import type { Found, Listed, Siblings, Site, SiteFile } from "./site.ts";
import { defaultSiteOptions, type SiteOptions } from "./site_options.ts";

// For each worker: files, and what was made of them.
const maxCacheBytes = 32 * 1024 * 1024;
// To look for three siblings that are not there costs 20 us; one that comes to be
// is no change of content.
const absentMs = 5000;
const noSiblings: Siblings = {};

/** What the cache holds for a name. */
interface Entry {
  readonly found: Found & { readonly kind: "file" };
  /** When the file was read, and when it was last seen to be the same. */
  readAt: number;
  checkedAt: number;
  /** When siblings were looked for. */
  siblingsAt: number;
}

/** A directory of the file system. */
export class DirectorySite implements Site {
  readonly options: SiteOptions;
  readonly #root: Root;
  readonly #cache = new BoundedCache<Entry>(maxCacheBytes);
  readonly #listings: ListingCache;

  /**
   * Makes one.
   *
   * @param root a real path
   * @param options what its operator has chosen
   */
  constructor(root: string, options: SiteOptions = defaultSiteOptions) {
    this.#root = new Root(root);
    this.#listings = new ListingCache(this.#root);
    this.options = options;
  }

  /** Looks a name up, in the cache first. */
  find(segments: readonly string[]): Found {
    const name = segments.join("/");
    const entry = this.#cache.get(name);
    const now = Date.now();
    if (entry === undefined) return this.#look(name, segments, undefined, now);
    // A large file is opened by somebody else, later: its identity has to be as
    // fresh as can be, or a replaced one could not be served until it is.
    const isSmall = entry.found.file.bytes !== null;
    if (isSmall && isFresh(entry.checkedAt, now)) return entry.found;
    if (!isUnchanged(this.#root, segments, entry.found.file, entry.readAt)) {
      return this.#look(name, segments, entry, now);
    }
    entry.checkedAt = now;
    this.#cache.renew(name);
    return this.#withSiblings(name, segments, entry, now);
  }

  /** Reads what is there, and remembers it. */
  #look(
    name: string,
    segments: readonly string[],
    entry: Entry | undefined,
    now: number,
  ): Found {
    const opened = this.#root.open(segments);
    if (opened.kind !== "file") {
      this.#cache.delete(name);
      return opened;
    }
    // What was made of a file stays good where its content is the same.
    if (entry !== undefined && isSameContent(entry.found.file, opened.file)) {
      entry.readAt = entry.checkedAt = now;
      this.#cache.renew(name);
      return this.#withSiblings(name, segments, entry, now);
    }
    const file: SiteFile = { ...opened.file, name, siblings: noSiblings };
    const made: Entry = {
      found: { kind: "file", file },
      readAt: now,
      checkedAt: now,
      siblingsAt: -Infinity,
    };
    this.#cache.set(name, made, file.bytes?.length ?? 0);
    return this.#withSiblings(name, segments, made, now);
  }

  /** The file with the siblings that it has now. */
  #withSiblings(
    name: string,
    segments: readonly string[],
    entry: Entry,
    now: number,
  ): Found {
    const { file } = entry.found;
    if (!isCompressible(mediaType(name))) return entry.found;
    const all = now - entry.siblingsAt >= absentMs;
    if (!all && file.siblings === noSiblings) return entry.found;
    const siblings = this.#findSiblings(segments, file, all);
    if (all) entry.siblingsAt = now;
    if (codings.every((coding) => siblings[coding] === file.siblings[coding])) {
      return entry.found;
    }
    const found = { kind: "file", file: { ...file, siblings } } as const;
    this.#cache.set(name, { ...entry, found }, file.bytes?.length ?? 0);
    return found;
  }

  /** @param all those too that it does not have so far */
  #findSiblings(
    segments: readonly string[],
    file: SiteFile,
    all: boolean,
  ): Siblings {
    const directory = segments.slice(0, -1);
    const last = segments.at(-1);
    const siblings: Partial<Record<Coding, SiteFile>> = {};
    for (const coding of codings) {
      if (!all && file.siblings[coding] === undefined) continue;
      const found = this.find([...directory, last + suffixes[coding]]);
      if (found.kind === "file" && isUpToDate(found.file, file)) {
        siblings[coding] = found.file;
      }
    }
    return codings.some((coding) => siblings[coding] !== undefined)
      ? siblings
      : noSiblings;
  }

  /** Compresses a file; the result counts as a part of its entry. */
  compress(file: SiteFile, coding: Coding): Uint8Array<ArrayBuffer> | null {
    if (file.identity.size > maxCompressBytes) return null;
    const bytes = file.bytes ?? this.#root.read(file);
    if (bytes === null) return null;
    const compressed = compress(bytes, coding);
    if (this.#cache.get(file.name)?.found.file === file) {
      this.#cache.grow(file.name, compressed.length);
    }
    return compressed;
  }

  /** Lists a directory, in the cache first. */
  list(segments: readonly string[]): Listed {
    return this.#listings.list(segments);
  }
}

/** Whether two looks at a name found the same. Of what was not read, only the clock
 * of the file system tells. */
function isSameContent(a: SiteFile, b: OpenedFile): boolean {
  return a.path === b.path && isSameFile(a.identity, b.identity) &&
    a.tag === b.tag && a.tagIsStrong && b.tagIsStrong;
}

/** Who changes a file and forgets its sibling must not be served what was: it is not
 * older than the file, as far as its own clock tells (some tools that copy times
 * copy whole seconds). */
function isUpToDate(sibling: SiteFile, file: SiteFile): boolean {
  const { mtimeMs } = sibling.identity;
  const wanted = file.identity.mtimeMs;
  return mtimeMs >= (mtimeMs % 1000 === 0 ? wanted - wanted % 1000 : wanted);
}
