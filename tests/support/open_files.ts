/** Which files this process has open: one that nobody closes is a leak. */

import { until } from "./in_time.ts";

/** Whether anybody can tell on this system; the sanitizer of resources knows none of
 * `node:fs`. */
export const openFilesAreKnown = Deno.build.os === "linux";

/** Resolves when that file is open. */
export async function opened(path: string): Promise<void> {
  await until(() => isOpen(path));
}

/** Resolves when that file is open no more: what is being read is closed when that is
 * over, so this may take a moment. */
export async function closed(path: string): Promise<void> {
  await until(() => !isOpen(path));
}

/** Whether a descriptor of this process is open on that file. */
function isOpen(path: string): boolean {
  return openFilesAreKnown &&
    [...Deno.readDirSync("/proc/self/fd")].some(({ name }) =>
      linkTarget(`/proc/self/fd/${name}`) === path
    );
}

function linkTarget(path: string): string | null {
  try {
    return Deno.readLinkSync(path);
  } catch {
    // The one through which the directory is read is gone by now.
    return null;
  }
}
