/**
 * A tree of files on disk and a server of it, which begin and end together.
 */

import type { SkeinOptions } from "../../lib/skein.ts";
import { startTestServer, type TestServer } from "./test_server.ts";
import { makeTree, type Tree, type TreeEntry } from "./tree.ts";

/** Both; leaving their scope ends them. */
export interface ServedTree extends AsyncDisposable {
  readonly tree: Tree;
  readonly server: TestServer;
}

/** Builds a tree and serves its `www`. */
export async function serveTree(
  entries: Readonly<Record<string, TreeEntry>>,
  options: Partial<SkeinOptions> = {},
): Promise<ServedTree> {
  await using begun = new AsyncDisposableStack();
  const tree = begun.use(await makeTree(entries));
  const server = begun.use(
    await startTestServer({ root: tree.root, ...options }),
  );
  const both = begun.move();
  return { tree, server, [Symbol.asyncDispose]: () => both.disposeAsync() };
}
