/**
 * Targets that a site answers without taking them apart: to the same file as if it did,
 * and only as long as that is fresh.
 */

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { CachedFileStore } from "../../lib/files/cached_file_store.ts";
import { handleStatic } from "../../lib/files/static_handler.ts";
import { Clock } from "../support/clock.ts";
import { fileOf } from "../support/found.ts";
import { requestOf } from "../support/requests.ts";
import { makeTree } from "../support/tree.ts";

/** A status, or a content. */
function answerTo(store: CachedFileStore, target: string): number | string {
  const { status, body } = handleStatic(requestOf(target), store);
  if (status !== 200) return status;
  assert(body.kind === "bytes");
  return new TextDecoder().decode(body.bytes);
}

// Each is asked for before and after all the others: whatever is kept of one target is
// no answer to another.
const answers: Readonly<Record<string, number | string>> = {
  "/a%20b.txt": "blank",
  "/a%2520b.txt": "escaped",
  "/a%252520b.txt": 404,
  "/a": "plain",
  "/a?b": "plain",
  "/a%3Fb": "mark",
  "/%61": "plain",
  "//a": "plain",
  "/a/": 404,
  "/a//": 404,
  "/page": "page",
  "/page.html": "page",
  "/page/": 404,
  "/": "top",
  "/?a": "top",
  "/index.html": "top",
  "/index.html/": 404,
  "/docs": 301,
  "/docs/": "docs",
  "/docs//": "docs",
  "/docs/?a": "docs",
  "/docs?/": 301,
  "/docs/index": "docs",
  "/docs/index.html": "docs",
  "/docs%2Findex.html": 400,
  "/docs/../index.html": 400,
  "/docs/./index.html": 400,
  "/.link.txt": 404,
  "/seen.txt": "seen",
  "/%C3%A9.txt": "accent",
};

Deno.test("a site answers a target the same however often and after whatever else", async () => {
  using tree = await makeTree({
    "www/a b.txt": "blank",
    "www/a%20b.txt": "escaped",
    "www/a": "plain",
    "www/a?b": "mark",
    "www/page.html": "page",
    "www/index.html": "top",
    "www/docs/index.html": "docs",
    "www/seen.txt": "seen",
    "www/.link.txt": { kind: "link", to: "seen.txt" },
    "www/é.txt": "accent",
  });
  const store = new CachedFileStore(tree.root);
  const targets = Object.keys(answers);
  for (const order of [targets, targets.toReversed(), targets]) {
    for (const target of order) {
      assertEquals(answerTo(store, target), answers[target], target);
    }
  }
});

Deno.test("CachedFileStore recalls a small file that it has found, and no other", async () => {
  using tree = await makeTree({
    "www/docs/index.html": "docs",
    "www/100%.txt": "per cent",
    "www/large.txt": "x".repeat(65_537),
  });
  const store = new CachedFileStore(tree.root);
  assertEquals(store.recall("/docs/"), null);
  const docs = fileOf(store.find(["docs", "index.html"]));
  assertStrictEquals(store.recall("/docs/"), docs);
  assertStrictEquals(store.recall("/docs/index.html"), docs);
  // What would have to be decoded is no target as it is, nor is its name.
  fileOf(store.find(["100%.txt"]));
  for (const target of ["/100%.txt", "/100%25.txt"]) {
    assertEquals(store.recall(target), null, target);
  }
  // One that others open has to be looked at each time.
  fileOf(store.find(["large.txt"]));
  assertEquals(store.recall("/large.txt"), null);
});

Deno.test("CachedFileStore recalls nothing that may have changed", async () => {
  using tree = await makeTree({ "www/page.txt": "before" });
  using clock = new Clock();
  const store = new CachedFileStore(tree.root);
  assertEquals(answerTo(store, "/page.txt"), "before");
  assert(store.recall("/page.txt") !== null);
  await Deno.remove(tree.path("www/page.txt"));
  clock.forward(1000);
  assertEquals(store.recall("/page.txt"), null);
  // A clock that was set back keeps nothing fresh.
  clock.forward(-2000);
  assertEquals(store.recall("/page.txt"), null);
  assertEquals(answerTo(store, "/page.txt"), 404);
  clock.forward(1000);
  assertEquals(answerTo(store, "/page.txt"), 404);
});
