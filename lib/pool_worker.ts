/**
 * One worker thread, seen from the main thread: what it was given, what it owes,
 * whether it lives. It keeps the books; the pool decides. Must not know sockets,
 * fields or files.
 *
 * @module
 */

import { type AnswerVisitor, packJobs, unpackAnswers } from "./batch_codec.ts";
import type { BodySource, EncodedReply, ReceivedRequest } from "./dispatch.ts";
import { StreamRelay } from "./stream_relay.ts";
import {
  type AnswerBody,
  type Answers,
  claimsClosed,
  type Failure,
  type FromWorker,
  type ToWorker,
  type WorkerConfig,
} from "./worker_protocol.ts";

/** How a job ended. */
export type Outcome =
  | EncodedReply
  | {
    readonly kind: "response";
    readonly status: number;
    /** With their CRLFs. */
    readonly fieldLines: string;
    readonly body: AnswerBody;
    /** Where the body is a stream: it. */
    readonly stream: BodySource | null;
  }
  | {
    readonly kind: "failure";
    /** 500: the handler failed; 503: it was not run; 504: it took too long. */
    readonly status: 500 | 503 | 504;
    /** For the log; empty where nothing went wrong but the time. */
    readonly trace: string;
  };

/** A job as a worker's books have it. */
export interface PooledJob {
  /** Unique in the process. */
  readonly id: number;
  /** What is to be answered. */
  readonly request: ReceivedRequest;
  /** When it was given to a worker. */
  sentAt: number;
  /** Whether its client has left. */
  aborted: boolean;
  /** It was run, and took so long. */
  learn(ms: number): void;
  /** Ends it; only the first time counts. */
  settle(outcome: Outcome): void;
}

/** What a pool hears of a worker. */
export interface WorkerEvents {
  /** It can be given a batch. */
  readonly onFree: (worker: PoolWorker) => void;
  /** It has run so many jobs in so long. */
  readonly onBatch: (jobs: number, busyMs: number) => void;
  /** It asked to be replaced. */
  readonly onLeaving: (worker: PoolWorker, why: string) => void;
  /** It has answered all that it owed. */
  readonly onIdle: (worker: PoolWorker) => void;
  /** Something for the log. */
  readonly onFault: (trace: string) => void;
}

/** The batch that was not acknowledged yet. */
interface Batch {
  jobs: readonly PooledJob[];
  readonly sentAt: number;
}

/** The ways of a thread's life. */
export type WorkerState = "booting" | "ready" | "retiring" | "ended";

/** A worker could not be made ready. */
export class BootError extends Error {
  /**
   * Makes one.
   *
   * @param reason one sentence
   */
  constructor(reason: string) {
    super(reason);
    this.name = "BootError";
  }
}

/** One thread and its books. */
export class PoolWorker {
  readonly #thread: Worker;
  readonly #events: WorkerEvents;
  readonly #claims = new Int32Array(new SharedArrayBuffer(4));
  readonly #inFlight = new Map<number, PooledJob>();
  readonly #streams = new Map<number, StreamRelay>();
  #state: WorkerState = "booting";
  #batch: Batch | null = null;
  #boot = Promise.withResolvers<void>();
  #heardAt = performance.now();
  #pingedAt: number | null = null;
  /** Jobs that it was given so far. */
  jobsGiven = 0;
  /** Bytes of its heap when it last looked. */
  heapBytes = 0;

  /**
   * Makes one.
   *
   * @param thread runs worker.ts and was told nothing yet
   * @param events go to the pool
   */
  constructor(thread: Worker, events: WorkerEvents) {
    this.#thread = thread;
    this.#events = events;
    thread.onmessage = (event) => this.#receive(event.data);
    thread.onerror = (event) => {
      // Without this an error in a worker ends the whole process.
      event.preventDefault();
      this.#crashed(event.message);
    };
    thread.onmessageerror = () => this.#crashed("It sent what cannot be read");
  }

  /** Where its life stands. */
  get state(): WorkerState {
    return this.#state;
  }

  /** Jobs it has not answered, streams included. */
  get inFlight(): number {
    return this.#inFlight.size + this.#streams.size;
  }

  /** Whether it can be given a batch. */
  get free(): boolean {
    return this.#state === "ready" && this.#batch === null;
  }

  /** Since when its batch has been unacknowledged, or `null`. */
  get busySince(): number | null {
    return this.#batch?.sentAt ?? null;
  }

