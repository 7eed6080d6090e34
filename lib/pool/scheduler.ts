/**
 * Who of the workers is given the next batch, and who is kept free for light jobs.
 * Must not know the queue.
 *
 * @module
 */

import type { WorkerHandle } from "./worker_handle.ts";
import type { Risk } from "./route_stats.ts";

/** Those that can be given a batch, the best one for a light job last. */
export function freeWorkers(
  workers: Iterable<WorkerHandle>,
  maxInFlight: number,
  now: number,
): WorkerHandle[] {
  const free: WorkerHandle[] = [];
  for (const worker of workers) {
    if (worker.free && worker.books.inFlight < maxInFlight) free.push(worker);
  }
  return free.length < 2
    ? free
    : free.sort((a, b) =>
      Number(b.books.isLong(now)) - Number(a.books.isLong(now)) ||
      b.books.inFlight - a.books.inFlight
    );
}

/** What may be risked with a free worker: where all others are held up, it is kept for
 * what does not hold it up as well. */
export function bearableRisk(
  worker: WorkerHandle,
  workers: Iterable<WorkerHandle>,
  now: number,
): Risk {
  if (worker.books.isLong(now)) return "blocking";
  let others = 0;
  let stuck = 0;
  for (const other of workers) {
    const { state, books } = other;
    if (other === worker || state === "retiring" || state === "ended") continue;
    others++;
    // Soon it is there for what would else hold up this one.
    if (state === "booting") continue;
    if (!books.isLong(now)) return "blocking";
    if (books.isStuck(now)) stuck++;
  }
  // Where there is no other worker, and none comes, it has to do all.
  if (others === 0) return "blocking";
  // Costly jobs would wait for those others, perhaps until their time is over.
  return stuck === others ? "costly" : "unknown";
}
