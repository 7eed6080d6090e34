/**
 * What is in directories, kept in memory while that is so. Must not know what is made
 * of it, or who asks.
 *
 * @module
 */

import { BoundedCache } from "./bounded_cache.ts";
import { freshMs, isFresh, isUnchanged } from "./freshness.ts";
import type { Identified, Root } from "./root.ts";
import type { Listed, ListedEntries } from "./file_store.ts";

// More than these make a page that nobody reads: a megabyte for each 4000 names, and
// 10 000 take 60 ms to read and as long again to be made a page of.
const maxListed = 10_000;
const maxListingBytes = 32 * 1024 * 1024;
const listedEntryBytes = 512;
// How long a listing is good for, by the number of names: a large directory must not
// keep a worker busy, whoever asks for it and however often it changes. What has come
// or gone shows in the times of the directory, which are looked at after the first;
// the sizes and times of what is in it do not, so it is read again after the second.
const namesFreshMs = 0.1;
const entriesFreshMs = 1;

/** A listing, and when it was read. */
interface ReadListing {
  readonly listed: ListedEntries;
  /** How many names the directory had. */
  readonly names: number;
  readonly readAt: number;
  /** What the directory was before that. */
  readonly directory: Identified | null;
  /** When the directory was last seen to be the same. */
  checkedAt: number;
}

/** The listings of one site. */
export class ListingCache {
  readonly #root: Root;
  readonly #listings = new BoundedCache<ReadListing>(maxListingBytes);

  constructor(root: Root) {
    this.#root = root;
  }

  /**
   * Lists a directory.
   *
   * @param segments its name
   */
  list(segments: readonly string[]): Listed {
    const name = segments.join("/");
    const now = Date.now();
    const known = this.#listings.get(name);
    if (known !== undefined && this.#isCurrent(segments, known, now)) {
      return known.listed;
    }
    this.#listings.delete(name);
    const directory = this.#root.identify(segments);
    const read = this.#root.list(segments, maxListed);
    if (read.kind !== "entries") return read;
    // What was made of a listing stays good where it is the same.
    const listed = known !== undefined && isSameListing(known.listed, read)
      ? known.listed
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
    known: ReadListing,
    now: number,
  ): boolean {
    const { names, directory, readAt } = known;
    const namesMs = Math.max(freshMs, names * namesFreshMs);
    const entriesMs = Math.max(freshMs, names * entriesFreshMs);
    // Or what is checked at its end would be good for the first span once more.
    if (!isFresh(readAt, now, entriesMs)) return false;
    if (isFresh(known.checkedAt, now, namesMs)) return true;
    if (directory === null) return false;
    if (!isUnchanged(this.#root, segments, directory, readAt)) return false;
    known.checkedAt = now;
    return true;
  }
}

/** Whether two looks at a directory found the same; it is given in the same order. */
function isSameListing(a: ListedEntries, b: ListedEntries): boolean {
  return a.omitted === b.omitted && a.entries.length === b.entries.length &&
    a.entries.every(({ name, kind, size, mtimeMs }, index) => {
      const other = b.entries[index];
      return name === other.name && kind === other.kind &&
        size === other.size && mtimeMs === other.mtimeMs;
    });
}