  /** Whether its batch has more jobs than it has claimed. */
  get hasUnclaimed(): boolean {
    return this.#batch !== null &&
      Atomics.load(this.#claims, 0) < this.#batch.jobs.length;
  }

  #post(message: ToWorker): void {
    this.#thread.postMessage(message);
  }

  /**
   * Makes it ready.
   *
   * @throws {BootError} where its app does not load, or not in time
   */
  async boot(config: WorkerConfig, timeoutMs: number): Promise<void> {
    const claims = this.#claims.buffer as SharedArrayBuffer;
    this.#post({ kind: "boot", config, claims });
    const timer = setTimeout(() => {
      this.#boot.reject(
        new BootError(`It was not ready after ${timeoutMs / 1000} s`),
      );
    }, timeoutMs);
    try {
      await this.#boot.promise;
    } catch (error) {
      this.end();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Gives it a batch; it has to be free. */
  give(jobs: readonly PooledJob[]): void {
    const now = performance.now();
    Atomics.store(this.#claims, 0, 0);
    for (const job of jobs) {
      job.sentAt = now;
      this.#inFlight.set(job.id, job);
    }
    this.#batch = { jobs, sentAt: now };
    this.jobsGiven += jobs.length;
    this.#post({ kind: "batch", jobs: packJobs(jobs) });
  }

  /** Takes back those jobs of its batch that it has not begun. */
  takeBack(): readonly PooledJob[] {
    if (this.#batch === null) return [];
    const claimed = Atomics.exchange(this.#claims, 0, claimsClosed);
    if (claimed >= this.#batch.jobs.length) return [];
    const unclaimed = this.#batch.jobs.slice(claimed);
    this.#batch.jobs = this.#batch.jobs.slice(0, claimed);
    for (const job of unclaimed) this.#inFlight.delete(job.id);
    this.jobsGiven -= unclaimed.length;
    return unclaimed;
  }

  /** Tells it that the client of that job has left, or was told that it takes too
   * long. An answer is still taken; a stream ends here. */
  abort(id: number): void {
    if (this.#state === "ended") return;
    const job = this.#inFlight.get(id);
    if (job !== undefined) job.aborted = true;
    else if (!this.#streams.has(id)) return;
    this.#post({ kind: "abort", id });
    this.#endStream(id, "its client has left");
  }

  #receive(message: FromWorker): void {
    // What a thread that was given up still says comes too late.
    if (this.#state === "ended") return;
    this.#heardAt = performance.now();
    this.#pingedAt = null;
    switch (message.kind) {
      case "ready":
        this.#state = "ready";
        this.#boot.resolve();
        break;
      case "boot-failed":
        this.#boot.reject(new BootError(message.reason));
        break;
      case "batch-done":
        this.#batchDone(message.costs, message.busyMs);
        this.#settle(message.answers, message.failures);
        if (message.heapBytes !== null) this.heapBytes = message.heapBytes;
        this.#afterAnswers();
        break;
      case "answers":
        this.#settle(message.answers, message.failures);
        this.#afterAnswers();
        break;
      case "chunk":
        this.#streams.get(message.id)?.push(message.bytes);
        break;
      case "end":
        this.#endStream(message.id, null);
        break;
      case "cut":
        this.#events.onFault(message.trace);
        this.#endStream(message.id, "its handler failed");
        break;
      case "pong":
        this.#checkIdle();
        break;
      case "fault":
        this.#events.onFault(message.trace);
        break;
      case "leaving":
        this.#events.onLeaving(this, message.why);
        break;
      default:
        this.#events.onFault(
          `A worker sent what nobody knows: ${message satisfies never}`,
        );
    }
  }

  #batchDone(costs: readonly number[], busyMs: number): void {
    const jobs = this.#batch?.jobs ?? [];
    if (jobs.length > 0) this.#events.onBatch(jobs.length, busyMs);
    this.#batch = null;
    costs.forEach((ms, i) => jobs[i]?.learn(ms));
  }

  #settle(answers: Answers, failures: readonly Failure[]): void {
    unpackAnswers(answers, this.#visitor);
    for (const { id, status, trace } of failures) {
      const job = this.#inFlight.get(id);
      this.#inFlight.delete(id);
      job?.settle({ kind: "failure", status, trace });
    }
  }

  #afterAnswers(): void {
    if (this.free) this.#events.onFree(this);
    this.#checkIdle();
  }

  readonly #visitor: AnswerVisitor = {
    encoded: (id, status, headLength, bytes) => {
      const job = this.#inFlight.get(id);
      // Answered by the pool meanwhile, where it took too long.
      if (job === undefined) return;
      this.#inFlight.delete(id);
      job.settle({ kind: "encoded", status, headLength, bytes });
    },
    open: (...answer) => this.#answer(...answer),
  };

  #answer(
    id: number,
    status: number,
    fieldLines: string,
    body: AnswerBody,
  ): void {
    const length = body instanceof Uint8Array || body.kind !== "stream"
      ? undefined
      : body.length;
    const job = this.#inFlight.get(id);
    if (job === undefined) {
      // Answered by the pool meanwhile: it took too long.
      if (length !== undefined) this.#post({ kind: "abort", id });
      return;
    }
    this.#inFlight.delete(id);
    const stream = length === undefined ? null : this.#openStream(id, length);
    // The word that its client has left may have crossed this answer: the stream
    // that it then ended there would never end here.
    if (stream !== null && job.aborted) this.abort(id);
    job.settle({ kind: "response", status, fieldLines, body, stream });
  }

  #openStream(id: number, length: number | null): StreamRelay {
    const relay = new StreamRelay(length, {
      onTaken: (bytes) => this.#post({ kind: "credit", id, bytes }),
      onCancel: () => {
        this.#post({ kind: "abort", id });
        this.#endStream(id, "nobody reads it");
      },
    });
    this.#streams.set(id, relay);
    return relay;
  }

  #endStream(id: number, why: string | null): void {
    const relay = this.#streams.get(id);
    if (relay === undefined) return;
    this.#streams.delete(id);
    if (why === null) relay.end();
    else relay.cut(why);
    this.#afterAnswers();
  }

