/**
 * The pool: workers, the queue, batches, replacement, the end. Must not know
 * sockets, fields or files.
 *
 * A worker that is free gets its fair share of the queue as one message, or more
 * where all of it is done in no time, and is given nothing more until it has
 * acknowledged it; meanwhile jobs gather for the next. So batches form by themselves
 * under load, and at rest a job goes out at once. What a busy worker has not begun
 * is taken back when that would make it wait.
 *
 * @module
 */

import type { Exchange, ReceivedRequest, Reply } from "./dispatch.ts";
import type { Limits } from "./limits.ts";
import { JobCosts } from "./job_costs.ts";
import { type Outcome, type PooledJob, PoolWorker } from "./pool_worker.ts";
import type { WorkerConfig } from "./worker_protocol.ts";

/** What a pool is made of. */
export interface PoolOptions {
  /** Number of workers. */
  readonly size: number;
  /** Makes a thread that runs worker.ts. */
  readonly spawn: () => Worker;
  /** What the workers are told. */
  readonly config: WorkerConfig;
  /** Queue, batches, times. */
  readonly limits: Limits;
  /** Whether jobs differ in cost by their path: an app's do, files do not. */
  readonly learnCosts: boolean;
  /** Turns the way a job ended into what a connection writes. */
  readonly present: (outcome: Outcome) => Reply | Promise<Reply>;
  /** One line for the log. */
  readonly log: (line: string) => void;
  /** More threads than the limit could not be stopped. */
  readonly onTooManyLost: () => void;
}

// Jobs behind one that takes longer than this go to another worker. Below it the
// second message costs more than the wait.
const takeBackAfterMs = 3;
// A job that is expected to take longer goes out alone. Lower, a thread that was
// interrupted twice would look costly, and one message a job halves the throughput.
const costlyMs = 4;
// Less work than this is not shared out: waking a second worker costs more than the
// wait (at 64 connections 49 700 requests/s with fair shares, 57 500 with this).
const grainMs = 0.5;
// Of a batch in the average of what a job takes.
const newBatchWeight = 1 / 8;
// How long cheap jobs may go before a costly one that came earlier.
const patienceMs = 50;

/** A job, and the exchange that a connection has for it. */
class PoolJob implements PooledJob, Exchange {
  readonly id: number;
  readonly request: ReceivedRequest;
  readonly reply: Promise<Reply>;
  readonly queuedAt: number;
  /** What its cost is learned by, or `null` where jobs teach nothing. */
  readonly route: string | null;
  sentAt = 0;
  aborted = false;
  settled = false;
  worker: PoolWorker | null = null;
  readonly #pool: {
    readonly costs: JobCosts;
    readonly present: PoolOptions["present"];
  };
  #resolve!: (reply: Reply | Promise<Reply>) => void;

  constructor(
    id: number,
    request: ReceivedRequest,
    now: number,
    route: string | null,
    pool: {
      readonly costs: JobCosts;
      readonly present: PoolOptions["present"];
    },
  ) {
    this.id = id;
    this.request = request;
    this.queuedAt = now;
    this.route = route;
    this.#pool = pool;
    this.reply = new Promise((resolve) => this.#resolve = resolve);
  }

  get costly(): boolean {
    return this.route !== null &&
      this.#pool.costs.expect(this.route) > costlyMs;
  }

  learn(ms: number): void {
    if (this.route !== null) this.#pool.costs.learn(this.route, ms);
  }

  settle(outcome: Outcome): void {
    if (this.settled) return;
    this.settled = true;
    this.#resolve(this.#pool.present(outcome));
  }

  abandon(): void {
    if (this.worker === null) this.settle(notRun);
    else this.worker.abort(this.id);
  }
}

function routeOf({ head }: ReceivedRequest): string {
  const query = head.target.indexOf("?");
  const path = query < 0 ? head.target : head.target.slice(0, query);
  return head.method === "GET" ? path : `${head.method} ${path}`;
}

const notRun: Outcome = { kind: "failure", status: 503, trace: "" };

