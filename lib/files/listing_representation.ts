/**
 * A directory listing as a representation: the page or the JSON, as the client prefers.
 * Pure; must not know the file system.
 *
 * @module
 */

import {
  chooseCoding,
  type Coding,
  type Preferences,
  prefersJson,
} from "../http/negotiate.ts";
import { BoundedCache } from "./bounded_cache.ts";
import { compress } from "./compress.ts";
import { minCompressBytes } from "./compress_bounds.ts";
import type { StoredFile } from "./file_store.ts";
import { readmes } from "./late_modules.ts";
import { contentTag } from "./content_tag.ts";
import {
  type ListingEntry,
  listingJson,
  type ListingOrder,
  listingPage,
  parseListingOrder,
} from "./listing/formats.ts";
import { represent, type Representation } from "./representation.ts";
import type { StaticOptions } from "./static_options.ts";

/** A directory, and what the request says of the listing. */
export interface ListingRequest {
  /** The parts of the path of the directory. */
  readonly segments: readonly string[];
  readonly entries: readonly ListingEntry[];
  /** The number of names that are not among the entries. */
  readonly omitted: number;
  /** The README.md of the directory. */
  readonly readme: StoredFile | null;
  /** The part of the target from its `?` on. */
  readonly query: string;
  /** The value of Accept. */
  readonly accept: string | undefined;
  /** The weight of each coding. */
  readonly wanted: Preferences;
}

interface Format {
  readonly order: ListingOrder;
  readonly isJson: boolean;
  readonly coding: Coding | "identity";
}

/** The newest listings of this thread, by entries, order, format and coding. It takes
 * 60 ms to make a page of 10 000 names, and 8 ms or more to compress it. */
const maxCachedBytes = 32 * 1024 * 1024;
const cache = new BoundedCache<Representation>(maxCachedBytes);

// The same entries are the same array. A number in the key does not keep the array in
// memory.
const entriesIds = new WeakMap<readonly ListingEntry[], number>();
let lastEntriesId = 0;

// A listing is compressed while its reader waits, and soon is another. Measured with
// 10 000 names: zstd 8 ms and 48 KB, br 4 30 ms and 42 KB, br 5 60 ms and 39 KB.
const fastestFirst: readonly Coding[] = ["zstd", "br", "gzip"];

/** JSON of a directory whose name is one letter. */
const minJsonEntryBytes = 80;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * @param now in milliseconds since the epoch
 * @returns `null` where no coding is acceptable
 * @throws {NotLoaded} where a README is to be rendered for the first time
 */
export function representListing(
  request: ListingRequest,
  options: StaticOptions,
  now: number,
): Representation | null {
  const { entries, wanted } = request;
  const isJson = prefersJson(request.accept);
  const isWorthIt = !isJson ||
    entries.length * minJsonEntryBytes >= minCompressBytes;
  const coding = chooseCoding(wanted, {
    codings: isWorthIt ? fastestFirst : [],
    inNeed: fastestFirst,
  });
  if (coding === null) return null;
  const order = parseListingOrder(request.query);
  const { key, descending } = order;
  const readme = isJson ? "" : request.readme?.tag ?? "";
  const name = [idOf(entries), key, descending, isJson, coding, readme]
    .join(" ");
  let representation = cache.get(name);
  if (representation === undefined) {
    const format = { order, isJson, coding };
    representation = makeListing(request, format, options, now);
    cache.set(name, representation, representation.length);
  }
  return representation;
}

function idOf(entries: readonly ListingEntry[]): number {
  let id = entriesIds.get(entries);
  if (id === undefined) {
    id = ++lastEntriesId;
    entriesIds.set(entries, id);
  }
  return id;
}

function makeListing(
  { segments, entries, omitted, readme }: ListingRequest,
  { order, isJson, coding }: Format,
  options: StaticOptions,
  now: number,
): Representation {
  const bytes = encoder.encode(
    isJson
      ? listingJson(segments, entries, order, omitted)
      : listingPage(segments, entries, order, omitted, {
        readme: htmlOf(readme),
        zip: options.zip,
      }),
  );
  return represent(
    coding === "identity" ? bytes : compress(bytes, coding),
    {
      type: `${isJson ? "application/json" : "text/html"}; charset=utf-8`,
      coding,
      tag: contentTag(bytes),
      tagIsStrong: true,
      mtimeMs: null,
      cacheControl: options.cacheSeconds === null ? "no-store" : "no-cache",
      vary: "Accept, Accept-Encoding",
    },
    isJson ? options : withoutPolicy(options),
    now,
  );
}

function htmlOf(readme: StoredFile | null): string | null {
  if (readme === null) return null;
  return readmes().renderReadme(decoder.decode(readme.bytes!));
}

/** The page contains a policy of its own, which allows its style. The operator's policy
 * is for the operator's pages, and would block that style. */
function withoutPolicy(options: StaticOptions): StaticOptions {
  const headers = options.headers.filter(([name]) =>
    name.toLowerCase() !== "content-security-policy"
  );
  return { ...options, headers };
}
