import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { watchModules } from "../../lib/cli/module_watch.ts";
import { halted, inTime, pause, until } from "../support/in_time.ts";
import { makeTree, type Tree } from "../support/tree.ts";

/** A watch of a tree's `www/app.ts` that counts, closed with its scope. */
async function watched() {
  const tree = await makeTree({
    "www/app.ts": "1",
    "www/lib/part.ts": "1",
    "www/node_modules/dep/index.js": "1",
    "www/.git/hook.js": "1",
    "elsewhere/new/deep/part.ts": "1",
    "elsewhere/empty/notes.txt": "1",
  });
  let changes = 0;
  const watch = watchModules(tree.path("www/app.ts"), () => changes++);
  return {
    tree,
    /** Resolves when it was told of a change since the last look. */
    async told() {
      await until(() => changes > 0);
      changes = 0;
    },
    get changes() {
      return changes;
    },
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      tree[Symbol.dispose]();
      await watch.ended;
    },
  };
}

const write = (tree: Tree, name: string) =>
  Deno.writeTextFile(join(tree.root, name), "2");

for (
  const { name, change } of [
    { name: "the app is written", change: (t: Tree) => write(t, "app.ts") },
    {
      name: "a module below it is written",
      change: (t: Tree) => write(t, "lib/part.ts"),
    },
    { name: "a module comes", change: (t: Tree) => write(t, "new.json") },
    {
      name: "a module goes",
      change: (t: Tree) => Deno.remove(join(t.root, "lib/part.ts")),
    },
    {
      name: "the app is saved by renaming",
      change: async (t: Tree) => {
        await write(t, "app.ts~");
        await Deno.rename(join(t.root, "app.ts~"), join(t.root, "app.ts"));
      },
    },
    {
      name: "a directory with modules comes",
      change: (t: Tree) =>
        Deno.rename(t.path("elsewhere/new"), join(t.root, "new")),
    },
  ]
) {
  Deno.test(
    `watchModules() tells when ${name}`,
    inTime(async () => {
      await using watch = await watched();
      await change(watch.tree);
      await watch.told();
    }),
  );
}

Deno.test(
  "watchModules() watches a directory that has come",
  inTime(async () => {
    await using watch = await watched();
    const from = watch.tree.path("elsewhere/new");
    await Deno.rename(from, join(watch.tree.root, "new"));
    await watch.told();
    await write(watch.tree, "new/deep/part.ts");
    await watch.told();
  }),
);

Deno.test(
  "watchModules() tells once of changes that come together",
  inTime(async () => {
    await using watch = await watched();
    const told: number[] = [];
    for (let round = 0; round < 3; round++) {
      const before = watch.changes;
      for (let i = 0; i < 10; i++) {
        Deno.writeTextFileSync(join(watch.tree.root, "app.ts"), `${i}`);
      }
      await until(() => watch.changes > before);
      told.push(await halted(() => watch.changes) - before);
    }
    // A machine that is busy may tear one of them apart.
    assertEquals(told.toSorted()[1], 1, `${told}`);
  }),
);

Deno.test(
  "watchModules() takes no notice of what is read, is no module, or is installed",
  inTime(async () => {
    await using watch = await watched();
    await Deno.readTextFile(join(watch.tree.root, "app.ts"));
    await write(watch.tree, "notes.txt");
    await write(watch.tree, "node_modules/dep/index.js");
    await write(watch.tree, ".git/hook.js");
    const from = watch.tree.path("elsewhere/empty");
    await Deno.rename(from, join(watch.tree.root, "empty"));
    // Longer than any change takes to be told.
    await pause(400);
    assertEquals(watch.changes, 0);
    await write(watch.tree, "app.ts");
    await watch.told();
  }),
);
