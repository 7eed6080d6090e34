/**
 * A directory listing as content: the page or the JSON, as the client wants it.
 * Pure; must not know the file system.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { compress, minCompressBytes } from "./compress.ts";
import {
  type ListingEntry,
  listingJson,
  listingPage,
  parseListingOrder,
} from "./listing.ts";
import {
  chooseCoding,
  fullOffer,
  type Preferences,
  prefersJson,
} from "./negotiate.ts";
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

const encoder = new TextEncoder();

/**
 * Lists a directory.
 *
 * @param request what, and how
 * @param options the operator's
 * @returns `null` where no coding is acceptable
 */
export function representListing(
  request: ListingRequest,
  options: SiteOptions,
  now: number,
): Representation | null {
  const { segments, entries, query, accept, wanted } = request;
  const order = parseListingOrder(query);
  const isJson = prefersJson(accept);
  const make = isJson ? listingJson : listingPage;
  const bytes = encoder.encode(make(segments, entries, order));
  const coding = chooseCoding(
    wanted,
    bytes.length < minCompressBytes ? { ...fullOffer, codings: [] } : fullOffer,
  );
  if (coding === null) return null;
  return represent(
    coding === "identity" ? bytes : compress(bytes, coding),
    {
      type: isJson
        ? "application/json; charset=utf-8"
        : "text/html; charset=utf-8",
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
