/**
 * The jobs that wait, in two lanes, and which of them make the next batch. Must
 * not know workers, nor how large a batch should be.
 *
 * @module
 */

import { notRun, type PoolJob } from "./pool_job.ts";

// How long cheap jobs may go before a costly one that came earlier.
const patienceMs = 50;

/** The queue of a pool. */
export class JobQueue {
  #cheap: PoolJob[] = [];
  /** Those that go out alone. */
  #costly: PoolJob[] = [];

  /** How many wait. */
  get size(): number {
    return this.#cheap.length + this.#costly.length;
  }

  /** Puts a job at the end. */
  add(job: PoolJob): void {
    (job.costly ? this.#costly : this.#cheap).push(job);
  }

  /** Jobs that were given out and not begun are next, in their order. */
  putBack(jobs: readonly PoolJob[]): void {
    if (jobs.length === 0) return;
    for (const job of jobs) job.worker = null;
    this.#cheap.unshift(...jobs);
  }

  /** The next batch, of no more than so many: cheap jobs first and together; a
   * costly one alone, and not too late. */
  next(count: number): PoolJob[] {
    const costly = this.#costly[0];
    if (costly !== undefined) {
      const patient = performance.now() - costly.queuedAt < patienceMs;
      if (this.#cheap.length === 0 || !patient) {
        // What it costs may have become known while it waited.
        return costly.costly
          ? take(this.#costly, 1)
          : take(this.#costly, count);
      }
    }
    return take(this.#cheap, count);
  }

  /** Ends those that have waited for longer than that. */
  expire(now: number, queueTimeoutMs: number): void {
    for (const lane of [this.#cheap, this.#costly]) {
      const inTime = lane.findIndex((job) =>
        now - job.queuedAt <= queueTimeoutMs
      );
      for (const job of lane.splice(0, inTime < 0 ? lane.length : inTime)) {
        job.settle(notRun);
      }
    }
  }

  /** Ends them all: there is nobody to run them. */
  refuseAll(): void {
    for (const lane of [this.#cheap, this.#costly]) {
      for (const job of lane.splice(0)) job.settle(notRun);
    }
  }
}

/** The first so many of a lane that somebody still waits for. */
function take(lane: PoolJob[], count: number): PoolJob[] {
  const jobs: PoolJob[] = [];
  let at = 0;
  while (jobs.length < count && at < lane.length) {
    const job = lane[at++];
    if (!job.settled) jobs.push(job);
  }
  lane.splice(0, at);
  return jobs;
}
