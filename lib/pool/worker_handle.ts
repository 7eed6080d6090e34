/**
 * One worker thread, seen from the main thread: its life from boot to end, and whether
 * it still responds to pings. It reports; the pool decides. Must not know sockets,
 * fields or files.
 *
 * ```text
 * booting -> ready -> retiring -> ended
 *    |         \----------------> ended     (lost, or the pool closes)
 *    \--------------------------> ended     (it did not boot)
 * ```
 *
 * `ready`: it can be given batches. `retiring`: it gets no more jobs and finishes those
 * that it has. Only the methods here write the state.
 *
 * @module
 */

import type {
  FromWorker,
  News,
  ToWorker,
  WorkerConfig,
} from "../messages/messages.ts";
import type { Thread } from "../messages/thread.ts";
import type { Limits } from "../limits.ts";
import { BootError, notLoaded, notReady, stillRuns } from "./boot_error.ts";
import { InFlight } from "./in_flight.ts";
import type { Job, JobWorker } from "./job.ts";
import type { PoolRecords, ReplacementReason } from "./records.ts";

// The first may be answered before the batch begins.
const maxPongsInBatch = 3;

let lastId = 0;

/** What a pool hears of a worker. */
export interface WorkerEvents {
  /** It can be given a batch. */
  readonly onFree: (worker: WorkerHandle) => void;
  /** It has run so many jobs in so long. */
  readonly onBatch: (jobs: number, busyMs: number) => void;
  /** It asked to be replaced. */
  readonly onLeaving: (
    worker: WorkerHandle,
    reason: ReplacementReason,
    why: string,
  ) => void;
  /** It owes nothing. */
  readonly onIdle: (worker: WorkerHandle) => void;
  /** Something for the log. */
  readonly onFault: (trace: string) => void;
  /** A task is due in that minute: whether this worker runs it. */
  readonly onTaskClaim: (name: string, minute: number) => boolean;
  /** It tells what is about no job. */
  readonly onNews: (news: News) => void;
}

/** How long a boot may take. */
export type BootTimeouts = Pick<Limits, "loadTimeoutMs" | "bootTimeoutMs">;

/** What the jobs of a worker may use. */
export interface HandleOptions {
  readonly records: PoolRecords;
  /** Bytes of a tunnel's client that may be ahead of the worker. */
  readonly windowBytes: number;
  /** How long the tunnels of a worker that was replaced may go on. */
  readonly drainMs: number;
}

export type WorkerState = "booting" | "ready" | "retiring" | "ended";

/** One thread and its jobs. */
export class WorkerHandle implements JobWorker {
  readonly #thread: Thread;
  readonly #events: WorkerEvents;
  readonly inFlight: InFlight;
  /** Grows from worker to worker. */
  readonly id: number = ++lastId;
  /** When its thread was started. */
  readonly startedAt: number = performance.now();
  #state: WorkerState = "booting";
  #boot = Promise.withResolvers<void>();
  #loaded = Promise.withResolvers<void>();
  #heardAt = performance.now();
  /** Time that passed since a ping that it has not answered; `null` for none. */
  #silentMs: number | null = null;
  #pings = 0;
  /** Pongs come in the order of their pings. */
  #pongs = 0;
  /** Pings that it was sent before its batch: their pongs say nothing about that. */
  #pingsBeforeBatch = 0;
  /** Bytes of its heap when it last looked. */
  heapBytes = 0;

  /** Ends the tunnels of a worker that was replaced. */
  #drainTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #drainMs: number;

  /** @param thread has received no message yet */
  constructor(thread: Thread, events: WorkerEvents, options: HandleOptions) {
    this.#thread = thread;
    this.#events = events;
    this.#drainMs = options.drainMs;
    this.inFlight = new InFlight({
      post: (message, transfer) => this.#post(message, transfer),
      onEnd: () => this.#afterResponses(),
      ...options,
    });
    thread.onmessage = (event) => this.#receive(event.data);
    thread.oncrash = (why) => this.#crashed(why);
  }

  /** When it last said something. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Whether it can be ended while it computes. */
  get stoppable(): boolean {
    return this.#thread.stoppable;
  }

