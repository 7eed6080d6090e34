/**
 * A directory whose files change: that is seen at once or within a second, and known by
 * another ETag.
 */

import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStrictEquals,
} from "@std/assert";
import { dirname, join } from "@std/path";
import { handleStatic } from "../../lib/files/static_handler.ts";
import { fieldValue } from "../../lib/http/message.ts";
import { CachedFileStore } from "../../lib/files/cached_file_store.ts";
import { Clock } from "../support/clock.ts";
import { within } from "../support/in_time.ts";
import { requestOf } from "../support/requests.ts";
import { startTestServer } from "../support/test_server.ts";
import { makeTree } from "../support/tree.ts";
import { contentOf, fileOf } from "../support/found.ts";

/** The ETag that a client would see. */
function etagOf(store: CachedFileStore, name: string): string {
  const { fields } = handleStatic(requestOf(`/${name}`), store);
  return fieldValue(fields, "ETag") ?? "";
}

/** By another file that is moved to its name, as careful editors do it. */
async function replace(path: string, content: string): Promise<void> {
  const other = `${path}.new`;
  await Deno.writeTextFile(other, content);
  await Deno.rename(other, path);
}

interface ChangeCase {
  readonly how: string;
  change(path: string): Promise<void>;
  /** What is found then: a kind, or a content. */
  readonly want: string;
}

const changes: ChangeCase[] = [
  {
    how: "was written over with something longer",
    change: (path) => Deno.writeTextFile(path, "after, and longer"),
    want: "after, and longer",
  },
  {
    how: "was written over with as many bytes",
    change: (path) => Deno.writeTextFile(path, "after."),
    want: "after.",
  },
  {
    how: "was written over, and its time set back",
    async change(path) {
      const { mtime, ctime } = await Deno.stat(path);
      await Deno.writeTextFile(path, "after.");
      // Nobody can set back the ctime, which Deno tells to the second.
      do await Deno.utime(path, mtime!, mtime!); while (
        `${(await Deno.stat(path)).ctime}` === `${ctime}`
      );
    },
    want: "after.",
  },
  {
    how: "was replaced",
    change: (path) => replace(path, "after!"),
    want: "after!",
  },
  {
    how: "was replaced by one of the same age",
    async change(path) {
      const { mtime } = await Deno.stat(path);
      await replace(path, "after!");
      await Deno.utime(path, mtime!, mtime!);
    },
    want: "after!",
  },
  {
    how: "became a link to another",
    async change(path) {
      await Deno.writeTextFile(`${path}.other`, "after.");
      await Deno.remove(path);
      await Deno.symlink(`${path}.other`, path);
    },
    want: "after.",
  },
  {
    how: "became a link to one outside",
    async change(path) {
      await Deno.remove(path);
      await Deno.symlink("/etc/passwd", path);
    },
    want: "nothing",
  },
  {
    how: "is in a directory that became a link to one outside",
    async change(path) {
      await Deno.rename(dirname(path), `${dirname(path)}-moved`);
      await Deno.symlink(join(dirname(path), "../../outside"), dirname(path));
    },
    want: "nothing",
  },
  {
    how: "became a directory",
    async change(path) {
      await Deno.remove(path);
      await Deno.mkdir(path);
    },
    want: "directory",
  },
  { how: "is gone", change: (path) => Deno.remove(path), want: "nothing" },
];

// A young file might have changed again within a tick of the file system's clock,
// so it is looked at more closely than an old one.
for (const age of ["young", "old"]) {
  for (const { how, change, want } of changes) {
    Deno.test(`CachedFileStore sees within a second that a file ${how}, be it ${age}`, async () => {
      using tree = await makeTree({
        "www/docs/page.txt": "before",
        "outside/page.txt": "outside",
      });
      using clock = new Clock();
      const path = tree.path("www/docs/page.txt");
      const written = await Deno.stat(path);
      // The times of an old one tell its changes apart.
      while (age === "old" && Date.now() - written.mtime!.getTime() < 50) {
        await Deno.stat(path);
      }
      clock.forward(age === "old" ? 3_600_000 : 0);
      const store = new CachedFileStore(tree.root);
      const find = () => store.find(["docs", "page.txt"]);
      assertEquals(contentOf(find()), "before");
      await change(path);
      clock.forward(1000);
      const found = find();
      assertEquals(
        found.kind === "file" ? contentOf(found) : found.kind,
        want,
      );
    });
  }
}

