/**
 * Which worker gets which jobs, and when. Must not know sockets, fields or files, nor
 * how a worker is replaced.
 *
 * - A worker that is free gets its fair share of the queue as one batch, or more where
 *   all of it is done in no time. It gets nothing more until it has acknowledged that;
 *   meanwhile jobs gather for the next. So batches form by themselves under load, and
 *   at rest a job goes out at once.
 * - A heavy job goes out alone. The last worker that no heavy job holds up is kept for
 *   light ones (see `#mayHaveLastWorker`).
 * - Jobs that a slow worker has not begun are taken back and given to others.
 *
 * @module
 */

import type { Limits } from "../limits.ts";
import type { Job } from "./job.ts";
import type { JobQueue } from "./job_queue.ts";
import type { WorkerHandle } from "./worker_handle.ts";

// How often batches are looked at that may take too long.
const takeBackEveryMs = 3;
// Less work than this is not shared out: waking a second worker costs more than the
// wait (at 64 connections 49 700 requests/s with fair shares, 57 500 with this).
const grainMs = 0.5;
// Of a batch in the average of what a job takes.
const newBatchWeight = 1 / 8;
// A worker without a heavy job for so long will hardly have one soon.
const calmMs = 10_000;
// And one for so long is not where they come one after the other.
const betweenHeavyMs = 1000;
// For how long a light job is taken as a sign that others will come.
const lightExpectedMs = 1000;

/** What a scheduler works on. */
export interface SchedulerOptions {
  readonly queue: JobQueue;
  readonly workers: () => Iterable<WorkerHandle>;
  readonly limits: Limits;
  /** Number of workers. */
  readonly size: number;
  /** How many threads can compute at the same time. */
  readonly cores: number;
  /** Whether jobs differ in cost by their path: an app's do, files do not. */
  readonly learnCosts: boolean;
}

