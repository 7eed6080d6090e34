/**
 * Inside a worker: runs batches of jobs, each guarded, and owes an answer for
 * every one it has claimed. Must not know what a job does or what the pool is.
 *
 * @module
 */

import { AnswerOutbox } from "./answer_outbox.ts";
import { AnswerStreams } from "./answer_streams.ts";
import { BodyInlets } from "./body_inlet.ts";
import { encodeFieldLines, encodeKnownFieldLines } from "./field_lines.ts";
import { isPersistent } from "./framing.ts";
import type { Handled, JobHandler } from "./job_handler.ts";
import type { HttpRequest, HttpResponse } from "./message.ts";
import { parseRequestHead } from "./request_head.ts";
import type { ClientFacts } from "./packed_answers.ts";
import { type IncomingJob, unpackJobs } from "./packed_jobs.ts";
import { traceOf } from "./trace.ts";
import { guard, runGuarded, runMicrotasks } from "./watchdog.ts";
import type { FromWorker, Jobs } from "./worker_protocol.ts";

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
}

// A guarded call is about 10 us, so it runs as many jobs as fit in this; a job
// that is stopped has had its whole timeout, and at most so much more.
const sliceMs = 25;
// Looking at the heap is about 15 us.
const heapLookMs = 250;

/** Runs the jobs of one worker. */
export class JobRunner {
  readonly #options: RunnerOptions;
  readonly #outbox: AnswerOutbox;
  /** The streams of its answers. */
  readonly streams: AnswerStreams;
  /** The contents that are on their way. */
  readonly bodies: BodyInlets;
  #jobs: readonly IncomingJob[] = [];
  /** Number of jobs in the batch, and of those that were claimed. */
  #count = 0;
  #claimed = 0;
  #costs: number[] = [];
  /** Claimed and not answered, and who waits. */
  readonly #owed = new Map<number, ClientFacts>();
  #heapLookedAt = 0;

  /**
   * Makes one; there can be only one in a thread.
   *
   * @param options what it runs and whom it tells
   */
  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#outbox = new AnswerOutbox(options);
    this.bodies = new BodyInlets(options);
    this.streams = new AnswerStreams(
      options,
      (id) => options.handler.abort(id),
    );
    guard(() => this.#turn());
  }

  /** Runs a batch and acknowledges it. */
  readonly run = (jobs: Jobs): void => {
    const begun = performance.now();
    this.#jobs = unpackJobs(jobs);
    this.#count = this.#jobs.length;
    this.#claimed = 0;
    this.#costs = [];
    this.#outbox.beginBatch();
    const { timeoutMs } = this.#options;
    let stopped = false;
    while (this.#claimed < this.#count) {
      if (timeoutMs === null) this.#turn();
      else if (this.#guardedTurn(timeoutMs)) stopped = true;
    }
    this.#jobs = [];
    this.#outbox.endBatch({
      costs: this.#costs,
      heapBytes: this.#heapBytes(),
      busyMs: performance.now() - begun,
    });
    this.streams.beginBatch();
    // Its state is whatever the loop had made of it when it was cut off.
    if (stopped) {
      this.#options.post({
        kind: "leaving",
        why: "a handler had to be stopped",
      });
    }
  };

  /** @returns whether a job had to be stopped */
  #guardedTurn(timeoutMs: number): boolean {
    if (runGuarded(timeoutMs + sliceMs)) return false;
    // Stopped between two jobs: nothing is lost.
    if (this.#costs.length === this.#claimed) return false;
    this.#costs.push(timeoutMs);
    const { id } = this.#jobs[this.#claimed - 1];
    // Where it was stopped before it was owed, or after its answer, that counts once.
    this.#owed.delete(id);
    this.#outbox.addFailure({ id, status: 504, trace: "" });
    return true;
  }

  /** Runs jobs one after the other, for about a slice. */
  #turn(): void {
    const watched = this.#options.timeoutMs !== null;
    const begun = watched ? performance.now() : 0;
    let now = begun;
    while (this.#claimed < this.#count && now - begun < sliceMs) {
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
    const request = this.#requestOf(job);
    const { method, version, fields } = request;
    const persistent = isPersistent(version, fields);
    this.#owed.set(id, { method, version, persistent });
    let result: HttpResponse | Promise<Handled>;
    try {
      result = this.#options.handler.handle(request, id);
      if (!(result instanceof Promise)) {
        this.#answer(id, result);
        // What the handler left behind is to be stopped as well (40 ns).
        if (this.#options.timeoutMs !== null) runMicrotasks();
        return;
      }
    } catch (error) {
      this.#fail(id, 500, traceOf(error));
      return;
    }
    result.then(
      (handled) => this.#settle(id, handled),
      (error) => this.#fail(id, 500, traceOf(error)),
    );
    runMicrotasks();
  }

  /** Throws nothing: the main thread has parsed the same lines. */
  #requestOf({ id, lines, body, peer }: IncomingJob): HttpRequest {
    const { method, target, authority, version, fields } = parseRequestHead(
      lines,
    );
    const content = body === "streamed" ? this.bodies.open(id) : body;
    return { method, target, authority, version, fields, body: content, peer };
  }

  #settle(id: number, { response, stream }: Handled): void {
    let owed: boolean;
    try {
      owed = this.#answer(id, response);
    } catch (error) {
      stream?.cancel();
      return this.#fail(id, 500, traceOf(error));
    }
    if (stream === null) return;
    if (!owed) return stream.cancel();
    this.streams.open(id, stream, this.#outbox.inBatch);
  }

  /**
   * Puts an answer into the next message.
   *
   * @returns whether it was still owed
   * @throws {import("./field_lines.ts").UnsendableFieldError} and then it still is
   * @throws {TypeError} likewise, where its bytes were given away
   */
  #answer(id: number, { status, fields, body }: HttpResponse): boolean {
    const client = this.#owed.get(id);
    if (client === undefined) return false;
    // An app's are made anew for every answer.
    const fieldLines = this.#options.timeoutMs === null
      ? encodeKnownFieldLines(fields)
      : encodeFieldLines(fields);
    this.#outbox.add(id, { status, fieldLines, body }, client);
    this.#owed.delete(id);
    return true;
  }

  #fail(id: number, status: 500 | 504, trace: string): void {
    if (this.#owed.delete(id)) {
      this.#outbox.addFailure({ id, status, trace });
    }
  }

  /** Nobody waits for that job, or reads its stream, any more. */
  abort(id: number): void {
    this.streams.cancel(id);
    this.#options.handler.abort(id);
  }

  #heapBytes(): number | null {
    const now = performance.now();
    if (now - this.#heapLookedAt < heapLookMs) return null;
    this.#heapLookedAt = now;
    const { heapUsed, external } = Deno.memoryUsage();
    return heapUsed + external;
  }
}
