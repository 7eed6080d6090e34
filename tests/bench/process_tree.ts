/**
 * Reads the tree of processes below one, the memory it holds and the time it computed, from /proc. Where
 * there is no /proc a tree is its root alone, and the rest is not known.
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

/** The kernel counts in hundredths of a second, for whoever reads /proc, on every machine Deno runs on. */
export const ticksPerSecond = 100;

/**
 * The seconds that `root` and every process below it have computed so far, on all cores together.
 *
 * @throws {Deno.errors.NotFound} If there is no /proc, or the process has ended.
 */
export function cpuSeconds(root: number): number {
  return processTree(root)
    .reduce((sum, pid) => sum + secondsOfFields(pid, utime, stime), 0);
}

/** The same; `NaN` where it is not known. */
export function cpuSecondsIfKnown(root: number): number {
  try {
    return cpuSeconds(root);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return NaN;
    throw error;
  }
}

/**
 * The seconds that those processes below `root` have computed which have ended.
 *
 * @throws {Deno.errors.NotFound} If there is no /proc, or the process has ended.
 */
export function endedCpuSeconds(root: number): number {
  return processTree(root)
    .reduce((sum, pid) => sum + secondsOfFields(pid, cutime, cstime), 0);
}

// The numbers of the fields in proc_pid_stat(5).
const [utime, stime, cutime, cstime] = [14, 15, 16, 17];

function secondsOfFields(pid: number, ...fields: number[]): number {
  const words = statWords(pid);
  // The first word is field 3.
  return fields.reduce((sum, field) => sum + Number(words[field - 3]), 0) /
    ticksPerSecond;
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

function parentOf(pid: number): number | undefined {
  try {
    return Number(statWords(pid)[1]);
  } catch {
    return undefined; // It ended since it was listed.
  }
}

/** The words of `stat` from the third on: those behind the name, which may hold spaces and brackets. */
function statWords(pid: number): string[] {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}
