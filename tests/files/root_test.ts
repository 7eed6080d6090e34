/**
 * The walls of a directory, where somebody moves things while they are looked at.
 * What they keep out of a tree that stands still is in cached_file_store_test.ts and
 * containment_test.ts.
 */

import { assert, assertEquals, assertLess } from "@std/assert";
import { identityOf } from "../../lib/files/file_identity.ts";
import { type Opened, Root } from "../../lib/files/root.ts";
import { makeTree } from "../support/tree.ts";

const most = 1000;

/** The questions about a name, each followed by what somebody does then. They are
 * this thread's own functions, so nothing depends on who is faster. */
class Meddler implements Disposable {
  readonly #lstat = Deno.lstatSync;
  readonly #realPath = Deno.realPathSync;

  /** @param deeds in their order, from the first `lstat` on */
  constructor(...deeds: (() => void)[]) {
    let begun = false;
    const then = <Value>(value: Value): Value => {
      deeds.shift()?.();
      return value;
    };
    Deno.lstatSync = (path) => {
      begun = true;
      return then(this.#lstat(path));
    };
    Deno.realPathSync = (path) => {
      const real = this.#realPath(path);
      return begun ? then(real) : real;
    };
  }

  [Symbol.dispose](): void {
    Deno.lstatSync = this.#lstat;
    Deno.realPathSync = this.#realPath;
  }
}

function textOf(opened: Opened): string {
  return opened.kind === "file"
    ? new TextDecoder().decode(opened.file.bytes!)
    : opened.kind;
}

/** After so long somebody opens the other end of a FIFO: a test that waits for that
 * fails, and does not hang. */
const rescueMs = 10_000;

function rescue(fifo: string): AsyncDisposable {
  const child = new Deno.Command("sh", {
    args: ["-c", `sleep ${rescueMs / 1000}; exec 3<>"$0"; exec sleep 60`, fifo],
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await child.status;
    },
  };
}

Deno.test("Root does not wait for the writer of a FIFO that takes the place of a file", async () => {
  using tree = await makeTree({
    "www/page.txt": "page",
    "fifo": { kind: "fifo" },
  });
  const path = tree.path("www/page.txt");
  await using _rescue = rescue(path);
  const root = new Root(tree.root);
  const begun = performance.now();
  {
    using _ = new Meddler(() => Deno.renameSync(tree.path("fifo"), path));
    assertEquals(root.open(["page.txt"]), { kind: "nothing" });
  }
  // Nor does it read one that is what it is said to be.
  const identity = identityOf(Deno.lstatSync(path));
  assertEquals(root.read({ path, identity }), null);
  assertLess(performance.now() - begun, rescueMs);
});

Deno.test("Root opens nothing through a link that takes the place of a file", async () => {
  using tree = await makeTree({
    "www/page.txt": "inside",
    "www/link": { kind: "link", to: "/secret.txt" },
    "secret.txt": "outside",
  });
  const root = new Root(tree.root);
  using _ = new Meddler(() =>
    Deno.renameSync(tree.path("www/link"), tree.path("www/page.txt"))
  );
  assertEquals(textOf(root.open(["page.txt"])), "nothing");
});

/** Turns a directory into a link that leads out, and back again. */
function turnable(tree: { path(name: string): string }) {
  const docs = tree.path("www/docs");
  return {
    out() {
      Deno.renameSync(docs, tree.path("www/kept"));
      Deno.symlinkSync(tree.path("outside"), docs);
    },
    back() {
      Deno.removeSync(docs);
      Deno.renameSync(tree.path("www/kept"), docs);
    },
  };
}

Deno.test("Root serves nothing from outside where a directory leads out and back while it is opened", async () => {
  using tree = await makeTree({
    "www/docs/page.txt": "inside",
    "outside/page.txt": "outside",
  });
  const root = new Root(tree.root);
  const { out, back } = turnable(tree);
  using _ = new Meddler(out, back);
  // It is tried again.
  assertEquals(textOf(root.open(["docs", "page.txt"])), "inside");
});

Deno.test("Root lists nothing from outside where a directory leads out while it is read", async () => {
  using tree = await makeTree({
    "www/docs/page.txt": "inside",
    "outside/secret.txt": "outside",
  });
  const root = new Root(tree.root);
  const { out } = turnable(tree);
  using _ = new Meddler(out);
  assertEquals(root.list(["docs"], most), { kind: "nothing" });
});

Deno.test("Root hides what is hidden by its real path, whatever leads there", async () => {
  using tree = await makeTree({
    "www/.env": "secret",
    "www/.git/config": "secret",
    "www/.well-known/security.txt": "to be read",
    "www/.well-known/.env": "secret",
    "www/docs/.draft.txt": "secret",
    "www/links/env": { kind: "link", to: "../.env" },
    "www/links/git": { kind: "link", to: "/www/.git" },
    "www/links/config": { kind: "link", to: "git/config" },
    "www/links/draft": { kind: "link", to: "../docs/.draft.txt" },
    "www/links/known-env": { kind: "link", to: "../.well-known/.env" },
    "www/links/known": { kind: "link", to: "../.well-known" },
    "www/links/security": { kind: "link", to: "../.well-known/security.txt" },
  });
  const root = new Root(tree.root);
  for (
    const name of [
      "links/env",
      "links/git",
      "links/git/config",
      "links/config",
      "links/draft",
      "links/known-env",
      "links/known/.env",
    ]
  ) assertEquals(textOf(root.open(name.split("/"))), "nothing", name);
  assertEquals(textOf(root.open(["links", "security"])), "to be read");
  assertEquals(
    textOf(root.open(["links", "known", "security.txt"])),
    "to be read",
  );
  assertEquals(root.list(["links", "git"], most), { kind: "nothing" });
  assertEquals(namesIn(root, ["links"]), ["known", "security"]);
});

Deno.test("Root hides nothing because of where its directory is", async () => {
  using tree = await makeTree({ "www/.sites/blog/index.html": "blog" });
  const root = new Root(tree.path("www/.sites/blog"));
  assertEquals(textOf(root.open(["index.html"])), "blog");
  assertEquals(namesIn(root, []), ["index.html"]);
});

Deno.test("Root lists the names that a path can have", async () => {
  using tree = await makeTree({
    "www/a\\b.txt": "",
    "www/..\\x": "",
    "www/\\": "",
    "www/a b.txt": "",
    "www/100%.txt": "",
  });
  // 0xE9 is no UTF-8.
  const { success } = await new Deno.Command("sh", {
    args: ["-c", `cd "$0" && : > "$(printf 'caf\\351.txt')"`, tree.root],
  }).output();
  assert(success);
  assertEquals(namesIn(new Root(tree.root), []), ["100%.txt", "a b.txt"]);
});

Deno.test("Root looks only at so many names, folders and the first by name, and counts the others", async () => {
  using tree = await makeTree({
    "www/10.txt": "",
    "www/9.txt": "",
    "www/b.txt": "",
    "www/.hidden": "",
    "www/z/x": "",
    "www/y/x": "",
    "www/a.txt": "",
  });
  const root = new Root(tree.root);
  const some = root.list([], 4);
  assert(some.kind === "entries");
  assertEquals(
    some.entries.map(({ name }) => name).sort(),
    ["10.txt", "9.txt", "y", "z"],
  );
  assertEquals([some.omitted, some.names], [2, 7]);
  const all = root.list([], 6);
  assert(all.kind === "entries");
  assertEquals([all.entries.length, all.omitted], [6, 0]);
});

function namesIn(root: Root, segments: readonly string[]): string[] {
  const listed = root.list(segments, most);
  return listed.kind === "entries"
    ? listed.entries.map(({ name }) => name).sort()
    : [listed.kind];
}
