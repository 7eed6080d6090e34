/**
 * Starts the threads that run what is in `worker/`. Must not know what they are for.
 *
 * @module
 */

import type { Limits } from "../limits.ts";
import { requireDescriptors } from "./descriptors.ts";
import type { WorkerConfig } from "./messages.ts";
import { type Thread, WorkerThread } from "./thread.ts";

/** What a thread is started with. */
type ThreadConfig = Pick<WorkerConfig, "app" | "root" | "traces">;

/** A thread that nobody has taken yet, and what it was started with. */
let ahead: { readonly for: string; readonly thread: Thread } | null = null;

/**
 * Starts the thread that will be spawned first, so that it loads its modules while this
 * one does.
 *
 * @throws {Error} where there are too few descriptors
 */
export function spawnAhead(config: ThreadConfig): void {
  ahead = { for: textOf(config), thread: spawn(config) };
}

/**
 * Starts the thread of a worker.
 *
 * @throws {Error} where there are too few descriptors
 */
export function spawnWorker(config: WorkerConfig): Thread {
  const taken = ahead;
  ahead = null;
  if (taken?.for === textOf(config)) return taken.thread;
  taken?.thread.terminate();
  return spawn(config);
}

function textOf({ app, root, traces }: ThreadConfig): string {
  return JSON.stringify([app, root, traces]);
}

/** A worker that serves files only may read its root and do nothing else: for that
 * Deno wants `--unstable-worker-options`. With an app it may what the process may. */
function spawn({ app, root, traces }: ThreadConfig): Thread {
  requireDescriptors();
  const permissions = app === null
    ? { deno: { permissions: { read: [root!] } } }
    : {};
  const entry = app === null && !traces
    ? new URL("../worker/files_entry.ts", import.meta.url)
    : new URL("../worker/entry.ts", import.meta.url);
  return new WorkerThread(
    new Worker(entry, { type: "module", ...permissions }),
  );
}

/** Starts threads that can be stopped whatever they do, and whose heap has a wall. */
export async function strictSpawner(
  { maxWorkerHeapBytes }: Limits,
): Promise<() => Thread> {
  // It is loaded for apps that ask for it alone.
  const { StrictThread } = await import("./strict_thread.ts");
  const entry = new URL("../worker/strict_entry.ts", import.meta.url);
  return () => {
    requireDescriptors();
    return new StrictThread(entry, maxWorkerHeapBytes);
  };
}
