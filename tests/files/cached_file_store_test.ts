/**
 * A directory as a site: what it finds and what it does not, whatever stands in it. What
 * changes meanwhile is in cached_file_store_changes_test.ts.
 */

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { join } from "@std/path";
import { CachedFileStore } from "../../lib/files/cached_file_store.ts";
import { startTestServer } from "../support/test_server.ts";
import { makeTree } from "../support/tree.ts";
import { contentOf, fileOf } from "../support/found.ts";

/** A mode that keeps others out keeps the superuser out of nothing. */
const isRoot = Deno.uid() === 0;

// --- containment ---

Deno.test("CachedFileStore finds what is under its root, and nothing else", async () => {
  using tree = await makeTree({
    "www/index.html": "inside",
    "www/docs/page.html": "deeper inside",
    // Its path begins with the root's.
    "www-backup/secret.txt": "outside",
    "outside/secret.txt": "outside",
    "outside/index.html": "outside",

    "www/link-to-sibling.txt": { kind: "link", to: "/www-backup/secret.txt" },
    "www/link-out.txt": { kind: "link", to: "/outside/secret.txt" },
    "www/relative-link-out.txt": {
      kind: "link",
      to: "../outside/secret.txt",
    },
    "www/dir-link-out": { kind: "link", to: "/outside" },
    "www/dir-link-to-sibling": { kind: "link", to: "/www-backup" },
    "www/link-to-passwd": { kind: "link", to: "../../../../../etc/passwd" },
    "www/link-up": { kind: "link", to: ".." },
    // Two steps: the first stays inside.
    "www/link-to-link": { kind: "link", to: "link-out.txt" },
    "www/link-out-to-nothing": { kind: "link", to: "/outside/nothing" },
    // Outside and back: where it ends is what counts.
    "outside/link-back": { kind: "link", to: "/www/index.html" },
    "www/link-there-and-back": { kind: "link", to: "/outside/link-back" },

    "www/link-in.html": { kind: "link", to: "docs/page.html" },
    "www/absolute-link-in.html": { kind: "link", to: "/www/docs/page.html" },
    "www/dir-link-in": { kind: "link", to: "docs" },
    "www/link-to-top": { kind: "link", to: "." },
    "www/dangling": { kind: "link", to: "nowhere" },
    "www/loop": { kind: "link", to: "loop" },
    "www/loop-a": { kind: "link", to: "loop-b" },
    "www/loop-b": { kind: "link", to: "loop-a" },
  });
  const store = new CachedFileStore(tree.root);

  for (
    const name of [
      "link-to-sibling.txt",
      "link-out.txt",
      "relative-link-out.txt",
      "dir-link-out",
      "dir-link-out/secret.txt",
      "dir-link-out/index.html",
      "dir-link-to-sibling/secret.txt",
      "link-to-passwd",
      "link-up",
      "link-up/outside/secret.txt",
      "link-to-link",
      "link-out-to-nothing",
      "dangling",
      "loop",
      "loop-a",
      "nothing",
      "nothing/index.html",
      "index.html/index.html",
    ]
  ) assertEquals(store.find(name.split("/")), { kind: "nothing" }, name);

  for (
    const [name, content] of [
      ["index.html", "inside"],
      ["docs/page.html", "deeper inside"],
      ["link-in.html", "deeper inside"],
      ["absolute-link-in.html", "deeper inside"],
      ["dir-link-in/page.html", "deeper inside"],
      ["link-to-top/index.html", "inside"],
      ["link-to-top/link-to-top/docs/page.html", "deeper inside"],
      ["link-there-and-back", "inside"],
    ]
  ) assertEquals(contentOf(store.find(name.split("/"))), content, name);

  for (const name of ["docs", "dir-link-in", "link-to-top"]) {
    assertEquals(store.find([name]), { kind: "directory" }, name);
  }
  assertEquals(store.find([]), { kind: "directory" });
});

// A handler gives it no such names; it must not depend on that.
Deno.test("CachedFileStore keeps to its root whatever it is asked for", async () => {
  using tree = await makeTree({
    "www/index.html": "inside",
    "outside/secret.txt": "outside",
  });
  const store = new CachedFileStore(tree.root);
  for (
    const segments of [
      ["..", "outside", "secret.txt"],
      ["../outside/secret.txt"],
      [".."],
      ["..", "..", "..", "..", "etc", "passwd"],
      [tree.path("outside/secret.txt")],
    ]
  ) {
    assertEquals(store.find(segments), { kind: "nothing" }, segments.join("/"));
  }
});

Deno.test("CachedFileStore serves the whole file system where that is its root", async () => {
  using tree = await makeTree({ "www/index.html": "inside" });
  const segments = join(tree.root, "index.html").split("/").slice(1);
  assertEquals(contentOf(new CachedFileStore("/").find(segments)), "inside");
});

