/**
 * Trees of files for tests: a temporary directory that is built in code and gone
 * when its scope is left. What is served is its `www`; beside that there is room
 * for what must not be.
 */

import { dirname, join } from "@std/path";

/** What stands under a name. */
export type TreeEntry =
  /** A file with that content. */
  | string
  | Uint8Array
  | { readonly kind: "directory" }
  /** A symbolic link, to a name in the tree (beginning with `/`), or as it is. */
  | { readonly kind: "link"; readonly to: string }
  | { readonly kind: "fifo" }
  | { readonly kind: "socket" };

/** A tree on disk. */
export interface Tree extends Disposable {
  /** The real path of what is served, the tree's `www`. */
  readonly root: string;
  /** The real path that a name in the tree has. */
  path(name: string): string;
}

/** Builds a tree: names like `www/a.txt`, with the directories they need. */
export async function makeTree(
  entries: Readonly<Record<string, TreeEntry>>,
): Promise<Tree> {
  // A temporary directory may itself be behind a link.
  const top = await Deno.realPath(await Deno.makeTempDir());
  const listeners: Deno.UnixListener[] = [];
  const tree: Tree = {
    root: join(top, "www"),
    path: (name) => join(top, name),
    [Symbol.dispose]() {
      for (const listener of listeners) listener.close();
      Deno.removeSync(top, { recursive: true });
    },
  };
  try {
    await Deno.mkdir(tree.root);
    for (const [name, entry] of Object.entries(entries)) {
      await Deno.mkdir(dirname(tree.path(name)), { recursive: true });
      await put(tree, tree.path(name), entry, listeners);
    }
  } catch (error) {
    tree[Symbol.dispose]();
    throw error;
  }
  return tree;
}

async function put(
  tree: Tree,
  path: string,
  entry: TreeEntry,
  listeners: Deno.UnixListener[],
): Promise<void> {
  if (typeof entry === "string") return await Deno.writeTextFile(path, entry);
  if (entry instanceof Uint8Array) return await Deno.writeFile(path, entry);
  switch (entry.kind) {
    case "directory":
      return await Deno.mkdir(path, { recursive: true });
    case "link": {
      const to = entry.to.startsWith("/") ? tree.path(entry.to) : entry.to;
      return await Deno.symlink(to, path);
    }
    case "fifo":
      return await makeFifo(path);
    case "socket":
      listeners.push(Deno.listen({ transport: "unix", path }));
  }
}

async function makeFifo(path: string): Promise<void> {
  const { success } = await new Deno.Command("mkfifo", { args: [path] })
    .output();
  if (!success) throw new Error(`Cannot make the FIFO ${path}`);
}
