/**
 * Starts the threads that run what is in `worker/`. Must not know what they are for.
 *
 * @module
 */

import type { Limits } from "../limits.ts";
import type { WorkerConfig } from "./messages.ts";
import { type Thread, WorkerThread } from "./thread.ts";

/** A worker that serves files only may read its root and do nothing else: for that
 * Deno wants `--unstable-worker-options`. With an app it may what the process may. */
export function spawnWorker({ app, root }: WorkerConfig): Thread {
  const permissions = app === null
    ? { deno: { permissions: { read: [root!] } } }
    : {};
  const worker = new Worker(new URL("../worker/entry.ts", import.meta.url), {
    type: "module",
    ...permissions,
  });
  return new WorkerThread(worker);
}

/** Starts threads that can be stopped whatever they do, and whose heap has a wall. */
export async function strictSpawner(
  { maxWorkerHeapBytes }: Limits,
): Promise<() => Thread> {
  // It is loaded for apps that ask for it alone.
  const { StrictThread } = await import("./strict_thread.ts");
  const entry = new URL("../worker/strict_entry.ts", import.meta.url);
  return () => new StrictThread(entry, maxWorkerHeapBytes);
}
