/**
 * The entries of directories, kept in memory while they are up to date. Must not know
 * what is made of them, or requests.
 *
 * @module
 */

import { natives } from "../natives.ts";
import { BoundedCache } from "./bounded_cache.ts";
import type { Listed, ListedEntries } from "./file_store.ts";
import { freshMs, isFresh, isUnchanged } from "./freshness.ts";
import type { Identified, Root } from "./root.ts";

// Nobody reads a longer page: 5000 names are a megabyte, and it takes 60 ms to read
// 10 000 names and as long again to make the page.
const maxListed = 10_000;
const maxListingBytes = 32 * 1024 * 1024;
const listedEntryBytes = 512;
// Milliseconds that a listing stays fresh, for each name in it: a large directory must
// not keep a worker busy, however often it is requested or changes. Added and removed
// names show in the times of the directory, which are checked after the first span.
// The sizes and times of the entries do not, so all is read again after the second.
const namesFreshMs = 0.1;
const entriesFreshMs = 1;

interface CachedListing {
  readonly listed: ListedEntries;
  /** The number of names in the directory, listed or not. */
  readonly names: number;
  readonly readAt: number;
  /** The identity of the directory before it was read. */
  readonly directory: Identified | null;
  /** When the directory was last found unchanged. */
  checkedAt: number;
}

/** The listings of one file store. */
export class ListingCache {
  readonly #root: Root;
  readonly #listings = new BoundedCache<CachedListing>(maxListingBytes);

  constructor(root: Root) {
    this.#root = root;
  }

  list(segments: readonly string[]): Listed {
    const name = segments.join("/");
    const now = natives.Date.now();
    const cached = this.#listings.get(name);
    if (cached !== undefined && this.#isCurrent(segments, cached, now)) {
      return cached.listed;
    }
    this.#listings.delete(name);
    const directory = this.#root.identify(segments);
    const read = this.#root.list(segments, maxListed);
    if (read.kind !== "entries") return read;
    // An equal listing stays the same object, so representations made of it stay valid.
    const listed = cached !== undefined && isSameListing(cached.listed, read)
      ? cached.listed
      : read;
    this.#listings.set(
      name,
      { listed, names: read.names, directory, readAt: now, checkedAt: now },
      listed.entries.length * listedEntryBytes,
    );
    return listed;
  }

  #isCurrent(
    segments: readonly string[],
    cached: CachedListing,
    now: number,
  ): boolean {
    const { names, directory, readAt } = cached;
    const namesMs = Math.max(freshMs, names * namesFreshMs);
    const entriesMs = Math.max(freshMs, names * entriesFreshMs);
    // First: a check at the end of this span must not begin another span for names.
    if (!isFresh(readAt, now, entriesMs)) return false;
    if (isFresh(cached.checkedAt, now, namesMs)) return true;
    if (directory === null) return false;
    if (!isUnchanged(this.#root, segments, directory, readAt)) return false;
    cached.checkedAt = now;
    return true;
  }
}

/** Compares in sequence: an unchanged directory lists its entries in the same order. */
function isSameListing(a: ListedEntries, b: ListedEntries): boolean {
  return a.omitted === b.omitted && a.entries.length === b.entries.length &&
    a.entries.every(({ name, kind, isLink, size, mtimeMs }, index) => {
      const other = b.entries[index];
      return name === other.name && kind === other.kind &&
        isLink === other.isLink && size === other.size &&
        mtimeMs === other.mtimeMs;
    });
}
