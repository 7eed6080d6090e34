/**
 * The listing as a document and as JSON: what stands in it, and where. What names can
 * do to it is in formats_names_test.ts, what a browser makes of it in
 * browser_listing_test.ts.
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import {
  type ListingEntry,
  listingJson,
  type ListingOrder,
  listingPage,
  parseListingOrder,
} from "../../../lib/files/listing/formats.ts";
import { hrefsIn, unescapeHtml } from "../../support/listing_links.ts";

const byName = parseListingOrder("");
const bySize: ListingOrder = { key: "size", descending: true };
const mtimeMs = Date.UTC(2026, 7, 14, 15, 10, 31, 250);

function file(name: string, size = 0, time = mtimeMs): ListingEntry {
  return { name, kind: "file", size, mtimeMs: time };
}

function directory(name: string): ListingEntry {
  return { name, kind: "directory", size: 4096, mtimeMs };
}

Deno.test("listingPage() says what it is, in a document of its own", () => {
  const page = listingPage(["a", "b & c"], [file("x")], byName);
  assertMatch(page, /^<!doctype html>\n<html lang="en">/);
  assertStringIncludes(page, "<title>Index of /a/b &#38; c/</title>");
  assertMatch(page, /<h1><bdi[^>]*>b &#38; c<\/bdi><\/h1>/);
  assertStringIncludes(page, '<meta charset="utf-8">');
  assertStringIncludes(page, '<meta name="viewport"');
  assertStringIncludes(page, "prefers-color-scheme: dark");
  assertStringIncludes(page, '<link rel="icon" href="data:,">');
});

Deno.test("listingPage() asks for nothing from anywhere and runs its own script alone", async () => {
  const page = listingPage(["a"], [file("x"), directory("y")], byName);
  assertEquals(
    page.match(/\bsrc=|\son[a-z]+=|@import|url\((?!"data:)/i),
    null,
  );
  const scripts = Array.from(
    page.matchAll(/<script[^>]*>([^]*?)<\/script>/g),
    ([, script]) => script,
  );
  const hashes = await Promise.all(scripts.map(async (script) => {
    const bytes = new TextEncoder().encode(script);
    return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  }));
  assertEquals(
    hashes.map((hash) => `script-src 'sha256-${hash.toBase64()}'; `),
    page.match(/script-src .*?; /g),
  );
  assertEquals(page.match(/<link .*?>/g), ['<link rel="icon" href="data:,">']);
  assertStringIncludes(page, `content="default-src 'none';`);
});

Deno.test("listingPage() leads up from every place but the top", () => {
  const crumbs = /<li[ >].*?<\/li>/g;
  const deep = listingPage(["a", "b", "c"], [], byName);
  assertEquals(hrefsIn(deep), ["../"]);
  assertEquals(hrefsIn(deep, crumbs), [
    "../../../",
    "../../",
    "../",
    null,
  ]);
  assertEquals(deep.match(/aria-current/g)?.length, 1);
  const top = listingPage([], [file("x")], byName);
  assertEquals(hrefsIn(top), ["x"]);
  assertEquals(top.match(crumbs), null);
  assertEquals(top.match(/>Home</g), [">Home<"]);
  assertStringIncludes(top, "<title>Index of /</title>");
});

Deno.test("listingPage() has a word for an empty directory", () => {
  const word = "This folder is empty.";
  assertStringIncludes(listingPage([], [], byName), word);
  assertStringIncludes(listingPage(["a"], [], byName), word);
  assert(!listingPage([], [file("a")], byName).includes(word));
});

const captions: [name: string, entries: ListingEntry[], want: string][] = [
  ["nothing", [], "0 files"],
  ["one file", [file("a", 5)], "1 file, 5 B"],
  ["folders", [directory("a"), directory("b")], "2 folders, 0 files"],
  [
    "both",
    [directory("d"), file("a", 900), file("b", 900)],
    [
      "1 folder",
      "2 files",
      "1.8 kB",
    ].join(", "),
  ],
];

for (const [name, entries, want] of captions) {
  Deno.test(`listingPage() sums up: ${name}`, () => {
    assertStringIncludes(
      listingPage([], entries, byName),
      `<caption>${want}</caption>`,
    );
  });
}

const headers: [query: string, name: string, size: string, time: string][] = [
  ["", "name desc, ascending", "size desc", "time desc"],
  ["?order=desc", "name asc, descending", "size desc", "time desc"],
  ["?sort=size", "name asc", "size desc, ascending", "time desc"],
  [
    "?sort=size&order=desc",
    "name asc",
    "size asc, descending",
    "time desc",
  ],
  [
    "?sort=time&order=desc",
    "name asc",
    "size desc",
    "time asc, descending",
  ],
];

for (const [query, ...want] of headers) {
  Deno.test(`listingPage() offers to sort, sorted by "${query}"`, () => {
    const page = listingPage([], [], parseListingOrder(query));
    const cells = page.match(/<th scope="col".*?<\/th>/g)!;
    const got = cells.map((cell) => {
      const [, href] = /href="(.*?)"/.exec(cell)!;
      const asked = new URLSearchParams(unescapeHtml(href));
      const state = /aria-sort="(.*?)"/.exec(cell)?.[1];
      const next = `${asked.get("sort")} ${asked.get("order")}`;
      return state === undefined ? next : `${next}, ${state}`;
    });
    assertEquals(got, want);
  });
}

Deno.test("listingPage() takes the order along to other directories", () => {
  const entries = [directory("d e"), file("f")];
  const query = "?sort=size&order=desc";
  const page = listingPage(["a"], entries, bySize);
  assertEquals(hrefsIn(page), [`../${query}`, `d%20e/${query}`, "f"]);
  assertEquals(hrefsIn(page, /<nav.*?<\/nav>/gs), [`../${query}`]);
});

const icons: [entry: ListingEntry, want: string][] = [
  [directory("a.zip"), "directory"],
  [file("a.ZIP"), "archive"],
  [file("main.ts"), "code"],
  [file("Makefile"), "text"],
  [file("notes.txt"), "text"],
  [file("a.csv"), "data"],
  [file("a.pdf"), "document"],
  [file("a.png"), "image"],
  [file("a.mp3"), "audio"],
  [file("a.mp4"), "video"],
  [file("png"), "file"],
  [file("a.constructor"), "file"],
];

for (const [entry, want] of icons) {
  Deno.test(`listingPage() has a picture for ${entry.name}: ${want}`, () => {
    const page = listingPage([], [entry], byName);
    assertEquals(page.match(/<th scope="row" class="(.*?)"/)?.[1], want);
    // Once in the page, however many names have it.
    assertEquals(page.split(`.${want} > *`).length, 2);
  });
}

Deno.test("listingPage() and listingJson() mark links", () => {
  const entries = [{ ...file("a"), isLink: true as const }, file("b")];
  const cells = listingPage([], entries, byName).match(
    /<th scope="row".*?<\/th>/g,
  );
  assertEquals(cells!.map((cell) => cell.includes("<small>link</small>")), [
    true,
    false,
  ]);
  const json = JSON.parse(listingJson([], entries, byName));
  assertEquals(
    json.entries.map(({ isLink }: { isLink?: boolean }) => isLink),
    [true, undefined],
  );
});

Deno.test("listingPage() tells sizes for the eye and exactly, of files only", () => {
  const entries = [file("a", 1234567), file("b", 999), directory("d")];
  const page = listingPage([], entries, byName);
  assertEquals(page.match(/<\/th><td[^r]*?<\/td>/g), [
    "</th><td></td>",
    '</th><td title="1,234,567 bytes">1.2 MB</td>',
    "</th><td>999 B</td>",
  ]);
});

const times: [name: string, mtimeMs: number, want: string][] = [
  [
    "to the minute, in UTC",
    mtimeMs,
    '<time datetime="2026-08-14T15:10:31Z">2026-08-14 15:10</time>',
  ],
  [
    "the epoch",
    0,
    '<time datetime="1970-01-01T00:00:00Z">1970-01-01 00:00</time>',
  ],
  [
    "before the epoch",
    -1,
    '<time datetime="1969-12-31T23:59:59Z">1969-12-31 23:59</time>',
  ],
  ["none", NaN, ""],
  ["beyond what a date can be", 1e300, ""],
  ["beyond what HTML can say", Date.UTC(10000, 0), ""],
  ["before what HTML can say", Date.UTC(-1, 0), ""],
];

for (const [name, mtimeMs, want] of times) {
  Deno.test(`listingPage() tells times: ${name}`, () => {
    const page = listingPage([], [file("a", 0, mtimeMs)], byName);
    assertStringIncludes(page, `</td><td>${want}</td>`);
  });
}

Deno.test("listingJson() is the path and the sorted entries", () => {
  const entries = [file("b", 1), file("a b", 20), directory("d")];
  assertEquals(JSON.parse(listingJson(["x", "y z"], entries, bySize)), {
    path: "/x/y z/",
    entries: [
      {
        name: "d",
        kind: "directory",
        href: "d/",
        modified: "2026-08-14T15:10:31.250Z",
      },
      {
        name: "a b",
        kind: "file",
        href: "a%20b",
        size: 20,
        modified: "2026-08-14T15:10:31.250Z",
      },
      {
        name: "b",
        kind: "file",
        href: "b",
        size: 1,
        modified: "2026-08-14T15:10:31.250Z",
      },
    ],
    omitted: 0,
  });
  assertEquals(JSON.parse(listingJson([], [], byName, 3)), {
    path: "/",
    entries: [],
    omitted: 3,
  });
});

Deno.test("listingJson() tells a time that is none as null", () => {
  const { entries } = JSON.parse(listingJson([], [file("a", 0, NaN)], byName));
  assertEquals(entries[0].modified, null);
});