Deno.test("a server serves a root that is a link, and nothing that a link leads out to", async () => {
  using tree = await makeTree({
    "releases/7/index.html": "release 7",
    "releases/7/link-out.txt": { kind: "link", to: "/outside/secret.txt" },
    "releases/7/dir-link-out": { kind: "link", to: "/outside" },
    "releases/7/link-out-to-nothing": { kind: "link", to: "/outside/nothing" },
    "outside/secret.txt": "outside",
    "current": { kind: "link", to: "/releases/7" },
  });
  await using server = await startTestServer({ root: tree.path("current") });
  const status = async (path: string) => {
    const response = await fetch(server.url + path);
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await (await fetch(`${server.url}/`)).text(), "release 7");
  for (
    const path of [
      "/link-out.txt",
      "/dir-link-out/secret.txt",
      "/dir-link-out/nothing",
      "/dir-link-out",
      "/dir-link-out/",
      // A worker may not even look whether that is there; the answer is the same.
      "/link-out-to-nothing",
    ]
  ) assertEquals(await status(path), 404, path);
  assertEquals(server.log, []);
});

// --- what is no file ---

Deno.test("CachedFileStore has nothing where there is no regular file", async () => {
  using tree = await makeTree({
    // Opening it would wait for a writer, for ever.
    "www/fifo": { kind: "fifo" },
    "www/socket": { kind: "socket" },
    "www/link-to-fifo": { kind: "link", to: "fifo" },
    "www/link-to-device": { kind: "link", to: "../../../../../dev/zero" },
  });
  const store = new CachedFileStore(tree.root);
  for (const name of ["fifo", "socket", "link-to-fifo", "link-to-device"]) {
    assertEquals(store.find([name]), { kind: "nothing" }, name);
  }
  const devices = new CachedFileStore("/dev");
  for (const name of ["null", "zero"]) {
    assertEquals(devices.find([name]), { kind: "nothing" }, name);
  }
});

Deno.test("CachedFileStore finds directories, empty ones too", async () => {
  using tree = await makeTree({
    "www/docs/page.html": "page",
    "www/empty": { kind: "directory" },
  });
  const store = new CachedFileStore(tree.root);
  assertEquals(store.find(["docs"]), { kind: "directory" });
  assertEquals(store.find(["empty"]), { kind: "directory" });
  assertEquals(store.find(["empty", "index.html"]), { kind: "nothing" });
});

Deno.test({
  name: isRoot
    ? "CachedFileStore tells what it may not read (skipped: the superuser may read all)"
    : "CachedFileStore tells what it may not read",
  ignore: isRoot,
  async fn() {
    using tree = await makeTree({
      "www/secret.txt": "unreadable",
      "www/closed/page.html": "behind a closed door",
    });
    await Deno.chmod(tree.path("www/secret.txt"), 0o000);
    await Deno.chmod(tree.path("www/closed"), 0o000);
    try {
      const store = new CachedFileStore(tree.root);
      for (const name of ["secret.txt", "closed/page.html", "closed/nothing"]) {
        assertEquals(store.find(name.split("/")), { kind: "forbidden" }, name);
      }
      // It is no file that could be read anyway.
      assertEquals(store.find(["closed"]), { kind: "directory" });
    } finally {
      // Or it could not be removed.
      await Deno.chmod(tree.path("www/closed"), 0o700);
    }
  },
});

// --- content ---

Deno.test("CachedFileStore brings small files along, and only points to large ones", async () => {
  const limit = 64 * 1024;
  using tree = await makeTree({
    "www/empty": "",
    "www/small": new Uint8Array(limit).fill(1),
    "www/large": new Uint8Array(limit + 1).fill(2),
  });
  const store = new CachedFileStore(tree.root);
  assertEquals(fileOf(store.find(["empty"])).bytes?.length, 0);
  assertEquals(fileOf(store.find(["small"])).bytes?.length, limit);
  const large = fileOf(store.find(["large"]));
  assertStrictEquals(large.bytes, null);
  assertEquals(large.path, tree.path("www/large"));
  assertEquals(large.identity.size, limit + 1);
});

Deno.test("CachedFileStore gives the real path and identity of what a link leads to", async () => {
  using tree = await makeTree({
    "www/docs/page.html": "page",
    "www/link": { kind: "link", to: "docs/page.html" },
  });
  const { path, identity } = fileOf(
    new CachedFileStore(tree.root).find(["link"]),
  );
  const info = await Deno.stat(tree.path("www/docs/page.html"));
  assertEquals(path, tree.path("www/docs/page.html"));
  assertEquals(identity, {
    dev: info.dev,
    ino: info.ino!,
    size: 4,
    mtimeMs: info.mtime!.getTime(),
    ctimeMs: info.ctime!.getTime(),
  });
});

Deno.test("CachedFileStore gives the same file again while nothing changes", async () => {
  using tree = await makeTree({ "www/page.html": "page" });
  const store = new CachedFileStore(tree.root);
  assertStrictEquals(
    fileOf(store.find(["page.html"])),
    fileOf(store.find(["page.html"])),
  );
});

Deno.test("CachedFileStore gives the right content past what its cache holds", async () => {
  const count = 40;
  const size = 1024 * 1024;
  // The cache holds 32 MiB; as many names of one small file as that and more.
  const entries: Record<string, string> = {};
  for (let i = 0; i < count * 16; i++) {
    entries[`www/${i}`] = `${i} `.padEnd(size / 16, ".");
  }
  using tree = await makeTree(entries);
  const store = new CachedFileStore(tree.root);
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < count * 16; i++) {
      const content = contentOf(store.find([`${i}`]));
      assert(content.startsWith(`${i} `) && content.length === size / 16);
    }
  }
});