/** A small pool of workers. */
export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #limits: Limits;
  readonly #workers = new Set<PoolWorker>();
  /** Jobs that wait, in two lanes: the second is of those that go out alone. */
  #cheap: PoolJob[] = [];
  #costly: PoolJob[] = [];
  readonly #jobContext: {
    readonly costs: JobCosts;
    readonly present: PoolOptions["present"];
  };
  /** When the clock last ticked; exact enough for a deadline of seconds. */
  #now = performance.now();
  #lastId = 0;
  /** What a job takes, averaged over the last batches. */
  #cheapMs = grainMs;
  #flushing = false;
  #closed = false;
  #lost = 0;
  #backoffMs: number;
  readonly #respawns = new Set<ReturnType<typeof setTimeout>>();
  readonly #worn = new Set<PoolWorker>();
  #takeBackTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #clock: ReturnType<typeof setInterval>;

  private constructor(options: PoolOptions) {
    this.#options = options;
    this.#jobContext = { costs: new JobCosts(), present: options.present };
    this.#limits = options.limits;
    this.#backoffMs = options.limits.respawnBackoffMs;
    this.#clock = setInterval(() => this.#sweep(), options.limits.sweepMs);
  }

  /**
   * Starts a pool; it is at full strength when this resolves.
   *
   * @throws {import('./pool_worker.ts').BootError} where the app does not load
   */
  static async start(options: PoolOptions): Promise<WorkerPool> {
    const pool = new WorkerPool(options);
    const boots = Array.from({ length: options.size }, () => pool.#boot());
    const results = await Promise.allSettled(boots);
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) {
      pool.close();
      throw failed.reason;
    }
    return pool;
  }

  /** Workers that can be given jobs. */
  get ready(): number {
    let count = 0;
    for (const worker of this.#workers) if (worker.state === "ready") count++;
    return count;
  }

  /** Jobs in the queue. */
  get queued(): number {
    return this.#cheap.length + this.#costly.length;
  }

  /** Threads that could not be stopped. */
  get lost(): number {
    return this.#lost;
  }

  async #boot(): Promise<PoolWorker> {
    const worker = new PoolWorker(this.#options.spawn(), {
      onFree: (worker) => this.#freed(worker),
      onBatch: (jobs, busyMs) => {
        this.#cheapMs += (busyMs / jobs - this.#cheapMs) * newBatchWeight;
      },
      onIdle: (worker) => {
        if (worker.state === "retiring") this.#end(worker);
      },
      onLeaving: (worker, why) => this.#leaving(worker, why),
      onFault: (trace) => this.#options.log(trace),
    });
    this.#workers.add(worker);
    try {
      await worker.boot(this.#options.config, this.#limits.bootTimeoutMs);
    } catch (error) {
      this.#workers.delete(worker);
      throw error;
    }
    if (this.#closed) this.#end(worker);
    return worker;
  }

  /** Gives a request to the pool. Never throws; the answer says what is wrong. */
  submit(request: ReceivedRequest): Exchange {
    const route = this.#options.learnCosts ? routeOf(request) : null;
    const job = new PoolJob(
      ++this.#lastId,
      request,
      // The clock's last tick is too old for a lane where 50 ms decide.
      route === null ? this.#now : performance.now(),
      route,
      this.#jobContext,
    );
    if (
      this.#closed || this.queued >= this.#limits.maxQueue || this.#hopeless()
    ) {
      job.settle(notRun);
      return job;
    }
    (job.costly ? this.#costly : this.#cheap).push(job);
    this.#scheduleFlush();
    return job;
  }

  /** No worker is there, and the last one that was tried did not boot. */
  #hopeless(): boolean {
    return this.#backoffMs > this.#limits.respawnBackoffMs && this.ready === 0;
  }

  /** Once all who read in this turn of the event loop have submitted. */
  #scheduleFlush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #freed(worker: PoolWorker): void {
    if (this.#isWorn(worker)) this.#replaceWorn(worker);
    this.#flush();
  }

  /** Deals the queue out to the workers that are free. */
  #flush(): void {
    const free = this.#freeWorkers();
    if (free.length > 0 && this.queued === 0) this.#takeBack();
    for (let left = free.length; left > 0 && this.queued > 0; left--) {
      this.#deal(free[left - 1], left);
    }
    if (this.#anyUnclaimed()) this.#armTakeBack();
  }

  /** Those that can be given a batch, the one with the least to do last. */
  #freeWorkers(): PoolWorker[] {
    const free: PoolWorker[] = [];
    for (const worker of this.#workers) {
      if (worker.free && worker.inFlight < this.#limits.maxInFlightPerWorker) {
        free.push(worker);
      }
    }
    return free.length < 2
      ? free
      : free.sort((a, b) => b.inFlight - a.inFlight);
  }

  #deal(worker: PoolWorker, freeWorkers: number): void {
    const jobs = this.#nextBatch(
      Math.min(
        Math.max(
          Math.ceil(this.queued / freeWorkers),
          Math.floor(grainMs / this.#cheapMs),
        ),
        this.#limits.maxInFlightPerWorker - worker.inFlight,
        this.#limits.maxBatch,
      ),
    );
    if (jobs.length === 0) return;
    for (const job of jobs) job.worker = worker;
    worker.give(jobs);
  }

  /** Cheap jobs first and together; a costly one alone, and not too late. */
  #nextBatch(count: number): PoolJob[] {
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

  #anyUnclaimed(): boolean {
    for (const worker of this.#workers) if (worker.hasUnclaimed) return true;
    return false;
  }

  #armTakeBack(): void {
    this.#takeBackTimer ??= setTimeout(() => {
      this.#takeBackTimer = undefined;
      this.#takeBack();
      this.#flush();
    }, takeBackAfterMs);
  }

  /** Jobs that wait in the batch of a worker which is slow go back to the head of
   * the queue, in their order. */
  #takeBack(): void {
    const now = performance.now();
    for (const worker of this.#workers) {
      const since = worker.busySince;
      if (since !== null && now - since >= takeBackAfterMs) {
        this.#requeue(worker);
      }
    }
  }

  #requeue(worker: PoolWorker): void {
    const jobs = worker.takeBack() as readonly PoolJob[];
    if (jobs.length === 0) return;
    for (const job of jobs) job.worker = null;
    this.#cheap.unshift(...jobs);
  }

  /** Recycled before a leak in a handler becomes the process's end. */
  #isWorn(worker: PoolWorker): boolean {
    return worker.jobsGiven >= this.#limits.maxJobsPerWorker ||
      worker.heapBytes >= this.#limits.maxWorkerHeapBytes;
  }

  /** The next one boots first, and takes over when it is ready. */
  #replaceWorn(worker: PoolWorker): void {
    if (this.#worn.has(worker)) return;
    this.#worn.add(worker);
    this.#respawn(() => worker.retire());
  }

  /** It gets nothing more from now on, and another comes. */
  #leaving(worker: PoolWorker, why: string): void {
    if (worker.state !== "ready") return;
    this.#options.log(`A worker is replaced: ${why}`);
    this.#requeue(worker);
    const onReady = this.#worn.has(worker) ? null : () => {};
    worker.retire();
    if (onReady !== null) this.#respawn(onReady);
  }

  /** Boots a worker, again and again with longer and longer waits if need be. */
  async #respawn(onReady: () => void): Promise<void> {
    if (this.#closed) return;
    try {
      await this.#boot();
      this.#backoffMs = this.#limits.respawnBackoffMs;
      onReady();
      this.#flush();
    } catch (error) {
      if (this.#closed) return;
      this.#options.log(`A worker does not start: ${(error as Error).message}`);
      this.#respawnLater(onReady);
    }
  }

  #respawnLater(onReady: () => void): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#respawns.delete(timer);
      this.#respawn(onReady);
    }, this.#backoffMs);
    this.#respawns.add(timer);
    this.#backoffMs = Math.min(
      this.#backoffMs * 2,
      this.#limits.maxRespawnBackoffMs,
    );
    if (this.#hopeless()) this.#refuseAll();
  }

  #refuseAll(): void {
    for (const lane of [this.#cheap, this.#costly]) {
      for (const job of lane.splice(0)) job.settle(notRun);
    }
  }

  #sweep(): void {
    const now = this.#now = performance.now();
    const { handlerTimeoutMs, workerGraceMs, workerSilenceMs } = this.#limits;
    for (const worker of this.#workers) {
      worker.expire(now, handlerTimeoutMs);
      worker.ping(now, workerSilenceMs);
      if (worker.silentMs(now) > handlerTimeoutMs + workerGraceMs) {
        this.#lose(worker);
      }
    }
    for (const lane of [this.#cheap, this.#costly]) {
      const inTime = lane.findIndex((job) =>
        now - job.queuedAt <= this.#limits.queueTimeoutMs
      );
      for (const job of lane.splice(0, inTime < 0 ? lane.length : inTime)) {
        job.settle(notRun);
      }
    }
  }

  /** Its event loop does not turn any more, and nothing can make it stop: what it
   * had not begun goes to others, and the thread spins on until the process ends. */
  #lose(worker: PoolWorker): void {
    this.#lost++;
    this.#options.log(
      `A worker is lost: it computes after an await, or it ended without a word ` +
        `(${this.#lost} so far, ${this.#limits.maxLostWorkers} at most)`,
    );
    const replaced = this.#worn.has(worker) || worker.state === "retiring";
    this.#requeue(worker);
    worker.fail(504, "");
    this.#end(worker);
    if (!replaced) this.#respawn(() => {});
    if (this.#lost > this.#limits.maxLostWorkers) this.#options.onTooManyLost();
  }

  #end(worker: PoolWorker): void {
    worker.end();
    this.#workers.delete(worker);
    this.#worn.delete(worker);
  }

  /** Ends every worker. What is still owed is answered 503. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#clock);
    clearTimeout(this.#takeBackTimer);
    for (const timer of this.#respawns) clearTimeout(timer);
    this.#refuseAll();
    for (const worker of this.#workers) {
      worker.fail(503, "");
      this.#end(worker);
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
