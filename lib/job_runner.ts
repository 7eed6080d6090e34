/**
 * Inside a worker: runs batches of jobs, each guarded, and owes an answer for
 * every one it has claimed. Must not know what a job does or what the pool is.
 *
 * @module
 */

import vm from "node:vm";
import type { HttpRequest, HttpResponse } from "./message.ts";
import { type ChunkStream, StreamPump } from "./stream_pump.ts";
import type { Answer, FromWorker, Job } from "./worker_protocol.ts";

/** What a handler made of a job. */
export interface Handled {
  /** The plain part. */
  readonly response: HttpResponse;
  /** Where its body is a stream: where that comes from. */
  readonly stream: ChunkStream | null;
}

/** Answers jobs; the only thing that a runner knows of site and app. */
export interface JobHandler {
  /** May throw, reject, never settle, or never return. */
  handle(request: HttpRequest, id: number): HttpResponse | Promise<Handled>;
  /** Nobody waits for that job any more. */
  abort(id: number): void;
}

/** What a runner is made of. */
export interface RunnerOptions {
  /** Answers jobs. */
  readonly handler: JobHandler;
  /** Sends a message to the pool. */
  readonly post: (message: FromWorker, transfer?: Transferable[]) => void;
  /** One Int32: how many jobs of the current batch are claimed. */
  readonly claims: Int32Array;
  /** How long the synchronous part of a job may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Bytes of a stream that may be ahead of the client. */
  readonly streamWindowBytes: number;
}

// A guarded call is about 10 us, so it runs as many jobs as fit in this; a job
// that is stopped has had its whole timeout, and at most so much more.
const sliceMs = 25;
// Looking at the heap is about 15 us.
const heapLookMs = 250;

// The script is compiled once; what it calls is found under a name of its own.
const turnKey = "skein batch turn";
const turnScript = new vm.Script(
  `globalThis[Symbol.for(${JSON.stringify(turnKey)})]()`,
);

/**
 * Runs the microtasks that a job has left, so that what follows an `await` of
 * something that is there already (a body that is in memory, say) is under the
 * watchdog too, and its answer in the batch. It is the runtime's own, and not
 * documented; where it is missing, such an answer comes a little later and such a
 * loop is for the pool to notice.
 */
const runMicrotasks: () => void = (() => {
  type Internals = Record<
    symbol,
    { core?: { runMicrotasks?: () => void } } | undefined
  >;
  const { internal } = Deno as unknown as { internal?: symbol };
  const core = internal && (Deno as unknown as Internals)[internal]?.core;
  return core?.runMicrotasks ?? (() => {});
})();

/** Runs the jobs of one worker. */
export class JobRunner {
  readonly #options: RunnerOptions;
  #jobs: readonly Job[] = [];
  #next = 0;
  #answers: Answer[] = [];
  #costs: number[] = [];
  /** Whether answers are collected for `batch-done`, or are late. */
  #collecting = false;
  #late: Answer[] = [];
  /** Streams whose answers are collected: they begin when those are sent. */
  #begins: (() => void)[] = [];
  /** Claimed and not answered. */
  readonly #owed = new Set<number>();
  readonly #streams = new Map<number, StreamPump>();
  #heapLookedAt = 0;

  /**
   * Makes one.
   *
   * @param options what it runs and whom it tells
   */
  constructor(options: RunnerOptions) {
    this.#options = options;
    (globalThis as Record<symbol, unknown>)[Symbol.for(turnKey)] = () =>
      this.#turn();
  }

