/**
 * Inside a worker: runs batches of jobs under the watchdog. Must not know what a job
 * does or what the pool is.
 *
 * @module
 */

import type { Handler, HandlerResponse } from "../http/handler.ts";
import type { HttpResponse } from "../http/message.ts";
import { claimJob, type IncomingJob, unpackJobs } from "../messages/jobs.ts";
import type { FromWorker, Jobs } from "../messages/messages.ts";
import type { TunnelTraffic } from "../messages/tunnel_traffic.ts";
import { natives } from "../natives.ts";
import { HeapSampler } from "./heap.ts";
import { PendingJobs } from "./pending_jobs.ts";
import { ResponseBatcher } from "./response_batcher.ts";
import { WorkerTunnels } from "./tunnels.ts";
import { guard, runGuarded, runMicrotasks } from "./watchdog.ts";

/** What runs jobs, and who hears of them. */
export interface RunnerOptions {
  readonly handler: Handler;
  /** Sends a message to the pool. */
  readonly post: (message: FromWorker, transfer?: Transferable[]) => void;
  /** One Int32: how many jobs of the current batch are claimed. */
  readonly claims: Int32Array;
  /** The value of `Server`, or `null` for none. */
  readonly serverName: string | null;
  /** How long the synchronous part of a job may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Bytes of a stream that may be ahead of the client. */
  readonly streamWindowBytes: number;
  /** Sleeps until the next batch comes, for so many milliseconds at most; `null` where
   * it does not come, or another message comes before it. */
  readonly nextBatch: (waitMs: number) => Jobs | null;
  /** The same for what happens on tunnels. */
  readonly nextTraffic: (waitMs: number) => TunnelTraffic | null;
}

// Jobs begin at most so long after the guarded call that they are in; a job that is
// stopped has had its whole timeout, and at most so much more.
const sliceMs = 25;
// A guarded call wakes another thread twice, which on busy cores costs far more than
// its own 10 us. So one call does for all batches that come within this time (a hello
// app at 64 connections: 9 % more requests/s, for 14 % less CPU each).
const stayMs = 10;
// How long it sleeps for the next batch. The event loop stands still meanwhile.
const nextBatchMs = 2;
// So many responses are sent while others of their batch are made: there is work for
// the main thread then. With a hello app at 64 connections 8 % more requests/s; with
// files, where a batch is done in no time, fewer than without.
const earlyResponses = 10;

/** Runs the jobs of one worker. */
export class JobRunner {
  readonly #options: RunnerOptions;
  readonly #batcher: ResponseBatcher;
  /** The jobs of the batch that is being run; none between two batches. */
  #jobs: readonly IncomingJob[] = [];
  /** Number of jobs in the batch, and of those that were claimed. */
  #count = 0;
  #claimed = 0;
  #costs: number[] = [];
  #begunAt = 0;
  /** Whether a handler was stopped: the app may be in any state. */
  #wasStopped = false;
  /** The jobs that are not over. */
  readonly pending: PendingJobs;
  /** Connections that jobs have made tunnels of. */
  readonly tunnels: WorkerTunnels;
  /** What is run under the watchdog instead of a batch. */
  #task: (() => void) | null = null;
  readonly #heap = new HeapSampler();

  /** There can be only one in a thread. */
  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#batcher = new ResponseBatcher(options);
    this.tunnels = new WorkerTunnels({
      post: (traffic) => options.post({ kind: "tunnels", traffic }),
      guarded: (task) => this.#runTask(task),
      nextTraffic: options.nextTraffic,
    });
    this.pending = new PendingJobs({
      ...options,
      batcher: this.#batcher,
      tunnels: this.tunnels,
    });
    guard(() => this.#task === null ? this.#stay() : this.#task());
  }

