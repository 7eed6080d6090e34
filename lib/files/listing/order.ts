/**
 * The order of a directory listing: how a query sets it, and how names compare.
 * Must not know HTML, JSON or the file system.
 *
 * @module
 */

import { natives } from "../../natives.ts";

/** A file or directory in a listing. */
export interface ListingEntry {
  readonly name: string;
  /** Of a link, the kind of its target. */
  readonly kind: "directory" | "file";
  readonly isLink?: true;
  /** In bytes; not shown for a directory. */
  readonly size: number;
  /** In milliseconds since the epoch. */
  readonly mtimeMs: number;
}

export interface ListingOrder {
  readonly key: "name" | "size" | "time";
  readonly descending: boolean;
}

/** The default order. */
export const byName: ListingOrder = { key: "name", descending: false };

/**
 * The order that a query sets: `?sort=` name, size or time, and `&order=` asc or desc.
 * Other parameters are ignored.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseListingOrder("?sort=size&order=desc"), {
 *   key: "size",
 *   descending: true,
 * });
 * ```
 *
 * @param query the part of a target from its `?` on, or an empty string
 * @returns the default order for any other value
 */
export function parseListingOrder(query: string): ListingOrder {
  const parameters = new natives.URLSearchParams(query);
  const key = parameters.get("sort") ?? "name";
  const order = parameters.get("order") ?? "asc";
  const isKnown = (key === "name" || key === "size" || key === "time") &&
    (order === "asc" || order === "desc");
  return isKnown ? { key, descending: order === "desc" } : byName;
}

/** The opposite of {@linkcode parseListingOrder}. */
export function listingQuery({ key, descending }: ListingOrder): string {
  return `?sort=${key}&order=${descending ? "desc" : "asc"}`;
}

/** Sorts entries: directories always come before files, and entries with the same size
 * or time are sorted by ascending name. No two entries of a directory compare equal, so
 * the result does not depend on the sequence of the input. */
export function sortEntries<Entry extends ListingEntry>(
  entries: readonly Entry[],
  order: ListingOrder,
): Entry[] {
  const sign = order.descending ? -1 : 1;
  const isByName = order.key === "name";
  return entries
    .map((entry) => ({ entry, key: nameKey(entry.name) }))
    .sort((a, b) =>
      rankOf(a.entry) - rankOf(b.entry) ||
      sign * compareBy(order, a.entry, b.entry) ||
      (isByName ? sign : 1) *
        (compareText(a.key, b.key) || compareText(a.entry.name, b.entry.name))
    )
    .map(({ entry }) => entry);
}

/**
 * The names that a listing by name begins with, in any order.
 *
 * @param names of the entries of a directory; links count as files
 * @param most how many names to return
 */
export function firstByName<
  Name extends { readonly name: string; readonly isDirectory: boolean },
>(names: readonly Name[], most: number): readonly Name[] {
  if (names.length <= most) return names;
  const entries = names.map((named) => ({
    named,
    name: named.name,
    kind: named.isDirectory ? "directory" as const : "file" as const,
    size: 0,
    mtimeMs: 0,
  }));
  return sortEntries(entries, byName).slice(0, most).map(({ named }) => named);
}

function rankOf({ kind }: ListingEntry): number {
  return kind === "directory" ? 0 : 1;
}

function compareBy(
  { key }: ListingOrder,
  a: ListingEntry,
  b: ListingEntry,
): number {
  switch (key) {
    case "name":
      return 0;
    case "size":
      // The size that a file system reports for a directory means nothing to readers.
      return a.kind === "directory" ? 0 : a.size - b.size;
    case "time":
      return a.mtimeMs - b.mtimeMs;
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The key of a name in comparisons: without case and accents, and with the length of
 * each number before it, so that a longer number is greater. Unlike `Intl.Collator`,
 * it is the same on every machine (that uses the language of the machine even when it
 * is given `und`), and it sorts 100 000 names in 0.3 s instead of 1.1 s.
 */
function nameKey(name: string): string {
  const plain = isAscii.test(name)
    ? name
    : name.normalize("NFKD").replace(/\p{M}/gu, "");
  return plain.toLowerCase().replace(
    /0*([0-9]+)/g,
    (_, digits: string) => `0${String.fromCharCode(digits.length)}${digits}`,
  );
}

// deno-lint-ignore no-control-regex
const isAscii = /^[\x00-\x7f]*$/;
