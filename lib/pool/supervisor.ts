/**
 * The workers of a pool and who takes whose place: those that are worn, that leave,
 * that are lost, that do not boot. Must not know the queue, or what a job is.
 *
 * @module
 */

import type { Limits } from "../limits.ts";
import type { WorkerConfig } from "../messages/messages.ts";
import type { Thread } from "../messages/thread.ts";
import { BootError, inOneLine, type Reloaded } from "./boot_error.ts";
import type { Job } from "./job.ts";
import { LostWorkers, RecyclingRule } from "./recycling.ts";
import { RestartBackoff } from "./restart_backoff.ts";
import { WorkerHandle } from "./worker_handle.ts";

/** What a crew is made of, and whom it tells. */
export interface SupervisorOptions {
  /** Number of workers. */
  readonly size: number;
  /** Makes a thread that runs worker.ts. */
  readonly spawn: () => Thread;
  /** What the workers are told. */
  readonly config: WorkerConfig;
  /** Their wear, their times. */
  readonly limits: Limits;
  /** One line for the log. */
  readonly log: (line: string) => void;
  /** More threads than the limit could not be stopped. */
  readonly onTooManyLost: () => void;
  /** Some worker can be given a batch. */
  readonly onFree: () => void;
  /** A worker has run so many jobs in so long. */
  readonly onBatch: (jobs: number, busyMs: number) => void;
  /** Those jobs were not begun by a worker that goes. */
  readonly onReturned: (jobs: readonly Job[]) => void;
  /** No worker is there, and none boots. */
  readonly onUnavailable: () => void;
}

