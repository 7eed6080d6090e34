/**
 * What a query asks for, and how entries come to stand one after another.
 */

import { assert, assertEquals } from "@std/assert";
import fc from "../../support/fast_check.ts";
import {
  type ListingEntry,
  type ListingOrder,
  listingQuery,
  parseListingOrder,
  sortEntries,
} from "../../../lib/files/listing/order.ts";
import { seed } from "../../support/seed.ts";

function order(key: ListingOrder["key"], descending = false): ListingOrder {
  return { key, descending };
}

const orders: readonly ListingOrder[] = [
  order("name"),
  order("name", true),
  order("size"),
  order("size", true),
  order("time"),
  order("time", true),
];

const queries: [query: string, want: ListingOrder][] = [
  ["", order("name")],
  ["?", order("name")],
  ["?sort=name", order("name")],
  ["?sort=name&order=desc", order("name", true)],
  ["?sort=size", order("size")],
  ["?sort=size&order=asc", order("size")],
  ["?sort=size&order=desc", order("size", true)],
  ["?order=desc&sort=time", order("time", true)],
  ["?order=desc", order("name", true)],
  ["?sort=time&order=desc&utm_source=x", order("time", true)],
  ["?q=anything", order("name")],
  // What is not known does not count in part.
  ["?sort=colour&order=desc", order("name")],
  ["?sort=size&order=down", order("name")],
  ["?sort=SIZE", order("name")],
  ["?sort=", order("name")],
  ["?sort=__proto__&order=desc", order("name")],
  ["?sort=%", order("name")],
  ["?%73ort=size", order("size")],
  // The first one counts, as everywhere else on the web.
  ["?sort=size&sort=time", order("size")],
];

for (const [query, want] of queries) {
  Deno.test(`parseListingOrder() makes ${want.key}, ${want.descending ? "descending" : "ascending"} of "${query}"`, () => {
    assertEquals(parseListingOrder(query), want);
  });
}

Deno.test("listingQuery() is what parseListingOrder() understands", () => {
  for (const want of orders) {
    assertEquals(parseListingOrder(listingQuery(want)), want);
  }
});

function file(name: string, size = 0, mtimeMs = 0): ListingEntry {
  return { name, kind: "file", size, mtimeMs };
}

function directory(name: string, size = 0, mtimeMs = 0): ListingEntry {
  return { name, kind: "directory", size, mtimeMs };
}

function namesIn(
  entries: readonly ListingEntry[],
  order: ListingOrder,
): string[] {
  return sortEntries(entries, order).map(({ name }) => name);
}

const nameOrders: [name: string, sorted: string[]][] = [
  ["numbers by value", ["a1", "a2", "a10", "a20", "a100"]],
  ["numbers in the middle", ["1.2.txt", "1.10.txt", "2.1.txt"]],
  ["zeros in front do not count, until all else is equal", [
    "a007",
    "a07",
    "a7",
    "a8",
    "a010",
  ]],
  ["numbers of zeros", ["a0", "a00", "a1"]],
  ["numbers that no float holds", [
    `v${"9".repeat(40)}`,
    `v1${"0".repeat(40)}`,
    `v1${"0".repeat(39)}1`,
  ]],
  ["a number before a letter", ["a1b", "a12", "ab"]],
  ["a beginning before the whole", ["a", "a b", "a1", "ab"]],
  ["case does not count, until all else is equal", [
    "Alpha",
    "alpha",
    "Beta",
    "gamma",
  ]],
  ["accents do not count, until all else is equal", [
    "Äther",
    "resume",
    "résumé",
    "resumes",
    "zebra",
  ]],
  ["the same letter, composed or not", ["e\u0301", "\u00e9", "f"]],
];

for (const [name, sorted] of nameOrders) {
  Deno.test(`sortEntries() orders names: ${name}`, () => {
    const entries = sorted.map((name) => file(name));
    assertEquals(namesIn(entries.toReversed(), order("name")), sorted);
    assertEquals(
      namesIn(entries, order("name", true)),
      sorted.toReversed(),
    );
  });
}

const some = [
  file("b", 10, 300),
  directory("y", 4096, 100),
  file("a", 20, 200),
  file("c", 10, 100),
  directory("x", 1, 200),
];
const sortings: [ListingOrder, string][] = [
  [order("name"), "x y a b c"],
  [order("name", true), "y x c b a"],
  // Equal sizes, and folders, which have none, are in ascending order of name.
  [order("size"), "x y b c a"],
  [order("size", true), "x y a b c"],
  [order("time"), "y x c a b"],
  [order("time", true), "x y b a c"],
];

for (const [order, want] of sortings) {
  Deno.test(`sortEntries() puts folders first for ${listingQuery(order)}`, () => {
    assertEquals(namesIn(some, order).join(" "), want);
  });
}

const entry: fc.Arbitrary<ListingEntry> = fc.record({
  // Few characters: many names that are almost the same.
  name: fc.string({
    unit: fc.constantFrom(..."0019aAäÄ\u0308._-\ud800日"),
    maxLength: 6,
  }),
  kind: fc.constantFrom("directory" as const, "file" as const),
  size: fc.nat(3),
  mtimeMs: fc.nat(3),
});
const entries = fc.uniqueArray(entry, {
  selector: ({ name }) => name,
  maxLength: 12,
});

Deno.test("sortEntries() makes one sequence of the same entries, whatever their order was", () => {
  fc.assert(
    fc.property(
      entries.chain((entries) =>
        fc.tuple(
          fc.constant(entries),
          fc.shuffledSubarray(entries, { minLength: entries.length }),
          fc.constantFrom(...orders),
        )
      ),
      ([entries, shuffled, order]) => {
        const before = [...shuffled];
        const sorted = sortEntries(entries, order);
        assertEquals(sortEntries(shuffled, order), sorted);
        assertEquals(shuffled, before);
        assertEquals(new Set(sorted), new Set(entries));
        const firstFile = sorted.findIndex(({ kind }) => kind === "file");
        assert(
          firstFile < 0 ||
            sorted.slice(firstFile).every(({ kind }) => kind === "file"),
        );
      },
    ),
    { seed, numRuns: 500 },
  );
});
