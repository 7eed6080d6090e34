/**
 * The workers of a pool and who takes whose place: those that are worn, that leave,
 * that are lost, that do not boot. Must not know the queue, or what a job is.
 *
 * @module
 */

import type { Limits } from "./limits.ts";
import type { PoolJob } from "./pool_job.ts";
import { PoolWorker } from "./pool_worker.ts";
import type { WorkerConfig } from "./worker_protocol.ts";

/** What a crew is made of, and whom it tells. */
export interface CrewOptions {
  /** Makes a thread that runs worker.ts. */
  readonly spawn: () => Worker;
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
  readonly onReturned: (jobs: readonly PoolJob[]) => void;
  /** No worker is there, and none boots. */
  readonly onHopeless: () => void;
}

/** The workers of one pool. */
export class WorkerCrew {
  readonly #options: CrewOptions;
  readonly #limits: Limits;
  readonly #workers = new Set<PoolWorker>();
  /** Those whose successor boots. */
  readonly #worn = new Set<PoolWorker>();
  readonly #respawns = new Set<ReturnType<typeof setTimeout>>();
  #backoffMs: number;
  #lost = 0;
  #closed = false;

  /**
   * Makes one without workers.
   *
   * @param options go for all of them
   */
  constructor(options: CrewOptions) {
    this.#options = options;
    this.#limits = options.limits;
    this.#backoffMs = options.limits.respawnBackoffMs;
  }

  /** All that were not ended. */
  get workers(): ReadonlySet<PoolWorker> {
    return this.#workers;
  }

  /** How many can be given jobs. */
  get ready(): number {
    let count = 0;
    for (const worker of this.#workers) if (worker.state === "ready") count++;
    return count;
  }

  /** Threads that could not be stopped. */
  get lost(): number {
    return this.#lost;
  }

  /** No worker is there, and the last one that was tried did not boot. */
  get hopeless(): boolean {
    return this.#backoffMs > this.#limits.respawnBackoffMs && this.ready === 0;
  }

  /**
   * Boots the first workers.
   *
   * @throws {import('./pool_worker.ts').BootError} where one does not boot
   */
  async start(size: number): Promise<void> {
    const boots = Array.from({ length: size }, () => this.#boot());
    const results = await Promise.allSettled(boots);
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  async #boot(): Promise<PoolWorker> {
    const worker = new PoolWorker(this.#options.spawn(), {
      onFree: (worker) => this.#freed(worker),
      onBatch: this.#options.onBatch,
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

  #freed(worker: PoolWorker): void {
    if (this.#isWorn(worker)) this.#replaceWorn(worker);
    this.#options.onFree();
  }

  /** Recycled before a leak in a handler becomes the process's end. */
  #isWorn(worker: PoolWorker): boolean {
    return worker.books.jobsGiven >= this.#limits.maxJobsPerWorker ||
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
    this.#options.onReturned(worker.books.takeBack());
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
      this.#options.onFree();
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
    if (this.hopeless) this.#options.onHopeless();
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
  #lose(worker: PoolWorker): void {
    this.#lost++;
    this.#options.log(
      `A worker is lost: it computes after an await, or it ended without a word ` +
        `(${this.#lost} so far, ${this.#limits.maxLostWorkers} at most)`,
    );
    const replaced = this.#worn.has(worker) || worker.state === "retiring";
    this.#options.onReturned(worker.books.takeBack());
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

  /** Ends every worker. What they still owe is answered 503. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#respawns) clearTimeout(timer);
    for (const worker of this.#workers) {
      worker.fail(503, "");
      this.#end(worker);
    }
  }
}
