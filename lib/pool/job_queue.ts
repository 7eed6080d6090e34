/**
 * The jobs that wait, light ones and heavy ones apart, and which of them make the next
 * batch. Must not know workers, nor how large a batch should be.
 *
 * @module
 */

import { type Job, notRun } from "./job.ts";
import type { RouteStats } from "./route_stats.ts";

// How long light jobs may go before a heavy one that came earlier.
const patienceMs = 50;
// Fewer abandoned jobs are not worth looking for.
const fewAbandoned = 16;

/** The queue of a pool. */
export class JobQueue {
  readonly #routes: RouteStats | null;
  // Each in the order in which the jobs came.
  #light: Job[] = [];
  #heavy: Job[] = [];
  /** Jobs here whose clients have left. */
  #abandoned = 0;
  /** The state of `#routes` when the jobs were last sorted. */
  #sortedAt = 0;
  /** After a heavy job it is the turn of light ones. */
  #lightWasLast = true;
  /** When a light job last came. */
  lightAt: number = -Infinity;

  /** @param routes what jobs cost, or `null` where all cost the same */
  constructor(routes: RouteStats | null) {
    this.#routes = routes;
  }

  get size(): number {
    return this.#light.length + this.#heavy.length - this.#abandoned;
  }

  /** Appends a job. */
  add(job: Job): void {
    job.queue = this;
    if (job.isHeavy) this.#heavy.push(job);
    else {
      this.lightAt = job.queuedAt;
      this.#light.push(job);
    }
  }

  /** Jobs that were given out and not begun are next, in their order. */
  putBack(jobs: readonly Job[]): void {
    if (jobs.length === 0) return;
    for (const job of jobs) {
      job.comeBack();
      job.queue = this;
    }
    this.#light.unshift(...jobs);
    this.#sort();
  }

  /**
   * The next batch: light jobs first and together; a heavy one alone, and not too
   * late.
   *
   * @param count the most light jobs
   * @param mayRun whether a heavy job may be run now
   * @param mayHaveTunnels whether jobs that may become tunnels are among them; asked
   * only where there are such
   */
  next(
    count: number,
    mayRun: (heavy: Job) => boolean,
    mayHaveTunnels: () => boolean,
  ): Job[] {
    if (this.#routes !== null && this.#routes.changes !== this.#sortedAt) {
      this.#sort();
    }
    this.#dropAbandoned(this.#light);
    this.#dropAbandoned(this.#heavy);
    let tunnels: boolean | null = null;
    const mayHave = (job: Job) =>
      !job.request.upgradable || (tunnels ??= mayHaveTunnels());
    const heavy = this.#heavy.findIndex((job) =>
      !job.answered && mayRun(job) && mayHave(job)
    );
    if (heavy >= 0 && this.#isTurnOf(this.#heavy[heavy])) {
      return this.#takeHeavy(heavy);
    }
    if (this.#light.length === 0) return [];
    this.#lightWasLast = true;
    return this.#takeLight(count, mayHave);
  }

  #isTurnOf(heavy: Job): boolean {
    const light = this.#light.at(0);
    if (light === undefined) return true;
    return this.#lightWasLast && heavy.id < light.id &&
      performance.now() - heavy.queuedAt >= patienceMs;
  }

  #takeHeavy(at: number): Job[] {
    const [job] = this.#heavy.splice(at, 1);
    this.#lightWasLast = false;
    job.queue = null;
    job.goAlone();
    return [job];
  }

  #takeLight(count: number, mayHave: (job: Job) => boolean): Job[] {
    const taken: Job[] = [];
    const left: Job[] = [];
    let at = 0;
    for (; taken.length < count && at < this.#light.length; at++) {
      const job = this.#light[at];
      if (job.answered) this.#abandoned--;
      else if (!mayHave(job)) left.push(job);
      else {
        job.queue = null;
        taken.push(job);
      }
    }
    this.#light.splice(0, at, ...left);
    return taken;
  }

  /** Drops those at the front whose clients have left. */
  #dropAbandoned(jobs: Job[]): void {
    let count = 0;
    while (count < jobs.length && jobs[count].answered) count++;
    if (count === 0) return;
    jobs.splice(0, count);
    this.#abandoned -= count;
  }

  /** The class of jobs may have changed while they waited. Each is looked at once: a
   * moment later it may be another one again. */
  #sort(): void {
    if (this.#routes !== null) this.#sortedAt = this.#routes.changes;
    const toHeavy: Job[] = [];
    const toLight: Job[] = [];
    this.#light = this.#light.filter((job) => stays(job, false, toHeavy));
    this.#heavy = this.#heavy.filter((job) => stays(job, true, toLight));
    if (toLight.length > 0) this.lightAt = performance.now();
    merge(this.#light, toLight);
    merge(this.#heavy, toHeavy);
  }

  /** The client of a job here has left. Where that is so of most, they are dropped. */
  abandoned(): void {
    this.#abandoned++;
    if (this.#abandoned < fewAbandoned || this.#abandoned < this.size) return;
    this.#light = this.#light.filter((job) => !job.answered);
    this.#heavy = this.#heavy.filter((job) => !job.answered);
    this.#abandoned = 0;
  }

  /** Ends those that have waited for too long.
   *
   * @returns how many */
  expire(now: number, queueTimeoutMs: number): number {
    let expired = 0;
    for (const jobs of [this.#light, this.#heavy]) {
      const inTime = jobs.findIndex((job) =>
        now - job.queuedAt <= queueTimeoutMs
      );
      expired += this.#refuse(
        jobs.splice(0, inTime < 0 ? jobs.length : inTime),
      );
    }
    return expired;
  }

  /** How long the first one has waited. */
  oldestMs(now: number): number {
    const first = [this.#light.at(0), this.#heavy.at(0)]
      .map((job) => job?.queuedAt ?? now);
    return Math.max(now - Math.min(...first), 0);
  }

  /** Ends them all: no worker will run them.
   *
   * @returns how many */
  refuseAll(): number {
    return this.#refuse(this.#light.splice(0)) +
      this.#refuse(this.#heavy.splice(0));
  }

  #refuse(jobs: readonly Job[]): number {
    let refused = 0;
    for (const job of jobs) {
      if (job.answered) this.#abandoned--;
      else {
        job.queue = null;
        job.answer(notRun);
        refused++;
      }
    }
    return refused;
  }
}

/** @param leaving gets the job where its class is another one now */
function stays(job: Job, wasHeavy: boolean, leaving: Job[]): boolean {
  if (job.isHeavy === wasHeavy) return true;
  leaving.push(job);
  return false;
}

function merge(jobs: Job[], others: readonly Job[]): void {
  if (others.length === 0) return;
  jobs.push(...others);
  jobs.sort((a, b) => a.id - b.id);
}
