/**
 * Who of the workers is given the next batch, and who is kept free for light jobs.
 * Must not know the queue.
 *
 * @module
 */

import type { PoolWorker } from "./pool_worker.ts";

/** Those that can be given a batch, the best one for a light job last. */
export function freeWorkers(
  workers: Iterable<PoolWorker>,
  maxInFlight: number,
  now: number,
): PoolWorker[] {
  const free: PoolWorker[] = [];
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

/** Whether that worker is the last one in which a light job would not wait. */
export function isLastFree(
  worker: PoolWorker,
  workers: Iterable<PoolWorker>,
  now: number,
): boolean {
  if (worker.books.isLong(now)) return false;
  let alone = true;
  for (const other of workers) {
    if (other === worker || other.state !== "ready") continue;
    if (!other.books.isLong(now)) return false;
    alone = false;
  }
  // Where there is no other worker, it has to do all.
  return !alone;
}
