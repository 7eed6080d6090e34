/**
 * Inside a worker: runs batches of jobs, under the watchdog where they are an
 * app's. Must not know what a job does or what the pool is.
 *
 * @module
 */

import type { HandlerResponse, JobHandler } from "../http/handler.ts";
import type { HttpResponse } from "../http/message.ts";
import { type IncomingJob, unpackJobs } from "../messages/jobs.ts";
import type { FromWorker, Jobs } from "../messages/messages.ts";
import { PendingJobs } from "./pending_jobs.ts";
import { RequestBodyStreams } from "./request_body_stream.ts";
import { ResponseBatcher } from "./response_batcher.ts";
import { AnswerStreams } from "./stream_sender.ts";
import { guard, runGuarded, runMicrotasks } from "./watchdog.ts";

/** What a runner is made of. */
export interface RunnerOptions {
  /** Answers jobs. */
  readonly handler: JobHandler;
  /** Sends a message to the pool. */
  readonly post: (message: FromWorker, transfer?: Transferable[]) => void;
  /** One Int32: how many jobs of the current batch are claimed. */
  readonly claims: Int32Array;
  /** The value of `Server`, or `null` for none. */
  readonly serverName: string | null;
  /** How long the synchronous part of a job may take, in milliseconds; `null`
   * for a handler that needs no watching. */
  readonly timeoutMs: number | null;
  /** Bytes of a stream that may be ahead of the client. */
  readonly streamWindowBytes: number;
  /** Sleeps for the next batch, for so many milliseconds at most; `null` where it
   * does not come, or something else comes before it. */
  readonly nextBatch: (waitMs: number) => Jobs | null;
}

// Jobs begin so long after the guarded call that they are in; a job that is stopped
// has had its whole timeout, and at most so much more.
const sliceMs = 25;
// A guarded call wakes another thread twice, which on busy cores costs far more than
// its own 10 us. So one does for all batches that come within this time (a hello app
// at 64 connections: 9 % more requests/s, for 14 % less CPU each).
const stayMs = 10;
// How long it sleeps for the next of them. The event loop stands still meanwhile.
const nextBatchMs = 2;
// So many answers are sent while others of their batch are made: there is work for
// the main thread then. With a hello app at 64 connections 8 % more requests/s; with
// a site, where a batch is done in no time, less than without.
const earlyAnswers = 10;

/** Runs the jobs of one worker. */
export class JobRunner {
  readonly #options: RunnerOptions;
  readonly #outbox: ResponseBatcher;
  /** The streams of its answers. */
  readonly streams: AnswerStreams;
  /** The contents that are on their way. */
  readonly bodies: RequestBodyStreams;
  /** Those of the batch that is being run; none between two batches. */
  #jobs: readonly IncomingJob[] = [];
  /** Number of jobs in the batch, and of those that were claimed. */
  #count = 0;
  #claimed = 0;
  #costs: number[] = [];
  #begunAt = 0;
  /** Whether a handler was: the app is in whatever state that has left it in. */
  #wasStopped = false;
  readonly #owed: PendingJobs;
  readonly #heap = new HeapSampler();

