/**
 * Names of files in a directory, whatever is in them and however long they are.
 */

import { assertEquals } from "@std/assert";
import { CachedFileStore } from "../../lib/files/cached_file_store.ts";
import { startTestServer } from "../support/test_server.ts";
import { makeTree } from "../support/tree.ts";
import { contentOf } from "../support/found.ts";

const names = [
  "a b.txt",
  " leading space",
  "trailing space ",
  "100%.txt",
  "%41.txt",
  "%2e%2e",
  "a#b.txt",
  "a?b=c.txt",
  "a&b;c=d+e.txt",
  "quotes\"'`.txt",
  "<script>.txt",
  "a:b.txt",
  "*.txt",
  "a\nb.txt",
  "...",
  "-rf",
  "~",
  "é.txt",
  // The same to the eye, another name to the file system: e and an accent.
  "e\u0301.txt",
  "日本語.txt",
  "🧶.txt",
  "\ufefffirst.txt",
];

Deno.test("CachedFileStore finds names with any characters, each its own", async () => {
  using tree = await makeTree(
    Object.fromEntries(names.map((name) => [`www/${name}`, `this is ${name}`])),
  );
  const store = new CachedFileStore(tree.root);
  for (const name of names.filter((name) => !name.startsWith("."))) {
    assertEquals(contentOf(store.find([name])), `this is ${name}`);
  }
});

Deno.test("a server serves names with any characters", async () => {
  using tree = await makeTree(
    Object.fromEntries(names.map((name) => [`www/${name}`, `this is ${name}`])),
  );
  await using server = await startTestServer({ root: tree.root });
  for (const name of names) {
    const response = await fetch(`${server.url}/${encodeURIComponent(name)}`);
    const text = await response.text();
    // Dotfiles are hidden, and a query needs no escape where it is none.
    assertEquals(
      [response.status, text],
      name.startsWith(".") ? [404, text] : [200, `this is ${name}`],
      name,
    );
  }
  assertEquals(server.log, []);
});

Deno.test("CachedFileStore finds a name of 255 bytes, and nothing past that", async () => {
  const longest = "n".repeat(255);
  // Three bytes each.
  const longestInUtf8 = "語".repeat(85);
  using tree = await makeTree({
    [`www/${longest}`]: "longest",
    [`www/${longestInUtf8}`]: "longest, in UTF-8",
  });
  const store = new CachedFileStore(tree.root);
  assertEquals(contentOf(store.find([longest])), "longest");
  assertEquals(contentOf(store.find([longestInUtf8])), "longest, in UTF-8");
  for (
    const segments of [
      [longest + "n"],
      ["語".repeat(86)],
      ["n".repeat(8000)],
      [longest + "n", "index.html"],
      // Each fits; the path does not.
      Array(100).fill(longest),
    ]
  ) assertEquals(store.find(segments), { kind: "nothing" });
});

Deno.test("CachedFileStore has nothing under names that no file can have", async () => {
  using tree = await makeTree({ "www/a": "a" });
  const store = new CachedFileStore(tree.root);
  assertEquals(store.find(["a\0"]), { kind: "nothing" });
  assertEquals(store.find(["a\0b", "index.html"]), { kind: "nothing" });
  assertEquals(store.find(["\ud800"]), { kind: "nothing" });
});