  get state(): WorkerState {
    return this.#state;
  }

  /** Whether it can be given a batch. */
  get free(): boolean {
    return this.#state === "ready" && this.inFlight.batch === null;
  }

  #post(message: ToWorker, transfer: Transferable[] = []): void {
    // A request body may outlive its worker by a moment.
    if (this.#state === "ended") return;
    this.#thread.postMessage(message, transfer);
  }

  /**
   * Boots it. To load the modules of an app may take long, where packages have to be
   * downloaded; to run them may not.
   *
   * @throws {BootError} where that fails, or is not done in time
   */
  async boot(
    config: WorkerConfig,
    { loadTimeoutMs, bootTimeoutMs }: BootTimeouts,
  ): Promise<void> {
    this.#post({ kind: "boot", config, claims: this.inFlight.claims });
    try {
      if (config.app !== null) await this.#load(config.app, loadTimeoutMs);
      await this.#run(config.app, bootTimeoutMs);
    } catch (error) {
      this.end();
      throw error;
    }
  }

  async #load(app: string, timeoutMs: number): Promise<void> {
    const timer = setTimeout(
      () => this.#boot.reject(new BootError(notLoaded(timeoutMs, app))),
      timeoutMs,
    );
    try {
      await Promise.race([this.#boot.promise, this.#loaded.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #run(app: string | null, timeoutMs: number): Promise<void> {
    // A module that waits for ever answers this; one that computes does not.
    const asking = setTimeout(() => this.#ping(), timeoutMs / 2);
    const timer = setTimeout(() => {
      const computes = this.#silentMs !== null;
      this.#boot.reject(
        new BootError(
          notReady(timeoutMs, app) + (app === null ? "" : stillRuns(computes)),
          computes && !this.stoppable,
        ),
      );
    }, timeoutMs);
    try {
      await this.#boot.promise;
    } finally {
      clearTimeout(asking);
      clearTimeout(timer);
    }
  }

  give(jobs: readonly Job[]): void {
    this.#pingsBeforeBatch = this.#pings;
    this.inFlight.give(jobs, this);
  }

  abort(id: number): void {
    if (this.#state !== "ended") this.inFlight.abort(id);
  }

  handedOver(id: number, whole: boolean): void {
    this.inFlight.handedOver(id, whole);
  }

  #receive(message: FromWorker): void {
    // What a lost thread still says comes too late.
    if (this.#state === "ended") return;
    this.#heardAt = performance.now();
    this.#silentMs = null;
    switch (message.kind) {
      case "loaded":
        this.#loaded.resolve();
        break;
      case "ready":
        this.#state = "ready";
        this.#boot.resolve();
        break;
      case "boot-failed":
        this.#boot.reject(new BootError(message.reason));
        break;
      case "batch-done":
        this.#batchDone(message);
        break;
      case "early-responses":
        this.inFlight.answer(message);
        break;
      case "late-responses":
        this.inFlight.answerLate(message);
        this.#afterResponses();
        break;
      case "stream-chunk":
        this.inFlight.streaming(message.id)?.stream?.push(message.bytes);
        break;
      case "stream-end":
        this.inFlight.endStream(message.id, null);
        break;
      case "stream-cut":
        this.#cut(message);
        break;
      case "body-credit":
        this.inFlight.creditBody(message.id, message.pieces);
        break;
      case "body-cancel":
        this.inFlight.cancelBody(message.id);
        break;
      case "watch":
        this.inFlight.watch(message.id);
        break;
      case "tunnels":
        this.inFlight.tunnels.receive(message.traffic);
        break;
      case "pong":
        this.heapBytes = message.heapBytes;
        this.#ponged();
        break;
      case "claim-task":
        this.#claimTask(message);
        break;
      case "printed":
      case "hot-file":
      case "site-rules":
        this.#events.onNews(message);
        break;
      case "fault":
        this.#events.onFault(message.trace);
        break;
      case "leaving":
        this.#events.onLeaving(this, message.reason, message.why);
        break;
      case "broken":
        this.#crashed(message.why);
        break;
      default:
        this.#events.onFault(
          `A worker sent an unknown message: ${message satisfies never}`,
        );
    }
  }

  /** A worker that runs a batch answers no pings. */
  #ponged(): void {
    const pongs = ++this.#pongs - this.#pingsBeforeBatch;
    if (this.inFlight.batch !== null && pongs >= maxPongsInBatch) {
      this.#crashed("It has lost its batch");
    }
    this.#checkIdle();
  }

  #claimTask({ name, minute }: FromWorker & { kind: "claim-task" }): void {
    const granted = this.#events.onTaskClaim(name, minute);
    this.#post({ kind: "task-claimed", name, minute, granted });
  }