  /** Runs a batch and acknowledges it. */
  run(jobs: readonly Job[]): void {
    this.#jobs = jobs;
    this.#next = 0;
    this.#answers = [];
    this.#costs = [];
    this.#collecting = true;
    let stopped = false;
    while (this.#next < this.#jobs.length) {
      stopped = this.#guardedTurn() || stopped;
    }
    this.#collecting = false;
    this.#options.post({
      kind: "batch-done",
      answers: this.#answers,
      costs: this.#costs,
      heapBytes: this.#heapBytes(),
    });
    for (const begin of this.#begins.splice(0)) begin();
    // Its state is whatever the loop had made of it when it was cut off.
    if (stopped) {
      this.#options.post({
        kind: "leaving",
        why: "a handler had to be stopped",
      });
    }
  }

  /** @returns whether a job had to be stopped */
  #guardedTurn(): boolean {
    const begun = this.#next;
    const { timeoutMs } = this.#options;
    try {
      turnScript.runInThisContext({ timeout: timeoutMs + sliceMs });
      return false;
    } catch (error) {
      if (
        (error as { code?: string }).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT"
      ) throw error;
      // It was stopped before the first job: as good as a turn that did nothing.
      if (this.#next === begun && this.#costs.length < this.#next) return false;
      const { id } = this.#jobs[this.#next - 1];
      this.#costs.push(timeoutMs);
      this.#fail(id, 504, "");
      return true;
    }
  }

  /** Runs jobs one after the other, for about a slice. */
  #turn(): void {
    const begun = performance.now();
    let now = begun;
    while (this.#next < this.#jobs.length && now - begun < sliceMs) {
      const index = this.#next;
      const before = Atomics.compareExchange(
        this.#options.claims,
        0,
        index,
        index + 1,
      );
      if (before !== index) {
        // The pool took back the rest.
        this.#jobs = this.#jobs.slice(0, index);
        return;
      }
      this.#next++;
      this.#runJob(this.#jobs[index]);
      const after = performance.now();
      this.#costs.push(after - now);
      now = after;
    }
  }

  #runJob(job: Job): void {
    this.#owed.add(job.id);
    let result: HttpResponse | Promise<Handled>;
    try {
      result = this.#options.handler.handle(job.request, job.id);
    } catch (error) {
      this.#fail(job.id, 500, traceOf(error));
      return;
    }
    if (!(result instanceof Promise)) {
      this.#answer({ kind: "response", id: job.id, response: result });
      return;
    }
    result.then(
      (handled) => this.#settle(job.id, handled),
      (error) => this.#fail(job.id, 500, traceOf(error)),
    );
    runMicrotasks();
  }

  #settle(id: number, handled: Handled): void {
    const { response, stream } = handled;
    const owed = this.#answer({ kind: "response", id, response });
    if (stream === null) return;
    if (!owed) {
      stream.cancel();
      return;
    }
    const pump = new StreamPump(id, stream, this.#options);
    this.#streams.set(id, pump);
    this.#afterAnswers(() => this.#pump(id, pump));
  }

  /** Chunks must not overtake the answer they belong to. */
  #afterAnswers(begin: () => void): void {
    if (this.#collecting) this.#begins.push(begin);
    else queueMicrotask(begin);
  }

  #pump(id: number, pump: StreamPump): void {
    pump.run().finally(() => {
      this.#streams.delete(id);
      this.#options.handler.abort(id);
    });
  }

  #fail(id: number, status: 500 | 504, trace: string): void {
    this.#answer({ kind: "failure", id, status, trace });
  }

  /** @returns whether the answer was still owed */
  #answer(answer: Answer): boolean {
    if (!this.#owed.delete(answer.id)) return false;
    if (this.#collecting) {
      this.#answers.push(answer);
      return true;
    }
    // Those that settle in the same turn of the event loop share a message.
    if (this.#late.push(answer) === 1) queueMicrotask(() => this.#postLate());
    return true;
  }

  #postLate(): void {
    const answers = this.#late;
    this.#late = [];
    this.#options.post({ kind: "answers", answers });
  }

  /** Nobody waits for that job, or reads its stream, any more. */
  abort(id: number): void {
    this.#owed.delete(id);
    this.#streams.get(id)?.cancel();
    this.#options.handler.abort(id);
  }

  /** That stream may send so many bytes more. */
  credit(id: number, bytes: number): void {
    this.#streams.get(id)?.credit(bytes);
  }

  #heapBytes(): number | null {
    const now = performance.now();
    if (now - this.#heapLookedAt < heapLookMs) return null;
    this.#heapLookedAt = now;
    const { heapUsed, external } = Deno.memoryUsage();
    return heapUsed + external;
  }
}

/** An error for the log, whatever was thrown. */
export function traceOf(error: unknown): string {
  if (error instanceof Error) return error.stack ?? `${error}`;
  try {
    return `Thrown: ${Deno.inspect(error)}`;
  } catch {
    return "Thrown: something that cannot be shown";
  }
}
