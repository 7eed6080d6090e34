/**
 * Whether two files are the same, and whether a file has changed, by the metadata of
 * the file system. Also a tag of what was not read. Must not know where files are.
 *
 * @module
 */

import type { FileIdentity } from "../http/message.ts";

// The clock of file times has ticks of up to 10 ms (a kernel's timer), or of one or two
// seconds (FAT, HFS+, old NFS). A time in whole seconds shows the latter.
const fineTickMs = 20;
const coarseTickMs = 2000;

/** @param info of the runtime's own functions, or of `node:fs` */
export function identityOf(
  info: Pick<Deno.FileInfo, "dev" | "ino" | "size" | "mtime" | "ctime">,
): FileIdentity {
  return {
    dev: info.dev,
    ino: info.ino ?? 0,
    size: info.size,
    mtimeMs: info.mtime?.getTime() ?? 0,
    ctimeMs: info.ctime?.getTime() ?? 0,
  };
}

/** Whether both are of the same file with the same content. */
export function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.ino === b.ino && a.dev === b.dev && a.size === b.size &&
    a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;
}

/**
 * Whether a change after `checkedAt` would change the identity: a second change within
 * one tick of the clock of file times leaves the same times as the first.
 *
 * @param checkedAt in milliseconds since the epoch
 */
export function isSettled(identity: FileIdentity, checkedAt: number): boolean {
  const tickMs = identity.mtimeMs % 1000 === 0 ? coarseTickMs : fineTickMs;
  return Math.abs(checkedAt - identity.mtimeMs) >= tickMs;
}

/** A tag for content that was not read. Strong only where {@linkcode isSettled}. */
export function identityTag(identity: FileIdentity): string {
  const { size, mtimeMs, ctimeMs, ino } = identity;
  return [size, mtimeMs, ctimeMs, ino]
    .map((number) => number.toString(36))
    .join("-");
}