/** The workers of one pool. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #limits: Limits;
  readonly #workers = new Set<WorkerHandle>();
  /** Those that are to take the place of all others together. */
  readonly #aside = new Set<WorkerHandle>();
  readonly #reload = new Coalesced(() => this.#replaceAll());
  /** Those whose successor boots. */
  readonly #worn = new Set<WorkerHandle>();
  readonly #respawns: RestartBackoff;
  readonly #lost: LostWorkers;
  #closed = false;

  /**
   * Makes one without workers.
   *
   * @param options go for all of them
   */
  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#limits = options.limits;
    this.#lost = new LostWorkers({
      limit: options.limits.maxLostWorkers,
      log: options.log,
      onTooMany: options.onTooManyLost,
    });
    this.#respawns = new RestartBackoff({
      boot: () => this.#boot(this.#workers),
      firstMs: options.limits.respawnBackoffMs,
      longestMs: options.limits.maxRespawnBackoffMs,
      onFailure: (error) => {
        options.log(`A worker does not start: ${inOneLine(error.message)}`);
        this.#lost.addIfSpinning(error);
        if (this.unavailable) options.onUnavailable();
      },
    });
  }

  /** All that were not ended. */
  get workers(): ReadonlySet<WorkerHandle> {
    return this.#workers;
  }

  /** How many can be given jobs. */
  get ready(): number {
    return [...this.#workers].filter(({ state }) => state === "ready").length;
  }

  /** Jobs that they have. */
  get inFlight(): number {
    return [...this.#workers].reduce((sum, it) => sum + it.books.inFlight, 0);
  }

  /** Threads that could not be stopped. */
  get lost(): number {
    return this.#lost.count;
  }

  /** No worker is there, and the last one that was tried did not boot. */
  get unavailable(): boolean {
    return this.#respawns.failing && this.ready === 0;
  }

  /**
   * Boots the first workers.
   *
   * @throws {import('./boot_error.ts').BootError} where one does not boot
   */
  async start(): Promise<void> {
    await this.#bootMany(this.#options.size, this.#workers);
  }

  async #bootMany(count: number, into: Set<WorkerHandle>): Promise<void> {
    const boots = Array.from({ length: count }, () => this.#boot(into));
    const results = await Promise.allSettled(boots);
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  async #boot(into: Set<WorkerHandle>): Promise<void> {
    const wear = new RecyclingRule(this.#limits);
    const worker = new WorkerHandle(this.#options.spawn(), {
      onFree: (worker) => {
        if (wear.isDue(worker)) this.#replaceWorn(worker);
        this.#options.onFree();
      },
      onBatch: this.#options.onBatch,
      onIdle: (worker) => {
        if (worker.state === "retiring") this.#end(worker);
      },
      onLeaving: (worker, why) => this.#leaving(worker, why),
      onFault: (trace) => this.#options.log(trace),
    });
    into.add(worker);
    try {
      await worker.boot(this.#options.config, this.#limits.bootTimeoutMs);
    } catch (error) {
      into.delete(worker);
      throw error;
    }
    if (this.#closed) this.#end(worker);
  }

  /** Replaces all workers by ones that read the app anew. The old ones answer what
   * they have begun; where one of the new ones does not boot, the old ones stay. */
  reload(): Promise<Reloaded> {
    return this.#reload.run();
  }

  async #replaceAll(): Promise<Reloaded> {
    if (this.#closed) return { kind: "ending" };
    try {
      // One alone first: an app that cannot be loaded need not fail many times.
      await this.#bootMany(1, this.#aside);
      await this.#bootMany(this.#options.size - 1, this.#aside);
      if ([...this.#aside].some(({ state }) => state !== "ready")) {
        throw new BootError("It ended soon after its boot");
      }
    } catch (error) {
      for (const worker of this.#aside) worker.end();
      this.#aside.clear();
      if (this.#closed) return { kind: "ending" };
      this.#lost.addIfSpinning(error);
      return { kind: "kept", why: (error as Error).message };
    }
    this.#takeOver();
    return { kind: "reloaded" };
  }

  /** Those aside take the place of all others, also of those that do not boot. */
  #takeOver(): void {
    const old = [...this.#workers];
    this.#respawns.forget();
    for (const worker of this.#aside) this.#workers.add(worker);
    this.#aside.clear();
    for (const worker of old) {
      if (worker.state === "booting") this.#end(worker);
      this.#options.onReturned(worker.books.takeBack());
      worker.retire();
    }
    this.#options.onFree();
  }

  /** The next one boots first, and takes over when it is ready. */
  #replaceWorn(worker: WorkerHandle): void {
    if (this.#worn.has(worker)) return;
    this.#worn.add(worker);
    this.#respawn(() => worker.retire());
  }

  /** It gets nothing more from now on, and another comes. */
  #leaving(worker: WorkerHandle, why: string): void {
    if (worker.state !== "ready") return;
    if (this.#aside.has(worker)) return worker.end();
    this.#options.log(`A worker is replaced: ${why}`);
    this.#options.onReturned(worker.books.takeBack());
    const replaced = this.#worn.has(worker);
    worker.retire();
    if (!replaced) this.#respawn(() => {});
  }

  #respawn(onReady: () => void): void {
    if (this.#closed) return;
    this.#respawns.begin(() => (onReady(), this.#options.onFree()));
  }

  /** Ends jobs that take too long, and workers that do not answer. */
  watch(now: number): void {
    const { handlerTimeoutMs, workerGraceMs, workerSilenceMs } = this.#limits;
    for (const worker of this.#workers) {
      worker.expire(now, handlerTimeoutMs);
      worker.ping(now, workerSilenceMs);
      if (worker.silentMs(now) > handlerTimeoutMs + workerGraceMs) {
        this.#lose(worker);
      }
    }
  }

  /** Its event loop does not turn any more, and nothing can make it stop: what it
   * had not begun goes to others, and the thread spins on until the process ends. */
  #lose(worker: WorkerHandle): void {
    this.#lost.add("it computes after an await, or it ended without a word");
    const replaced = this.#worn.has(worker) || worker.state === "retiring";
    this.#options.onReturned(worker.books.takeBack());
    worker.fail(504, "");
    this.#end(worker);
    if (!replaced) this.#respawn(() => {});
  }

  #end(worker: WorkerHandle): void {
    worker.end();
    this.#workers.delete(worker);
    this.#worn.delete(worker);
  }

  /** Ends every worker. What they still owe is answered 503. */
  close(): void {
    this.#closed = true;
    this.#respawns.forget();
    for (const worker of this.#aside) worker.end();
    for (const worker of this.#workers) {
      worker.fail(503, "");
      this.#end(worker);
    }
  }
}

/** Runs a task when asked to. */
export class Coalesced<T> {
  readonly #task: () => Promise<T>;
  #running: Promise<T> | null = null;
  #next: Promise<T> | null = null;

  /**
   * Makes one; nothing runs yet.
   *
   * @param task may be asked for while it runs
   */
  constructor(task: () => Promise<T>) {
    this.#task = task;
  }

  /**
   * Runs the task. What is asked for while it runs is one more run after that,
   * however often it is asked for: the run that is under way may have looked
   * before the change for which it was asked.
   *
   * @returns the result of a run that began after this call
   */
  run(): Promise<T> {
    if (this.#running === null) {
      this.#running = this.#task().finally(() => this.#running = null);
      return this.#running;
    }
    this.#next ??= this.#running.catch(() => {}).then(() => {
      this.#next = null;
      return this.run();
    });
    return this.#next;
  }
}
