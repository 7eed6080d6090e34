/**
 * Reads the tree of processes below one, and the memory it holds, from /proc. Where there is no /proc
 * a tree is its root alone, and its memory is not known.
 *
 * @module
 */

/** `root` and every process below it. */
export function processTree(root: number): number[] {
  const parents = parentsByPid();
  const tree = [root];
  // The list grows while it is walked, so that grandchildren are found as well.
  for (const parent of tree) {
    for (const [pid, itsParent] of parents) {
      if (itsParent === parent) tree.push(pid);
    }
  }
  return tree;
}

/**
 * The resident memory of `root` and every process below it.
 *
 * @throws {Deno.errors.NotFound} If there is no /proc, or the process has ended.
 */
export function residentBytes(root: number): number {
  return processTree(root).reduce((sum, pid) => sum + residentBytesOf(pid), 0);
}

/** From smaps_rollup: the figure in `status` lags behind by up to some hundred KiB. */
function residentBytesOf(pid: number): number {
  const rollup = Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`);
  return Number(/^Rss:\s+(\d+) kB$/m.exec(rollup)?.[1]) * 1024;
}

function parentsByPid(): Map<number, number> {
  const parents = new Map<number, number>();
  for (const pid of allPids()) {
    const parent = parentOf(pid);
    if (parent !== undefined) parents.set(pid, parent);
  }
  return parents;
}

function allPids(): number[] {
  try {
    return [...Deno.readDirSync("/proc")].map((entry) => Number(entry.name))
      .filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** The fourth word of `stat`; counted from behind the name, which may hold spaces and brackets. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined; // It ended since it was listed.
  }
}
