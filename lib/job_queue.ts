/**
 * The jobs that wait, in two lanes, and which of them make the next batch. Must
 * not know workers, nor how large a batch should be.
 *
 * @module
 */

import type { JobCosts } from "./job_costs.ts";
import { notRun, type PoolJob } from "./pool_job.ts";

// How long cheap jobs may go before a costly one that came earlier.
const patienceMs = 50;
// Fewer that were abandoned are not worth the looking for.
const fewAbandoned = 16;

/** The queue of a pool. */
export class JobQueue {
  readonly #costs: JobCosts | null;
  #cheap: PoolJob[] = [];
  /** Those that go out alone. */
  #costly: PoolJob[] = [];
  /** Jobs in the lanes whose clients have left. */
  #abandoned = 0;
  /** What was known of costs when the lanes were last looked through. */
  #costsSeen = 0;
  /** When a cheap job last came. */
  cheapAt: number = -Infinity;

  /**
   * Makes an empty one.
   *
   * @param costs what jobs cost, or `null` where all cost the same
   */
  constructor(costs: JobCosts | null) {
    this.#costs = costs;
  }

  /** How many wait. */
  get size(): number {
    return this.#cheap.length + this.#costly.length - this.#abandoned;
  }

  /** Puts a job at the end. */
  add(job: PoolJob): void {
    job.waitsIn = this;
    if (job.costly) {
      this.#costly.push(job);
      return;
    }
    this.cheapAt = job.queuedAt;
    this.#cheap.push(job);
  }

  /** Jobs that were given out and not begun are next, in their order. */
  putBack(jobs: readonly PoolJob[]): void {
    if (jobs.length === 0) return;
    for (const job of jobs) {
      job.worker = null;
      job.alone = false;
      job.waitsIn = this;
    }
    this.#cheap.unshift(...jobs);
    this.#sort();
  }

  /**
   * The next batch: cheap jobs first and together; a costly one alone, and not too
   * late.
   *
   * @param count no more than so many
   * @param mayBeCostly whether who gets it may be held up
   */
  next(count: number, mayBeCostly: boolean): PoolJob[] {
    if (this.#costs !== null && this.#costs.changes !== this.#costsSeen) {
      this.#sort();
    }
    const impatient = mayBeCostly && this.#costlyIsNext();
    const jobs = impatient
      ? this.#takeCostly()
      : this.#take(this.#cheap, count);
    // The clients of those that were next may all have left.
    if (jobs.length > 0) return jobs;
    if (impatient) return this.#take(this.#cheap, count);
    return mayBeCostly ? this.#takeCostly() : [];
  }

  #takeCostly(): PoolJob[] {
    const jobs = this.#take(this.#costly, 1);
    for (const job of jobs) job.alone = true;
    return jobs;
  }

  #costlyIsNext(): boolean {
    if (this.#costly.length === 0) return false;
    return this.#cheap.length === 0 ||
      performance.now() - this.#costly[0].queuedAt >= patienceMs;
  }

  /** What jobs cost has become known while they waited. */
  #sort(): void {
    if (this.#costs !== null) this.#costsSeen = this.#costs.changes;
    const light = this.#costly.filter((job) => !job.costly);
    const heavy = this.#cheap.filter((job) => job.costly);
    if (light.length > 0) {
      this.cheapAt = performance.now();
      this.#costly = this.#costly.filter((job) => job.costly);
    }
    if (heavy.length > 0) {
      this.#cheap = this.#cheap.filter((job) => !job.costly);
    }
    this.#cheap = merge(this.#cheap, light);
    this.#costly = merge(this.#costly, heavy);
  }

  /** The first so many of a lane that somebody still waits for. */
  #take(lane: PoolJob[], count: number): PoolJob[] {
    const jobs: PoolJob[] = [];
    let at = 0;
    while (jobs.length < count && at < lane.length) {
      const job = lane[at++];
      if (job.settled) this.#abandoned--;
      else {
        job.waitsIn = null;
        jobs.push(job);
      }
    }
    lane.splice(0, at);
    return jobs;
  }

  /** The client of one of them has left. Where that is so of most, they go. */
  abandoned(): void {
    this.#abandoned++;
    if (this.#abandoned < fewAbandoned || this.#abandoned < this.size) return;
    this.#cheap = this.#cheap.filter((job) => !job.settled);
    this.#costly = this.#costly.filter((job) => !job.settled);
    this.#abandoned = 0;
  }

  /** Ends those that have waited for longer than that. */
  expire(now: number, queueTimeoutMs: number): void {
    for (const lane of [this.#cheap, this.#costly]) {
      const inTime = lane.findIndex((job) =>
        now - job.queuedAt <= queueTimeoutMs
      );
      this.#refuse(lane.splice(0, inTime < 0 ? lane.length : inTime));
    }
  }

  /** Ends them all: there is nobody to run them. */
  refuseAll(): void {
    for (const lane of [this.#cheap, this.#costly]) {
      this.#refuse(lane.splice(0));
    }
  }

  #refuse(jobs: readonly PoolJob[]): void {
    for (const job of jobs) {
      if (job.settled) this.#abandoned--;
      else {
        job.waitsIn = null;
        job.settle(notRun);
      }
    }
  }
}

/** Two lanes as one, by the time at which their jobs came. */
function merge(one: PoolJob[], other: PoolJob[]): PoolJob[] {
  if (other.length === 0) return one;
  return [...one, ...other].sort((a, b) => a.queuedAt - b.queuedAt);
}
