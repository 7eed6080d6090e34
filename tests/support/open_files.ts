/** Which files this process has open: one that nobody closes is a leak. */

import { until } from "./in_time.ts";

/** Resolves when that file is open no more: what is being read is closed when that is
 * over, so this may take a moment. */
export async function closed(path: string): Promise<void> {
  await until(() => !isOpen(path));
}

/** Whether a descriptor of this process is open on that file. Where the system does
 * not tell, nothing does: the sanitizer of resources knows none of `node:fs`. */
function isOpen(path: string): boolean {
  try {
    return [...Deno.readDirSync("/proc/self/fd")].some(({ name }) =>
      linkTarget(`/proc/self/fd/${name}`) === path
    );
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function linkTarget(path: string): string | null {
  try {
    return Deno.readLinkSync(path);
  } catch {
    // The one through which the directory is read is gone by now.
    return null;
  }
}