// The clock of a file system has ticks: within one, the second change leaves the
// same size and the same times behind as the first.
Deno.test("CachedFileStore sees within a second that files changed again in the same millisecond", async () => {
  using tree = await makeTree({});
  using clock = new Clock();
  const store = new CachedFileStore(tree.root);
  const names = Array.from({ length: 100 }, (_, i) => `${i}.txt`);
  for (const name of names) {
    const path = join(tree.root, name);
    Deno.writeTextFileSync(path, "before");
    assertEquals(contentOf(store.find([name])), "before");
    Deno.writeTextFileSync(path, "after.");
  }
  clock.forward(1000);
  for (const name of names) {
    assertEquals(contentOf(store.find([name])), "after.");
  }
});

// Each is looked at for its own sake and for the other's: one span is not to follow
// upon the other.
Deno.test("CachedFileStore sees within a second that what is beside a file changed, whenever each was looked at", async () => {
  for (const aheadMs of [0, 1, 300, 500, 700, 899, 999]) {
    using tree = await makeTree({
      "www/app.js": "plain",
      "www/app.js.br": "before",
    });
    using clock = new Clock();
    const store = new CachedFileStore(tree.root);
    fileOf(store.find(["app.js.br"]));
    await replace(tree.path("www/app.js.br"), "after!");
    clock.forward(aheadMs);
    fileOf(store.find(["app.js"]));
    clock.forward(1000 - aheadMs);
    const { br } = fileOf(store.find(["app.js"])).siblings;
    assert(br !== undefined);
    assertEquals(new TextDecoder().decode(br.bytes!), "after!", `${aheadMs}`);
  }
});

Deno.test("CachedFileStore does not read an old file again that is as it was", async () => {
  using tree = await makeTree({ "www/page.txt": "page" });
  using clock = new Clock();
  const store = new CachedFileStore(tree.root);
  clock.forward(3_600_000);
  const first = fileOf(store.find(["page.txt"]));
  clock.forward(1000);
  assertStrictEquals(fileOf(store.find(["page.txt"])), first);
});

Deno.test("CachedFileStore sees at once that a file came to be", async () => {
  using tree = await makeTree({});
  const store = new CachedFileStore(tree.root);
  assertEquals(store.find(["page.txt"]), { kind: "nothing" });
  await Deno.writeTextFile(tree.path("www/page.txt"), "now");
  assertEquals(contentOf(store.find(["page.txt"])), "now");
});

Deno.test("a replaced file has another ETag, even with as many bytes", async () => {
  using tree = await makeTree({ "www/page.txt": "before" });
  using clock = new Clock();
  const store = new CachedFileStore(tree.root);
  const before = etagOf(store, "page.txt");
  await replace(tree.path("www/page.txt"), "after!");
  clock.forward(1000);
  assertEquals(contentOf(store.find(["page.txt"])), "after!");
  assertNotEquals(etagOf(store, "page.txt"), before);
});

Deno.test("a server serves a changed file fresh within a second", async () => {
  using tree = await makeTree({ "www/page.txt": "before" });
  await using server = await startTestServer({ root: tree.root });
  const ask = async () => await (await fetch(`${server.url}/page.txt`)).text();
  assertEquals(await ask(), "before");
  await Deno.writeTextFile(tree.path("www/page.txt"), "after.");
  await within(1000, async () => await ask() === "after.");
});

Deno.test("a server serves a large file at once when it was replaced", async () => {
  const size = 100_000;
  using tree = await makeTree({ "www/large.txt": "a".repeat(size) });
  await using server = await startTestServer({ root: tree.root });
  for (const letter of ["a", "b", "c"]) {
    await replace(tree.path("www/large.txt"), letter.repeat(size));
    const response = await fetch(`${server.url}/large.txt`);
    assertEquals([response.status, (await response.text())[0]], [200, letter]);
  }
});