  #checkIdle(): void {
    if (this.#batch === null && this.inFlight === 0) this.#events.onIdle(this);
  }

  /** Ends jobs that took longer than that with 504. Not those of a batch that is
   * not acknowledged: the answers of its others are behind the one that computes,
   * and the worker stops that one itself. */
  expire(now: number, handlerTimeoutMs: number): void {
    let expired = false;
    // In the order in which they were given, so the first that is in time ends it.
    for (const job of this.#inFlight.values()) {
      if (now - job.sentAt <= handlerTimeoutMs) break;
      if (this.#batch?.jobs.includes(job)) break;
      this.abort(job.id);
      this.#inFlight.delete(job.id);
      job.settle({ kind: "failure", status: 504, trace: "" });
      expired = true;
    }
    if (!expired) return;
    if (this.free) this.#events.onFree(this);
    // Whether it hears of anything decides if it goes on, may end, or is lost.
    this.#ask(now);
  }

  /** Asks whether it lives, where it owes something and has been silent. */
  ping(now: number, silenceMs: number): void {
    if (this.#state === "ended" || this.#state === "booting") return;
    if (this.inFlight === 0 && this.#batch === null) return;
    if (now - this.#heardAt >= silenceMs) this.#ask(now);
  }

  #ask(now: number): void {
    if (this.#pingedAt !== null) return;
    this.#pingedAt = now;
    this.#post({ kind: "ping" });
  }

  /** For how long it has not answered the last ping. */
  silentMs(now: number): number {
    return this.#pingedAt === null ? 0 : now - this.#pingedAt;
  }

  /** It gets nothing more; it ends when it owes nothing. */
  retire(): void {
    if (this.#state !== "ready") return;
    this.#state = "retiring";
    this.#checkIdle();
  }

  #crashed(message: string): void {
    if (this.#state === "booting") {
      this.#boot.reject(new BootError(message));
    } else {
      this.#events.onFault(message);
      this.#events.onLeaving(this, "it crashed");
      this.fail(500, "Its worker crashed");
      this.#checkIdle();
    }
  }

  /** Ends what it owes: those jobs with that status, those streams cut. */
  fail(status: 500 | 503 | 504, trace: string): void {
    for (const job of this.#inFlight.values()) {
      job.settle({ kind: "failure", status, trace });
    }
    this.#inFlight.clear();
    for (const relay of this.#streams.values()) relay.cut("its worker is gone");
    this.#streams.clear();
    this.#batch = null;
  }

  /** Ends the thread; whatever it owes is lost, so `fail` comes first. A thread
   * that computes does not hear of it (see the pool on lost workers). */
  end(): void {
    if (this.#state === "booting") {
      this.#boot.reject(new BootError("It was ended while it booted"));
    }
    this.#state = "ended";
    this.#thread.terminate();
  }
}
