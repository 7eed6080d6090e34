/**
 * The entry of a worker thread that can be stopped while it computes. Must not know
 * more than that.
 *
 * @module
 */

import "./entry.ts";

interface LockManager {
  request(name: string, whileHeld: () => Promise<void>): Promise<void>;
}

// Of the threads of node:worker_threads, Deno stops one that computes only where the
// thread holds a lock: without it, the thread is let go and spins on. Tried with Deno
// 2.9.6, whose types do not have locks.
const { locks } = navigator as unknown as { locks: LockManager };
locks.request(crypto.randomUUID(), () => new Promise(() => {}));
