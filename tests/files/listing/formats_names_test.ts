/**
 * Names that are none of the usual ones: links lead back to exactly them, or nowhere,
 * and none of them gets out of its place in the document.
 */

import { assert, assertEquals } from "@std/assert";
import fc from "../../support/fast_check.ts";
import {
  type ListingEntry,
  listingJson,
  type ListingOrder,
  listingPage,
  parseListingOrder,
} from "../../../lib/files/listing/formats.ts";
import { hrefsIn } from "../../support/listing_links.ts";
import { seed } from "../../support/seed.ts";

const byName = parseListingOrder("");
const bySize: ListingOrder = { key: "size", descending: true };

/** The segments to which a browser is led from a directory by a link. */
function ledTo(base: string, href: string): string[] {
  const { origin, pathname } = new URL(href, `http://host${base}`);
  assertEquals(origin, "http://host");
  return pathname.split("/").slice(1).map(decodeURIComponent);
}

function entryOf(name: string, kind: ListingEntry["kind"]): ListingEntry {
  return { name, kind, size: 0, mtimeMs: 0 };
}

const unlinked = ["\ud800", "a\udc00b", ".", "..", ""];

for (const name of unlinked) {
  Deno.test(`listingPage() names ${JSON.stringify(name)} without leading anywhere else`, () => {
    assertEquals(hrefsIn(listingPage([], [entryOf(name, "file")], byName)), [
      null,
    ]);
    assertEquals(
      hrefsIn(listingPage([], [entryOf(name, "directory")], byName)),
      [null],
    );
    const { entries } = JSON.parse(
      listingJson([], [entryOf(name, "file")], byName),
    );
    assertEquals([entries[0].name, entries[0].href], [name, null]);
  });
}

const nasty = fc.constantFrom(
  ..."<>&\"'`%#?;:\\= \n\r\t\x7f\u2028\u202e\ufeff.%2e&#60;&lt;-->]]>",
  "</a>",
  "<script>",
  "javascript:",
  "//",
  "../",
  "%2F",
  "%00",
);
const name = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(nasty).map((parts) => parts.join("")),
  fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) }),
).map((name) => name.replace(/[\0/]/g, "")).filter((name) =>
  !unlinked.includes(name)
);
const kind = fc.constantFrom("file" as const, "directory" as const);

Deno.test("listingPage() and listingJson() lead back to exactly any name", () => {
  fc.assert(
    fc.property(
      name.filter((name) => name.isWellFormed()),
      kind,
      fc.constantFrom(byName, bySize),
      (name, kind, order) => {
        const entries = [entryOf(name, kind)];
        const [, href] = hrefsIn(listingPage(["a"], entries, order));
        const want = ["a", name, ...kind === "directory" ? [""] : []];
        assertEquals(ledTo("/a/", href!), want);
        const json = JSON.parse(listingJson(["a"], entries, order));
        assertEquals(ledTo("/a/", json.entries[0].href), want);
        assertEquals(json.entries[0].name, name);
      },
    ),
    { seed, numRuns: 1000 },
  );
});

/** The document without what is in its texts and its attributes. */
function skeleton(page: string): string[] {
  const [, ...rest] = page
    .replace(/<(style|script)>[^]*?<\/\1>/g, "").split("<");
  return rest.map((piece) => {
    const tag = /^([^">]|"[^"]*")*>/.exec(piece);
    assert(tag !== null, `A tag does not end: <${piece}`);
    const text = piece.slice(tag[0].length);
    assertEquals(text.match(/[>"']/), null);
    assertEquals(piece.match(/&(?!#[0-9]+;)/), null);
    return tag[0].replace(/"[^"]*"/g, '""');
  });
}

Deno.test("listingPage() lets no name out of its place", () => {
  const page = (name: string, kind: ListingEntry["kind"]) =>
    listingPage([name, name], [entryOf(name, kind)], bySize);
  fc.assert(
    fc.property(name, kind, (name, kind) => {
      const got = page(name, kind);
      const want = page(name.isWellFormed() ? "x" : "\ud800", kind);
      assertEquals(skeleton(got), skeleton(want));
      // deno-lint-ignore no-control-regex
      assertEquals(got.match(/[\x00-\x09\x0b-\x1f\x7f]|\p{Cs}|\u202e/u), null);
    }),
    { seed, numRuns: 1000 },
  );
});
