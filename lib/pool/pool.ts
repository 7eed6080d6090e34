/**
 * The pool: takes requests as jobs, and puts its parts together: the queue, the
 * scheduler that gives jobs to workers, and the supervisor that replaces workers. Must
 * not know sockets, fields or files.
 *
 * @module
 */

import type { Exchange, ReceivedRequest } from "../http/exchange.ts";
import type { Limits } from "../limits.ts";
import type { News, WorkerConfig } from "../messages/messages.ts";
import type { Thread } from "../messages/thread.ts";
import type { Reloaded } from "./boot_error.ts";
import type { MemoryWatchOptions } from "./memory_watch.ts";
import { Job, type JobContext, notRun, type ToWireResponse } from "./job.ts";
import { JobQueue } from "./job_queue.ts";
import { PoolRecords, type RejectionReason } from "./records.ts";
import { RouteStats } from "./route_stats.ts";
import { Scheduler } from "./scheduler.ts";
import { Supervisor } from "./supervisor.ts";
import type { WorkerHandle } from "./worker_handle.ts";

/** What a pool is made of. */
export interface PoolOptions {
  /** Number of workers. */
  readonly size: number;
  /** Starts a thread of a worker; throws where that is not possible. */
  readonly spawn: (config: WorkerConfig) => Thread;
  /** What workers receive, until a reload. */
  readonly config: WorkerConfig;
  readonly limits: Limits;
  /** How many threads can compute at the same time. */
  readonly cores: number;
  /** Whether jobs differ in cost by their path: an app's do, files do not. */
  readonly learnCosts: boolean;
  readonly toWireResponse: ToWireResponse;
  /** How long the tunnels of a worker that was replaced may go on. */
  readonly drainMs: number;
  /** Receives one line for the log. */
  readonly log: (line: string) => void;
  /** Receives what workers tell that is about no job. */
  readonly onNews: (news: News) => void;
  /** More threads than the limit could not be stopped. */
  readonly onTooManyLost: () => void;
  /** How much memory workers may use, or `null` where nobody watches. */
  readonly memory: MemoryWatchOptions | null;
  /** A thread that cannot be stopped uses more than that. */
  readonly onOutOfMemory: () => void;
}

/** A small pool of workers. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #limits: Limits;
  readonly #supervisor: Supervisor;
  readonly #queue: JobQueue;
  readonly #scheduler: Scheduler;
  readonly #jobContext: JobContext;
  readonly records = new PoolRecords();
  readonly routes: RouteStats | null;
  /** When the clock last ticked; exact enough for a deadline of seconds. */
  #now = performance.now();
  #lastId = 0;
  #scheduled = false;
  #closed = false;
  readonly #clock: ReturnType<typeof setInterval>;

  private constructor(options: PoolOptions) {
    const { learnCosts, toWireResponse, limits, size, cores } = options;
    this.#options = options;
    this.#limits = limits;
    const routes = this.routes = learnCosts ? new RouteStats() : null;
    this.#jobContext = { routes, toWireResponse };
    const queue = this.#queue = new JobQueue(routes);
    this.#scheduler = new Scheduler({
      ...{ queue, limits, size, cores, learnCosts },
      workers: () => this.#supervisor.workers,
    });
    this.#supervisor = new Supervisor({
      ...options,
      records: this.records,
      onFree: () => this.#schedule(),
      onBatch: (jobs, busyMs) => this.#scheduler.learn(jobs, busyMs),
      onReturned: (jobs) => {
        queue.putBack(jobs);
        if (jobs.length > 0) this.#scheduleSoon();
      },
      onUnavailable: () => this.records.reject("no_worker", queue.refuseAll()),
    });
    this.#clock = setInterval(() => this.#sweep(), limits.sweepMs);
  }

  /**
   * Starts a pool; its first worker is ready when this resolves, the others soon.
   *
   * @throws {import('./boot_error.ts').BootError} where the app does not load
   */
  static async start(options: PoolOptions): Promise<Pool> {
    const pool = new Pool(options);
    try {
      await pool.#supervisor.start();
      return pool;
    } catch (error) {
      pool.close();
      throw error;
    }
  }

  /** Workers that can be given jobs. */
  get ready(): number {
    return this.#supervisor.ready;
  }

  /** Workers that there are, but for a moment while one is replaced. */
  get size(): number {
    return this.#options.size;
  }

  /** Jobs in the queue. */
  get queued(): number {
    return this.#queue.size;
  }

  /** How long the first job in the queue has waited, in milliseconds. */
  oldestMs(now: number): number {
    return this.#queue.oldestMs(now);
  }

  /** The workers that were not ended. */
  get workers(): Iterable<WorkerHandle> {
    return this.#supervisor.workers;
  }

  /** Jobs that workers have. */
  get inFlight(): number {
    return this.#supervisor.inFlight;
  }

  /** Threads that could not be stopped. */
  get lost(): number {
    return this.#supervisor.lost;
  }

  /** Gives a request to the pool. Never throws: an error is a response too. */
  submit(request: ReceivedRequest): Exchange {
    this.#scheduleSoon();
    const job = new Job(++this.#lastId, request, this.#now, this.#jobContext);
    const refused = this.#refusal();
    if (refused === null) this.#queue.add(job);
    else {
      this.records.reject(refused);
      job.answer(notRun);
    }
    return job;
  }

  /** Why a request is not taken; `null` where it is. */
  #refusal(): RejectionReason | null {
    if (this.#closed || this.#supervisor.unavailable) return "no_worker";
    return this.queued >= this.#limits.maxQueue ? "queue_full" : null;
  }

  /** Gives jobs out when all connections that read in this turn of the event loop have
   * submitted theirs. */
  #scheduleSoon(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // The clock's last tick is too old where 50 ms decide.
    if (this.#options.learnCosts) this.#now = performance.now();
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#schedule();
    });
  }

  #schedule(): void {
    this.#scheduler.run(
      this.#options.learnCosts ? performance.now() : this.#now,
    );
  }

  /** Replaces all workers by ones that load the app anew; no job is lost.
   *
   * @param config for them, where it is another one
   */
  reload(config: WorkerConfig = this.#options.config): Promise<Reloaded> {
    return this.#supervisor.reload(config);
  }

  #sweep(): void {
    this.#now = performance.now();
    this.#supervisor.watch(this.#now);
    this.#expireQueue();
    // A worker that was kept for light jobs may be free for others by now.
    if (this.queued > 0) this.#schedule();
  }

  #expireQueue(): void {
    const { queueTimeoutMs } = this.#limits;
    const expired = this.#queue.expire(this.#now, queueTimeoutMs);
    if (expired === 0) return;
    this.records.reject("queue_timeout", expired);
    const requests = expired === 1 ? "1 request" : `${expired} requests`;
    this.#options.log(
      `No worker was free for ${queueTimeoutMs / 1000} s: ${requests} got 503`,
    );
  }

  /** Ends every worker. What is still owed becomes 503. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#clock);
    this.#scheduler.close();
    this.#queue.refuseAll();
    this.#supervisor.close();
  }
}
