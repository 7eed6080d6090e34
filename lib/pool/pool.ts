/**
 * The pool: gives what waits in the queue to the workers of its crew, in batches.
 * Must not know sockets, fields or files, nor how a worker is replaced.
 *
 * A worker that is free gets its fair share of the queue as one message, or more
 * where all of it is done in no time, and is given nothing more until it has
 * acknowledged it; meanwhile jobs gather for the next. So batches form by themselves
 * under load, and at rest a job goes out at once. What a busy worker has not begun
 * is taken back when that would make it wait.
 *
 * @module
 */

import type { Exchange, ReceivedRequest } from "../http/exchange.ts";
import type { Limits } from "../limits.ts";
import type { WorkerConfig } from "../messages/messages.ts";
import type { Thread } from "../messages/thread.ts";
import type { Reloaded } from "./boot_error.ts";
import { Job, type JobContext, notRun, type ToWireResponse } from "./job.ts";
import { JobQueue } from "./job_queue.ts";
import { type Risk, RouteStats } from "./route_stats.ts";
import { bearableRisk, freeWorkers } from "./scheduler.ts";
import { Supervisor } from "./supervisor.ts";
import type { WorkerHandle } from "./worker_handle.ts";

/** What a pool is made of. */
export interface PoolOptions {
  /** Number of workers. */
  readonly size: number;
  /** Makes a thread that runs worker.ts. */
  readonly spawn: () => Thread;
  /** What the workers are told. */
  readonly config: WorkerConfig;
  /** Queue, batches, times. */
  readonly limits: Limits;
  /** How many threads can compute at the same time. */
  readonly cores: number;
  /** Whether jobs differ in cost by their path: an app's do, files do not. */
  readonly learnCosts: boolean;
  /** Turns the way a job ended into what a connection writes. */
  readonly present: ToWireResponse;
  /** One line for the log. */
  readonly log: (line: string) => void;
  /** More threads than the limit could not be stopped. */
  readonly onTooManyLost: () => void;
}

// How often batches are looked at that may take too long.
const takeBackEveryMs = 3;
// Less work than this is not shared out: waking a second worker costs more than the
// wait (at 64 connections 49 700 requests/s with fair shares, 57 500 with this).
const grainMs = 0.5;
// Of a batch in the average of what a job takes.
const newBatchWeight = 1 / 8;
// For how long a light job is taken as a sign that there will be others.
const lightExpectedMs = 1000;

