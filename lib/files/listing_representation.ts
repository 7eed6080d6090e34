/**
 * A directory listing as content: the page or the JSON, as the client wants it.
 * Pure; must not know the file system.
 *
 * @module
 */

import { createHash } from "node:crypto";
import {
  chooseCoding,
  type Coding,
  codings,
  type Preferences,
  prefersJson,
} from "../http/negotiate.ts";
import { BoundedCache } from "./bounded_cache.ts";
import { compress, minCompressBytes } from "./compress.ts";
import {
  type ListingEntry,
  listingJson,
  type ListingOrder,
  listingPage,
  parseListingOrder,
} from "./listing/formats.ts";
import { represent, type Representation } from "./representation.ts";
import type { StaticOptions } from "./static_options.ts";

/** A directory, and how it is wanted. */
export interface ListingRequest {
  /** The parts of its path. */
  readonly segments: readonly string[];
  /** What is in it. */
  readonly entries: readonly ListingEntry[];
  /** How many more names there are. */
  readonly omitted: number;
  /** The part of the target from its `?` on. */
  readonly query: string;
  /** The value of Accept. */
  readonly accept: string | undefined;
  /** How much each coding is wanted. */
  readonly wanted: Preferences;
}

/** For each thread: the listings that were made last, in their orders and codings. A
 * page of 10 000 names takes 60 ms to be made, and 40 ms to be compressed. */
const maxMadeBytes = 32 * 1024 * 1024;
const made = new BoundedCache<Representation>(maxMadeBytes);

// The same entries are the same array; a number does not keep them in memory.
const numbers = new WeakMap<readonly ListingEntry[], number>();
let lastNumber = 0;

/** What is said of a directory with a name of one letter. */
const minJsonEntryBytes = 80;

const encoder = new TextEncoder();

/**
 * Lists a directory.
 *
 * @param request what, and how
 * @param options the operator's
 * @param now in milliseconds since the epoch
 * @returns `null` where no coding is acceptable
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
    codings: isWorthIt ? codings : [],
    inNeed: codings,
  });
  if (coding === null) return null;
  const order = parseListingOrder(request.query);
  const { key, descending } = order;
  const name = [numberOf(entries), key, descending, isJson, coding].join(" ");
  let representation = made.get(name);
  if (representation === undefined) {
    representation = (isJson ? makeJson : makePage)(
      { ...request, order, coding, now },
      options,
    );
    made.set(name, representation, representation.length);
  }
  return representation;
}

function numberOf(entries: readonly ListingEntry[]): number {
  let number = numbers.get(entries);
  if (number === undefined) {
    number = ++lastNumber;
    numbers.set(entries, number);
  }
  return number;
}

/** What is to be made of a directory. */
interface Making extends ListingRequest {
  readonly order: ListingOrder;
  readonly coding: Coding | "identity";
  readonly now: number;
}

/** The page says in itself what it may do, and needs it: an operator's policy is for
 * the operator's pages, and would take its style away. */
function makePage(making: Making, options: StaticOptions): Representation {
  const headers = options.headers.filter(([name]) =>
    name.toLowerCase() !== "content-security-policy"
  );
  return make(making, listingPage, "text/html; charset=utf-8", {
    ...options,
    headers,
  });
}

function makeJson(making: Making, options: StaticOptions): Representation {
  return make(making, listingJson, "application/json; charset=utf-8", options);
}

function make(
  { segments, entries, omitted, order, coding, now }: Making,
  write: typeof listingPage,
  type: string,
  options: StaticOptions,
): Representation {
  const bytes = encoder.encode(write(segments, entries, order, omitted));
  return represent(
    coding === "identity" ? bytes : compress(bytes, coding),
    {
      type,
      coding,
      tag: createHash("sha256").update(bytes).digest("base64url").slice(0, 20),
      tagIsStrong: true,
      mtimeMs: null,
      cacheControl: options.cacheSeconds === null ? "no-store" : "no-cache",
      vary: "Accept, Accept-Encoding",
    },
    options,
    now,
  );
}