  /** Runs a batch and acknowledges it, and the batches that come right behind it. */
  readonly run = (jobs: Jobs): void => {
    this.#beginBatch(jobs);
    const { timeoutMs, post } = this.#options;
    while (this.#isRunning) {
      if (runGuarded(timeoutMs + sliceMs)) continue;
      // The thread stood still for so long that it was cut off between two batches.
      if (this.#jobs.length === 0) {
        return post({
          kind: "broken",
          why: "it was stopped between two batches",
        });
      }
      this.#failStopped(timeoutMs);
    }
    // Before the batch is acknowledged, or the worker would be given another one.
    if (this.#wasStopped) this.#leave();
    if (this.#jobs.length > 0) this.#endBatch();
  };

  #leave(): void {
    this.#options.post({
      kind: "leaving",
      reason: "stopped",
      why: "a handler had to be stopped",
    });
  }

  /** Runs something between two batches.
   *
   * @returns whether it came to its end; else it was stopped */
  #runTask(task: () => void): boolean {
    this.#task = task;
    try {
      if (runGuarded(this.#options.timeoutMs + sliceMs)) return true;
    } finally {
      this.#task = null;
    }
    this.#wasStopped = true;
    this.#restoreMicrotasks();
    this.#leave();
    return false;
  }

  /** Where a microtask is stopped, all that wait behind it are dropped. */
  #restoreMicrotasks(): void {
    this.pending.stopped();
    this.tunnels.stopped();
  }

  #beginBatch(jobs: Jobs): void {
    this.#begunAt = natives.now();
    this.#count = jobs.count;
    this.#claimed = 0;
    this.#costs = [];
    this.#batcher.beginBatch();
    // This comes last: after a stop before it there is no batch.
    this.#jobs = unpackJobs(jobs);
  }

  #endBatch(): void {
    this.#jobs = [];
    this.#batcher.endBatch({
      costs: this.#costs,
      heapBytes: this.#heap.bytes(),
      busyMs: natives.now() - this.#begunAt,
    });
    this.pending.batchSent();
  }

  get #isRunning(): boolean {
    return this.#claimed < this.#count;
  }

  /** The job that was stopped fails; where it was between two jobs, nothing does. */
  #failStopped(timeoutMs: number): void {
    this.#restoreMicrotasks();
    if (this.#costs.length === this.#claimed) return;
    this.#wasStopped = true;
    this.#costs.push(timeoutMs);
    this.pending.stop(this.#jobs[this.#claimed - 1].id);
  }

  /** The guarded part: runs a batch, and further ones as long as nothing but a batch can
   * come for this worker. A batch that took long is acknowledged outside, where nothing
   * is cut off. */
  #stay(): void {
    const endOfSlice = natives.now() + sliceMs;
    const endOfStay = natives.now() + stayMs;
    for (;;) {
      this.#runJobs(endOfSlice);
      if (this.#isRunning || this.#wasStopped) return;
      if (natives.now() > endOfStay) return;
      this.#endBatch();
      const jobs = this.pending.size === 0
        ? this.#options.nextBatch(nextBatchMs)
        : null;
      if (jobs === null) return;
      this.#beginBatch(jobs);
    }
  }

  /** Whether there are responses that need not wait for the end of the batch. */
  get #isEarly(): boolean {
    return this.#batcher.ready >= earlyResponses &&
      this.#count - this.#claimed > earlyResponses / 2;
  }

  /** Runs jobs one after the other, and begins none after that time. */
  #runJobs(end: number): void {
    let now = natives.now();
    while (this.#isRunning && now < end) {
      if (this.#isEarly) this.#batcher.sendEarly();
      const index = this.#claimed;
      if (!claimJob(this.#options.claims, index)) {
        // The pool took back the rest.
        this.#count = index;
        return;
      }
      this.#claimed++;
      this.#runJob(this.#jobs[index]);
      const after = natives.now();
      this.#costs.push(after - now);
      now = after;
    }
  }

  #runJob(job: IncomingJob): void {
    const pending = this.pending.begin(job);
    let result: HttpResponse | Promise<HandlerResponse>;
    try {
      result = this.#options.handler.handle(job, pending);
      if (!(result instanceof natives.Promise)) {
        this.pending.respond(pending, result);
        // What the handler left behind is to be stopped as well (40 ns).
        runMicrotasks();
        return;
      }
    } catch (error) {
      this.pending.fail(pending, error);
      return;
    }
    result.then(
      (response) => this.pending.settle(pending, response),
      (error) => this.pending.fail(pending, error),
    );
    runMicrotasks();
  }
}