/** A small pool of workers. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #limits: Limits;
  readonly #crew: Supervisor;
  readonly #queue: JobQueue;
  readonly #jobContext: JobContext;
  /** When the clock last ticked; exact enough for a deadline of seconds. */
  #now = performance.now();
  #lastId = 0;
  /** What a job takes, averaged over the last batches. */
  #cheapMs = grainMs;
  #flushing = false;
  #closed = false;
  #takeBackTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #clock: ReturnType<typeof setInterval>;

  private constructor(options: PoolOptions) {
    this.#options = options;
    const costs = options.learnCosts ? new RouteStats() : null;
    this.#jobContext = { costs, present: options.present };
    this.#queue = new JobQueue(costs);
    this.#limits = options.limits;
    this.#crew = new Supervisor({
      ...options,
      onFree: () => this.#flush(),
      onBatch: (jobs, busyMs) => {
        this.#cheapMs += (busyMs / jobs - this.#cheapMs) * newBatchWeight;
      },
      onReturned: (jobs) => this.#queue.putBack(jobs),
      onUnavailable: () => this.#queue.refuseAll(),
    });
    this.#clock = setInterval(() => this.#sweep(), options.limits.sweepMs);
  }

  /**
   * Starts a pool; it is at full strength when this resolves.
   *
   * @throws {import('./boot_error.ts').BootError} where the app does not load
   */
  static async start(options: PoolOptions): Promise<Pool> {
    const pool = new Pool(options);
    try {
      await pool.#crew.start();
      return pool;
    } catch (error) {
      pool.close();
      throw error;
    }
  }

  /** Workers that can be given jobs. */
  get ready(): number {
    return this.#crew.ready;
  }

  /** Jobs in the queue. */
  get queued(): number {
    return this.#queue.size;
  }

  /** Jobs that workers have. */
  get inFlight(): number {
    return this.#crew.inFlight;
  }

  /** Threads that could not be stopped. */
  get lost(): number {
    return this.#crew.lost;
  }

  /** Gives a request to the pool. Never throws; the answer says what is wrong. */
  submit(request: ReceivedRequest): Exchange {
    this.#scheduleFlush();
    const job = new Job(
      ++this.#lastId,
      request,
      this.#now,
      this.#jobContext,
    );
    if (
      this.#closed || this.queued >= this.#limits.maxQueue ||
      this.#crew.unavailable
    ) {
      job.settle(notRun);
      return job;
    }
    this.#queue.add(job);
    return job;
  }

  /** Once all who read in this turn of the event loop have submitted. */
  #scheduleFlush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    // The clock's last tick is too old for a lane where 50 ms decide.
    if (this.#options.learnCosts) this.#now = performance.now();
    queueMicrotask(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  /** Deals the queue out to the workers that are free. */
  #flush(): void {
    const now = this.#options.learnCosts ? performance.now() : this.#now;
    const { maxInFlightPerWorker } = this.#limits;
    const free = freeWorkers(this.#crew.workers, maxInFlightPerWorker, now);
    if (free.length > 0 && this.queued === 0) this.#takeBack();
    for (let left = free.length; left > 0 && this.queued > 0; left--) {
      this.#deal(free[left - 1], left, now);
    }
    if (this.#mayTakeLong()) this.#armTakeBack();
  }

  /** What may be risked with it. The last free one is kept for light jobs where that
   * costs nothing (more workers than cores) or where they come. */
  #bearableRisk(worker: WorkerHandle, now: number): Risk {
    const { size, cores, learnCosts } = this.#options;
    const keepsNone = size <= cores &&
      now - this.#queue.lightAt > lightExpectedMs;
    if (!learnCosts || keepsNone) return "blocking";
    return bearableRisk(worker, this.#crew.workers, now);
  }

  #deal(worker: WorkerHandle, freeWorkers: number, now: number): void {
    const jobs = this.#queue.next(
      Math.min(
        Math.max(
          Math.ceil(this.queued / freeWorkers),
          Math.floor(grainMs / this.#cheapMs),
        ),
        this.#limits.maxInFlightPerWorker - worker.books.inFlight,
        this.#limits.maxBatch,
      ),
      this.#bearableRisk(worker, now),
    );
    if (jobs.length === 0) return;
    for (const job of jobs) job.worker = worker;
    worker.books.give(jobs);
  }

  /** Whether a batch is out that would hold up others of it, or of its kind. */
  #mayTakeLong(): boolean {
    for (const worker of this.#crew.workers) {
      const { batch } = worker.books;
      if (batch === null) continue;
      if (
        batch.hasUnclaimed || this.#options.learnCosts && batch.isUnsuspected
      ) return true;
    }
    return false;
  }

  #armTakeBack(): void {
    this.#takeBackTimer ??= setTimeout(() => {
      this.#takeBackTimer = undefined;
      this.#takeBack();
      this.#flush();
    }, takeBackEveryMs);
  }

  /** Jobs that wait in the batch of a worker which is slow go back to the head of
   * the queue, in their order. */
  #takeBack(): void {
    const now = performance.now();
    for (const worker of this.#crew.workers) {
      const { batch } = worker.books;
      if (!batch?.isSlow(now)) continue;
      const jobs = worker.books.takeBack();
      if (this.#options.learnCosts) batch.markBlocking(now);
      this.#queue.putBack(jobs);
    }
  }

  /** Replaces all workers by ones that read the app anew, without hurting a job. */
  reload(): Promise<Reloaded> {
    return this.#crew.reload();
  }

  #sweep(): void {
    this.#now = performance.now();
    this.#crew.watch(this.#now);
    this.#queue.expire(this.#now, this.#limits.queueTimeoutMs);
    // A worker that was kept for light jobs may be free for others by now.
    if (this.queued > 0) this.#flush();
  }

  /** Ends every worker. What is still owed is answered 503. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#clock);
    clearTimeout(this.#takeBackTimer);
    this.#queue.refuseAll();
    this.#crew.close();
  }
}
