/**
 * What tells a file from others, and its content from earlier content, by what the file
 * system says. Must not know where files are, or who asks.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { FileIdentity } from "../http/message.ts";

// The clock that stamps files has ticks of up to 10 ms (a kernel's timer), or of
// one or two seconds (FAT, HFS+, NFS of old), which whole seconds give away.
const fineTickMs = 20;
const coarseTickMs = 2000;

/** What the runtime's own functions and those of `node:fs` both tell about a file. */
export type FileStats = Pick<
  Deno.FileInfo,
  "dev" | "ino" | "size" | "mtime" | "ctime"
>;

export function identityOf(info: FileStats): FileIdentity {
  return {
    dev: info.dev,
    ino: info.ino ?? 0,
    size: info.size,
    mtimeMs: info.mtime?.getTime() ?? 0,
    ctimeMs: info.ctime?.getTime() ?? 0,
  };
}

/** Whether two looks saw the same file with the same content. */
export function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.ino === b.ino && a.dev === b.dev && a.size === b.size &&
    a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;
}

/**
 * Whether a change after that look would show: within one tick of the clock that stamps
 * files, a second change leaves the same times as the first.
 *
 * @param lookedAt in milliseconds since the epoch
 */
export function isSettled(identity: FileIdentity, lookedAt: number): boolean {
  const tickMs = identity.mtimeMs % 1000 === 0 ? coarseTickMs : fineTickMs;
  return Math.abs(lookedAt - identity.mtimeMs) >= tickMs;
}

/**
 * A tag for the content of a file that was not read: as good as the clock of the file
 * system.
 */
export function identityTag(identity: FileIdentity): string {
  const { size, mtimeMs, ctimeMs, ino } = identity;
  return [size, mtimeMs, ctimeMs, ino]
    .map((number) => number.toString(36))
    .join("-");
}

/** A hash of content, to make an entity tag of. It is the same on every machine, after
 * every restart, and does not depend on a clock. 10 us for 10 KiB. */
export function contentTag(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64url").slice(0, 20);
}