  /**
   * Makes one; there can be only one in a thread.
   *
   * @param options what it runs and whom it tells
   */
  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#outbox = new ResponseBatcher(options);
    this.bodies = new RequestBodyStreams(options);
    this.streams = new AnswerStreams(
      options,
      (id) => options.handler.abort(id),
    );
    this.#owed = new PendingJobs({
      outbox: this.#outbox,
      streams: this.streams,
      // An app's fields are made anew for every answer.
      knownFields: options.timeoutMs === null,
    });
    guard(() => this.#stay());
  }

  /** Runs a batch and acknowledges it; under the watchdog also those that come right
   * behind it. */
  readonly run = (jobs: Jobs): void => {
    this.#beginBatch(jobs);
    const { timeoutMs, post } = this.#options;
    if (timeoutMs === null) {
      this.#runJobs(Infinity);
      return this.#endBatch();
    }
    while (this.#isRunning) {
      if (runGuarded(timeoutMs + sliceMs)) continue;
      // The thread was not run for so long, and is cut off where it should not be.
      if (this.#jobs.length === 0) {
        return post({
          kind: "broken",
          why: "it was stopped between two batches",
        });
      }
      this.#failStopped(timeoutMs);
    }
    // Before the batch is acknowledged, or it would be given another one.
    if (this.#wasStopped) {
      post({ kind: "leaving", why: "a handler had to be stopped" });
    }
    if (this.#jobs.length > 0) this.#endBatch();
  };

  #beginBatch(jobs: Jobs): void {
    this.#begunAt = performance.now();
    this.#count = jobs.count;
    this.#claimed = 0;
    this.#costs = [];
    this.#outbox.beginBatch();
    // The last of it: whoever is stopped before has no batch.
    this.#jobs = unpackJobs(jobs);
  }

  #endBatch(): void {
    this.#jobs = [];
    this.#outbox.endBatch({
      costs: this.#costs,
      heapBytes: this.#heap.bytes(),
      busyMs: performance.now() - this.#begunAt,
    });
    this.streams.beginBatch();
  }

  get #isRunning(): boolean {
    return this.#claimed < this.#count;
  }

  /** The job that was stopped fails; where it was between two jobs, nothing does. */
  #failStopped(timeoutMs: number): void {
    if (this.#costs.length === this.#claimed) return;
    this.#wasStopped = true;
    this.#costs.push(timeoutMs);
    this.#owed.stop(this.#jobs[this.#claimed - 1].id);
  }

  /** What the watchdog watches: a batch, and others as long as nothing but a batch
   * can come for this worker. What takes long is acknowledged outside: there nothing
   * is cut off. */
  #stay(): void {
    const endOfSlice = performance.now() + sliceMs;
    const endOfStay = performance.now() + stayMs;
    for (;;) {
      this.#runJobs(endOfSlice);
      if (this.#isRunning || this.#wasStopped) return;
      if (performance.now() > endOfStay) return;
      this.#endBatch();
      const jobs = this.#isQuiet ? this.#options.nextBatch(nextBatchMs) : null;
      if (jobs === null) return;
      this.#beginBatch(jobs);
    }
  }

  /** Whether nobody waits for an answer, a stream or a part of an upload. */
  get #isQuiet(): boolean {
    return this.#owed.size === 0 && this.streams.size === 0 &&
      this.bodies.size === 0;
  }

  /** Whether there are answers that need not wait for the end of the batch. */
  get #isEarly(): boolean {
    return this.#outbox.ready >= earlyAnswers &&
      this.#count - this.#claimed > earlyAnswers / 2;
  }

  /** Runs jobs one after the other, and begins none after that time. */
  #runJobs(end: number): void {
    const watched = this.#options.timeoutMs !== null;
    let now = watched ? performance.now() : 0;
    while (this.#isRunning && now < end) {
      if (watched && this.#isEarly) this.#outbox.sendEarly();
      const index = this.#claimed;
      if (
        Atomics.compareExchange(this.#options.claims, 0, index, index + 1) !==
          index
      ) {
        // The pool took back the rest.
        this.#count = index;
        return;
      }
      this.#claimed++;
      this.#runJob(this.#jobs[index]);
      if (!watched) continue;
      const after = performance.now();
      this.#costs.push(after - now);
      now = after;
    }
  }

  #runJob(job: IncomingJob): void {
    const { id } = job;
    this.#owed.owe(id, job);
    if (job.streamed) job.body = this.bodies.open(id);
    let result: HttpResponse | Promise<HandlerResponse>;
    try {
      result = this.#options.handler.handle(job, id);
      if (!(result instanceof Promise)) {
        this.#owed.answer(id, result);
        // What the handler left behind is to be stopped as well (40 ns).
        if (this.#options.timeoutMs !== null) runMicrotasks();
        return;
      }
    } catch (error) {
      this.#owed.fail(id, error);
      return;
    }
    result.then(
      (handled) => this.#owed.settle(id, handled),
      (error) => this.#owed.fail(id, error),
    );
    runMicrotasks();
  }

  /** Nobody waits for that job, or reads its stream, any more. */
  abort(id: number): void {
    this.streams.cancel(id);
    this.#options.handler.abort(id);
  }
}

// A look is about 15 us.
const everyMs = 250;

/** Looks at the heap of this thread. */
export class HeapSampler {
  #lookedAt = 0;

  /** Bytes in use; `null` where the last look was a short while ago. */
  bytes(): number | null {
    const now = performance.now();
    if (now - this.#lookedAt < everyMs) return null;
    this.#lookedAt = now;
    const { heapUsed, external } = Deno.memoryUsage();
    return heapUsed + external;
  }
}
