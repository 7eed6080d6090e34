/**
 * What else the machine does while something is measured: figures from a machine that was busy with
 * other things say little, and nothing but this tells them from good ones.
 *
 * @module
 */

import { cpuSeconds, endedCpuSeconds, ticksPerSecond } from "./process_tree.ts";

/**
 * Starts to watch. What it gives tells the share of all cores that processes outside of this one's tree
 * have computed on since then, and time that a virtual machine was not given; nothing where there is no
 * /proc.
 */
export function watchOthers(): () => number | undefined {
  const before = readClocks();
  const start = performance.now();
  return () => {
    const after = readClocks();
    if (before === undefined || after === undefined) return undefined;
    const all = after.busy - before.busy;
    const own = after.own - before.own;
    const seconds = (performance.now() - start) / 1000;
    const share = (all - own) / (seconds * after.cores);
    // The clocks have ticks of 10 ms each, and are not read in the same instant.
    return Math.min(Math.max(share, 0), 1);
  };
}

interface Clocks {
  cores: number;
  /** Seconds of all cores together. */
  busy: number;
  /** Those of this process and everything it started, ended or not. */
  own: number;
}

function readClocks(): Clocks | undefined {
  try {
    const stat = Deno.readTextFileSync("/proc/stat");
    const own = cpuSeconds(Deno.pid) + endedCpuSeconds(Deno.pid);
    return { ...parseStat(stat), own };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The cores of `/proc/stat`, and the seconds they were busy; proc_stat(5). */
export function parseStat(stat: string): { cores: number; busy: number } {
  const [user, nice, system, , , irq, softirq, steal] = stat
    .split("\n", 1)[0].split(/\s+/).slice(1).map(Number);
  const ticks = user + nice + system + irq + softirq + steal;
  const cores = stat.match(/^cpu\d/gm)?.length ?? 1;
  return { cores, busy: ticks / ticksPerSecond };
}