/** Gives jobs to workers. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  /** What a light job takes, averaged over the last batches. */
  #lightMs = grainMs;
  #takeBackTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  /** A worker has run so many jobs in so long. */
  learn(jobs: number, busyMs: number): void {
    this.#lightMs += (busyMs / jobs - this.#lightMs) * newBatchWeight;
  }

  /** Gives what waits in the queue to the workers that are free. */
  run(now: number): void {
    const { queue } = this.#options;
    const free = this.#freeWorkers(now);
    if (free.length > 0 && queue.size === 0) this.#takeBack();
    for (let left = free.length; left > 0 && queue.size > 0; left--) {
      this.#give(free[left - 1], left, now);
    }
    if (this.#mayTakeLong()) this.#armTakeBack();
  }

  /** The workers that can be given a batch, the best one for a light job last. */
  #freeWorkers(now: number): WorkerHandle[] {
    const { maxInFlightPerWorker } = this.#options.limits;
    const free: WorkerHandle[] = [];
    for (const worker of this.#options.workers()) {
      if (worker.free && worker.inFlight.size < maxInFlightPerWorker) {
        free.push(worker);
      }
    }
    return free.length < 2
      ? free
      : free.sort((a, b) =>
        Number(b.inFlight.isHeldUp(now)) - Number(a.inFlight.isHeldUp(now)) ||
        loadOf(b) - loadOf(a)
      );
  }

  #give(worker: WorkerHandle, freeWorkers: number, now: number): void {
    const { queue, limits } = this.#options;
    const share = Math.max(
      Math.ceil(queue.size / freeWorkers),
      Math.floor(grainMs / this.#lightMs),
    );
    const room = limits.maxInFlightPerWorker - worker.inFlight.size;
    const jobs = queue.next(
      Math.min(share, room, limits.maxBatch),
      this.#heavyRule(worker, now),
      () => this.#mayHaveTunnels(worker, now),
    );
    if (jobs.length > 0) worker.give(jobs);
  }

  /** Which heavy jobs a free worker may be given. */
  #heavyRule(worker: WorkerHandle, now: number): (job: Job) => boolean {
    const { size, cores, learnCosts, queue } = this.#options;
    // No worker is kept where that would leave a core idle and no light jobs come.
    const keepsNone = size <= cores && now - queue.lightAt > lightExpectedMs;
    if (!learnCosts || keepsNone || worker.inFlight.isHeldUp(now)) return any;
    const others = this.#othersOf(worker, now);
    if (others === "some are free") return any;
    return (job) => mayHaveLastWorker(job, others === "all are stuck");
  }

  /** Whether a tunnel may begin on that worker: on those that have the fewest, of those
   * that heavy jobs have left alone for longest. */
  #mayHaveTunnels(worker: WorkerHandle, now: number): boolean {
    const ready = [...this.#options.workers()]
      .filter(({ state }) => state === "ready");
    const calmness = (each: WorkerHandle) => calmnessOf(each, now);
    const calmest = Math.max(...ready.map(calmness));
    const fewest = Math.min(
      ...ready.filter((each) => calmness(each) === calmest)
        .map(({ inFlight }) => inFlight.tunnels.size),
    );
    return calmness(worker) === calmest &&
      worker.inFlight.tunnels.size <= fewest;
  }

  #othersOf(
    worker: WorkerHandle,
    now: number,
  ): "some are free" | "all are held up" | "all are stuck" {
    let others = 0;
    let stuck = 0;
    for (const other of this.#options.workers()) {
      const { state, inFlight } = other;
      if (other === worker || state === "retiring" || state === "ended") {
        continue;
      }
      others++;
      // Soon it is there for what would else hold up this one.
      if (state === "booting") continue;
      if (!inFlight.isHeldUp(now)) return "some are free";
      if (inFlight.isStuck(now)) stuck++;
    }
    // Where there is no other worker, and none comes, this one has to do all.
    if (others === 0) return "some are free";
    return stuck === others ? "all are stuck" : "all are held up";
  }

  /** Whether a batch is out that would hold up others of it, or of its kind. */
  #mayTakeLong(): boolean {
    for (const worker of this.#options.workers()) {
      const { batch } = worker.inFlight;
      if (batch === null) continue;
      if (batch.hasUnclaimed) return true;
      if (this.#options.learnCosts && batch.isUnexplained) return true;
    }
    return false;
  }

  #armTakeBack(): void {
    this.#takeBackTimer ??= setTimeout(() => {
      this.#takeBackTimer = undefined;
      this.#takeBack();
      this.run(performance.now());
    }, takeBackEveryMs);
  }

  /** Jobs that wait in the batch of a slow worker go back to the front of the queue,
   * in their order. */
  #takeBack(): void {
    const now = performance.now();
    for (const worker of this.#options.workers()) {
      const { batch } = worker.inFlight;
      if (!batch?.isSlow(now)) continue;
      const jobs = worker.inFlight.takeBack();
      if (this.#options.learnCosts) batch.explainDelay(now);
      this.#options.queue.putBack(jobs);
    }
  }

  close(): void {
    clearTimeout(this.#takeBackTimer);
  }
}

/** How little a tunnel has to expect heavy jobs beside it. */
function calmnessOf({ inFlight }: WorkerHandle, now: number): number {
  if (inFlight.isStuck(now)) return 0;
  const ms = now - inFlight.heavyAt(now);
  return ms > calmMs ? 3 : ms > betweenHeavyMs ? 2 : 1;
}

/** Jobs, and tunnels, which are work to come. */
function loadOf({ inFlight }: WorkerHandle): number {
  return inFlight.size + inFlight.tunnels.size;
}

const any = () => true;

/** Whether a heavy job may have the last worker that is not held up: once, to find out
 * what it is; or because others would wait until their time is over, but then not one
 * like those that hold up the others. */
function mayHaveLastWorker(job: Job, othersAreStuck: boolean): boolean {
  return job.isUntried || othersAreStuck && !job.isBlocking;
}