  #cut({ id, trace }: FromWorker & { kind: "stream-cut" }): void {
    const title = this.inFlight.streaming(id)?.title ?? "its client has left";
    this.#events.onFault(`Response cut off (${title}): ${trace}`);
    this.inFlight.endStream(id, "its handler failed");
  }

  #batchDone(message: FromWorker & { kind: "batch-done" }): void {
    const jobs = this.inFlight.acknowledge(message.costs);
    if (jobs > 0) this.#events.onBatch(jobs, message.busyMs);
    this.inFlight.answer(message);
    if (message.heapBytes !== null) this.heapBytes = message.heapBytes;
    this.#afterResponses();
  }

  #afterResponses(): void {
    if (this.free) this.#events.onFree(this);
    this.#checkIdle();
  }

  #checkIdle(): void {
    if (this.inFlight.isEmpty) this.#events.onIdle(this);
  }

  /** Ends jobs that took too long with 504. */
  expire(now: number, handlerTimeoutMs: number): void {
    if (!this.inFlight.expire(now, handlerTimeoutMs)) return;
    if (this.free) this.#events.onFree(this);
    // Whether it responds decides if it goes on, may end, or is lost.
    this.#ping();
  }

  /** Pings it, where it owes something and has been silent. */
  pingIfSilent(now: number, silenceMs: number): void {
    if (this.#state === "ended" || this.#state === "booting") return;
    if (this.inFlight.isEmpty) return;
    if (now - this.#heardAt >= silenceMs) this.#ping();
  }

  #ping(): void {
    if (this.#silentMs !== null) return;
    this.#silentMs = 0;
    this.#pings++;
    this.#post({ kind: "ping" });
  }

  /** So much more time has passed in which it could have answered. */
  countSilence(ms: number): void {
    if (this.#silentMs !== null) this.#silentMs += ms;
  }

  /** For how long it has not answered the last ping. */
  get silentMs(): number {
    // Its boot has a timeout of its own.
    return this.#state === "booting" ? 0 : this.#silentMs ?? 0;
  }

  /** It gets no more jobs; it ends when it owes nothing. Its tunnels have their time. */
  retire(): void {
    if (this.#state !== "ready") return;
    this.#state = "retiring";
    // Also where it has none: a job that it has may become one.
    this.#drainTimer = setTimeout(
      () => this.inFlight.tunnels.goAway("restarting"),
      this.#drainMs,
    );
    this.#checkIdle();
  }

  #crashed(message: string): void {
    if (this.#state === "booting") {
      this.#boot.reject(new BootError(message));
    } else {
      this.#events.onFault(message);
      this.#events.onLeaving(this, "crash", "it crashed");
      this.fail(500, "Its worker crashed");
      this.#checkIdle();
    }
  }

  /** Ends the jobs that it has: with that status, or their streams cut. */
  fail(status: 500 | 503 | 504, trace: string): void {
    this.inFlight.fail(status, trace);
  }

  /**
   * Ends the thread; `fail` comes first. A thread that computes is stopped by this only
   * where it is `stoppable` (see the supervisor on lost workers).
   *
   * @returns a promise that resolves when it is gone; `null` where nothing tells
   */
  end(): Promise<void> | null {
    if (this.#state === "booting") {
      this.#boot.reject(new BootError("It was ended while it booted"));
    }
    this.#state = "ended";
    clearTimeout(this.#drainTimer);
    return this.#thread.terminate();
  }
}
