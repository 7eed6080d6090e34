/**
 * A directory listing as content: the page or the JSON, as the client wants it.
 * Pure; must not know the file system.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { compress, minCompressBytes } from "./compress.ts";
import { type Coding, codings } from "./content_coding.ts";
import {
  type ListingEntry,
  listingJson,
  listingPage,
  parseListingOrder,
} from "./listing.ts";
import { chooseCoding, type Preferences, prefersJson } from "./negotiate.ts";
import { represent, type Representation } from "./representation.ts";
import type { SiteOptions } from "./site_options.ts";

/** A directory, and how it is wanted. */
export interface ListingRequest {
  /** The parts of its path. */
  readonly segments: readonly string[];
  /** What is in it. */
  readonly entries: readonly ListingEntry[];
  /** The part of the target from its `?` on. */
  readonly query: string;
  /** The value of Accept. */
  readonly accept: string | undefined;
  /** How much each coding is wanted. */
  readonly wanted: Preferences;
}

/** A listing in one order, in the codings in which it was wanted. */
interface Page {
  readonly order: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly tag: string;
  readonly made: Map<Coding | "identity", Representation>;
}

// The last one made of each: the same entries are the same array.
const pages = new WeakMap<readonly ListingEntry[], Page>();

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
  options: SiteOptions,
  now: number,
): Representation | null {
  const isJson = prefersJson(request.accept);
  const page = makePage(request, isJson);
  const coding = chooseCoding(request.wanted, {
    codings: page.bytes.length < minCompressBytes ? [] : codings,
    inNeed: codings,
  });
  if (coding === null) return null;
  let made = page.made.get(coding);
  if (made === undefined) {
    const { bytes, tag } = page;
    made = represent(
      coding === "identity" ? bytes : compress(bytes, coding),
      {
        type: isJson
          ? "application/json; charset=utf-8"
          : "text/html; charset=utf-8",
        coding,
        tag,
        tagIsStrong: true,
        mtimeMs: null,
        cacheControl: options.cacheSeconds === null ? "no-store" : "no-cache",
        vary: "Accept, Accept-Encoding",
      },
      options,
      now,
    );
    page.made.set(coding, made);
  }
  return made;
}

function makePage(
  { segments, entries, query }: ListingRequest,
  isJson: boolean,
): Page {
  const order = parseListingOrder(query);
  const name = `${isJson} ${order.key} ${order.descending}`;
  const last = pages.get(entries);
  if (last?.order === name) return last;
  const make = isJson ? listingJson : listingPage;
  const bytes = encoder.encode(make(segments, entries, order));
  const page: Page = {
    order: name,
    bytes,
    tag: createHash("sha256").update(bytes).digest("base64url").slice(0, 20),
    made: new Map(),
  };
  pages.set(entries, page);
  return page;
}
