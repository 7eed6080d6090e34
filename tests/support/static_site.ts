/**
 * A site that is served as a directory, with options of its own.
 */

import type { SiteOptions } from "../../lib/site_options.ts";
import { type ServedTree, serveTree } from "./served_tree.ts";
import type { TreeEntry } from "./tree.ts";

/** Builds a tree and serves its `www` with those options. */
export function startSite(
  entries: Record<string, TreeEntry>,
  options: Partial<SiteOptions> = {},
): Promise<ServedTree> {
  return serveTree(entries, { site: options });
}
