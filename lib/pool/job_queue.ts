/**
 * The jobs that wait, in a lane for each risk, and which of them make the next
 * batch. Must not know workers, nor how large a batch should be.
 *
 * @module
 */

import { type Job, notRun } from "./job.ts";
import { type Risk, risks, type RouteStats } from "./route_stats.ts";

// How long light jobs may go before another one that came earlier.
const patienceMs = 50;
// Fewer that were abandoned are not worth the looking for.
const fewAbandoned = 16;

/** Jobs of one risk, in the order in which they came. */
interface Lane {
  jobs: Job[];
}

/** The queue of a pool. */
export class JobQueue {
  readonly #costs: RouteStats | null;
  readonly #lanes: readonly Lane[] = risks.map(() => ({ jobs: [] }));
  readonly #light = this.#lanes[0];
  /** Jobs in the lanes whose clients have left. */
  #abandoned = 0;
  /** What was known of costs when the lanes were last looked through. */
  #costsSeen = 0;
  /** Whether the last batch was of light jobs: after another one it is their turn. */
  #lightWasLast = true;
  /** When a light job last came. */
  lightAt: number = -Infinity;

  /**
   * Makes an empty one.
   *
   * @param costs what jobs cost, or `null` where all cost the same
   */
  constructor(costs: RouteStats | null) {
    this.#costs = costs;
  }

  /** How many wait. */
  get size(): number {
    let size = -this.#abandoned;
    for (const { jobs } of this.#lanes) size += jobs.length;
    return size;
  }

  /** Puts a job at the end. */
  add(job: Job): void {
    job.waitsIn = this;
    const lane = this.#laneOf(job);
    if (lane === this.#light) this.lightAt = job.queuedAt;
    lane.jobs.push(job);
  }

  #laneOf({ risk }: Job): Lane {
    return risk === "light" ? this.#light : this.#lanes[risks.indexOf(risk)];
  }

  /** Jobs that were given out and not begun are next, in their order. */
  putBack(jobs: readonly Job[]): void {
    if (jobs.length === 0) return;
    for (const job of jobs) {
      job.comeBack();
      job.waitsIn = this;
    }
    this.#light.jobs.unshift(...jobs);
    this.#sort();
  }

  /**
   * The next batch: light jobs first and together; another one alone, and not too
   * late.
   *
   * @param count no more than so many
   * @param most what may be risked
   */
  next(count: number, most: Risk): Job[] {
    if (this.#costs !== null && this.#costs.changes !== this.#costsSeen) {
      this.#sort();
    }
    // The clients of all that are in a lane may have left.
    for (let lane; (lane = this.#nextLane(most)) !== null;) {
      const jobs = this.#take(lane, lane === this.#light ? count : 1);
      if (jobs.length === 0) continue;
      this.#lightWasLast = lane === this.#light;
      if (!this.#lightWasLast) jobs[0].goAlone();
      return jobs;
    }
    return [];
  }

  /** Whose turn it is, of those that risk no more than that. */
  #nextLane(most: Risk): Lane | null {
    let oldest: Lane | null = null;
    for (let i = risks.indexOf(most); i > 0; i--) {
      const lane = this.#lanes[i];
      if (lane.jobs.length === 0) continue;
      if (oldest === null || lane.jobs[0].id < oldest.jobs[0].id) oldest = lane;
    }
    const [light] = this.#light.jobs;
    if (light === undefined) return oldest;
    const isTurn = oldest !== null && this.#lightWasLast &&
      oldest.jobs[0].id < light.id &&
      performance.now() - oldest.jobs[0].queuedAt >= patienceMs;
    return isTurn ? oldest : this.#light;
  }

  /** What jobs risk has become known while they waited, or is another one now. Each is
   * looked at once: a moment later it may be another one again. */
  #sort(): void {
    if (this.#costs !== null) this.#costsSeen = this.#costs.changes;
    const moved: { job: Job; to: Lane }[] = [];
    for (const lane of this.#lanes) {
      lane.jobs = lane.jobs.filter((job) => {
        const to = this.#laneOf(job);
        if (to !== lane) moved.push({ job, to });
        return to === lane;
      });
    }
    for (const { job, to } of moved) to.jobs.push(job);
    for (const lane of new Set(moved.map(({ to }) => to))) {
      if (lane === this.#light) this.lightAt = performance.now();
      lane.jobs.sort((a, b) => a.id - b.id);
    }
  }

  /** The first so many of a lane that somebody still waits for. */
  #take(lane: Lane, count: number): Job[] {
    const taken: Job[] = [];
    let at = 0;
    while (taken.length < count && at < lane.jobs.length) {
      const job = lane.jobs[at++];
      if (job.settled) this.#abandoned--;
      else {
        job.waitsIn = null;
        taken.push(job);
      }
    }
    lane.jobs.splice(0, at);
    return taken;
  }

  /** The client of one of them has left. Where that is so of most, they go. */
  abandoned(): void {
    this.#abandoned++;
    if (this.#abandoned < fewAbandoned || this.#abandoned < this.size) return;
    for (const lane of this.#lanes) {
      lane.jobs = lane.jobs.filter((job) => !job.settled);
    }
    this.#abandoned = 0;
  }

  /** Ends those that have waited for longer than that. */
  expire(now: number, queueTimeoutMs: number): void {
    for (const { jobs } of this.#lanes) {
      const inTime = jobs.findIndex((job) =>
        now - job.queuedAt <= queueTimeoutMs
      );
      this.#refuse(jobs.splice(0, inTime < 0 ? jobs.length : inTime));
    }
  }

  /** Ends them all: there is nobody to run them. */
  refuseAll(): void {
    for (const { jobs } of this.#lanes) this.#refuse(jobs.splice(0));
  }

  #refuse(jobs: readonly Job[]): void {
    for (const job of jobs) {
      if (job.settled) this.#abandoned--;
      else {
        job.waitsIn = null;
        job.settle(notRun);
      }
    }
  }
}
