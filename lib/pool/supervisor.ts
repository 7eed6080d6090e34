/**
 * Keeps the workers of a pool running, and replaces those that are due for recycling,
 * that ask to be replaced, that are lost or that do not boot; all of them at a reload.
 * Must not know the queue, or what a job is.
 *
 * @module
 */

import type { Limits } from "../limits.ts";
import type { News, WorkerConfig } from "../messages/messages.ts";
import type { Thread } from "../messages/thread.ts";
import { BootError, plain, type Reloaded } from "./boot_error.ts";
import type { Job } from "./job.ts";
import { MemoryWatch, type MemoryWatchOptions } from "./memory_watch.ts";
import { LostWorkers, RecyclingRule } from "./recycling.ts";
import type { PoolRecords, ReplacementReason } from "./records.ts";
import { RestartBackoff } from "./restart_backoff.ts";
import { TaskClaims } from "./task_claims.ts";
import { WorkerHandle } from "./worker_handle.ts";

// Starting a thread holds this one for 20 ms. The first requests come before that.
const behindMs = 25;

/** The workers, and who hears of them. */
export interface SupervisorOptions {
  /** Number of workers. */
  readonly size: number;
  /** Starts a thread of a worker; throws where that is not possible. */
  readonly spawn: (config: WorkerConfig) => Thread;
  /** What workers receive, until a reload. */
  readonly config: WorkerConfig;
  readonly limits: Limits;
  readonly records: PoolRecords;
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
  /** Some worker can be given a batch. */
  readonly onFree: () => void;
  /** A worker has run so many jobs in so long. */
  readonly onBatch: (jobs: number, busyMs: number) => void;
  /** Those jobs were not begun by a worker that ends. */
  readonly onReturned: (jobs: readonly Job[]) => void;
  /** There is no worker, and the last one did not boot. */
  readonly onUnavailable: () => void;
}

/** The workers of one pool. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #limits: Limits;
  readonly #workers = new Set<WorkerHandle>();
  /** New workers that will take the place of all others together. */
  readonly #standby = new Set<WorkerHandle>();
  readonly #reload = new Coalesced(() => this.#replaceAll());
  /** Workers whose successor boots. */
  readonly #dueForRecycling = new Set<WorkerHandle>();
  readonly #restarts: RestartBackoff;
  readonly #lost: LostWorkers;
  readonly #memory: MemoryWatch | null;
  readonly #tasks = new TaskClaims();
  /** What new workers receive, and what they will after the next reload. */
  #config: WorkerConfig;
  #nextConfig: WorkerConfig;
  #watchedAt = performance.now();
  #watchedLate = false;
  /** Starts the workers behind the first one. */
  #behind: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#limits = options.limits;
    this.#config = this.#nextConfig = options.config;
    this.#memory = options.memory && new MemoryWatch(options.memory);
    this.#lost = new LostWorkers({
      limit: options.limits.maxLostWorkers,
      log: options.log,
      onTooMany: options.onTooManyLost,
    });
    this.#restarts = new RestartBackoff({
      boot: () => this.#boot(this.#workers, this.#config),
      firstMs: options.limits.respawnBackoffMs,
      longestMs: options.limits.maxRespawnBackoffMs,
      onFailure: (error) => {
        options.log(`A worker does not start: ${plain(error.message)}`);
        this.#lost.addIfSpinning(error);
        if (this.unavailable) options.onUnavailable();
      },
    });
  }

  /** All workers that were not ended. */
  get workers(): ReadonlySet<WorkerHandle> {
    return this.#workers;
  }

  /** Workers that can be given jobs. */
  get ready(): number {
    return [...this.#workers].filter(({ state }) => state === "ready").length;
  }

  /** Jobs that workers have. */
  get inFlight(): number {
    return [...this.#workers].reduce((sum, it) => sum + it.inFlight.size, 0);
  }

  /** Threads that could not be stopped. */
  get lost(): number {
    return this.#lost.count;
  }

  /** Whether there is no worker, and the last one did not boot. */
  get unavailable(): boolean {
    return this.#restarts.failing && this.ready === 0;
  }

  /**
   * Boots the workers: resolves when the first one is ready, and the others boot behind
   * it.
   *
   * @throws {import('./boot_error.ts').BootError} where the first one does not boot
   */
  async start(): Promise<void> {
    await this.#boot(this.#workers, this.#config);
    this.#startOthers(this.#options.size - 1);
  }

  /** One after the other. */
  #startOthers(count: number): void {
    if (count === 0 || this.#closed) return;
    this.#behind = setTimeout(
      () => this.#startAnother(() => this.#startOthers(count - 1)),
      behindMs,
    );
  }

  async #bootMany(
    count: number,
    into: Set<WorkerHandle>,
    config: WorkerConfig,
  ): Promise<void> {
    const boots = Array.from({ length: count }, () => this.#boot(into, config));
    const results = await Promise.allSettled(boots);
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  async #boot(into: Set<WorkerHandle>, config: WorkerConfig): Promise<void> {
    const thread = this.#options.spawn(config);
    const rule = new RecyclingRule(this.#limits, thread.stoppable);
    const worker = new WorkerHandle(thread, {
      onFree: (worker) => {
        const due = rule.due(worker);
        if (due !== null) this.#recycle(worker, due);
        this.#options.onFree();
      },
      onBatch: this.#options.onBatch,
      onIdle: (worker) => {
        if (worker.state === "retiring") this.#end(worker);
      },
      onLeaving: (...leaving) => this.#leaving(...leaving),
      onFault: (trace) => this.#options.log(trace),
      onNews: this.#options.onNews,
      onTaskClaim: (name, minute) => this.#tasks.claim(name, minute),
    }, {
      records: this.#options.records,
      windowBytes: this.#limits.streamWindowBytes,
      drainMs: this.#options.drainMs,
    });
    into.add(worker);
    try {
      await worker.boot(config, this.#limits);
    } catch (error) {
      into.delete(worker);
      throw error;
    }
    if (this.#closed) this.#end(worker);
  }

  /** Replaces all workers by ones that load the app anew. The old ones finish what they
   * have begun; where one of the new ones does not boot, the old ones stay. */
  reload(config: WorkerConfig): Promise<Reloaded> {
    this.#nextConfig = config;
    return this.#reload.run();
  }

  async #replaceAll(): Promise<Reloaded> {
    if (this.#closed) return { kind: "ending" };
    const config = this.#nextConfig;
    try {
      // One alone first: an app that cannot be loaded need not fail many times.
      await this.#bootMany(1, this.#standby, config);
      await this.#bootMany(this.#options.size - 1, this.#standby, config);
      if ([...this.#standby].some(({ state }) => state !== "ready")) {
        throw new BootError("It ended soon after its boot");
      }
    } catch (error) {
      for (const worker of this.#standby) worker.end();
      this.#standby.clear();
      if (this.#closed) return { kind: "ending" };
      this.#lost.addIfSpinning(error);
      return { kind: "kept", why: (error as Error).message };
    }
    this.#config = config;
    this.#takeOver();
    return { kind: "reloaded" };
  }

  /** The standby workers take the place of all others, also of those that boot. */
  #takeOver(): void {
    const old = [...this.#workers];
    this.#options.records.replaced("reload", "a reload", old.length);
    this.#options.records.reloads++;
    clearTimeout(this.#behind);
    this.#restarts.forget();
    for (const worker of this.#standby) this.#workers.add(worker);
    this.#standby.clear();
    for (const worker of old) {
      if (worker.state === "booting") this.#end(worker);
      this.#options.onReturned(worker.inFlight.takeBack());
      worker.retire();
    }
    this.#options.onFree();
  }

  /** Its successor boots first, and takes over when it is ready. */
  #recycle(worker: WorkerHandle, due: "jobs" | "heap"): void {
    if (this.#dueForRecycling.has(worker)) return;
    const why = due === "jobs"
      ? "it has had its number of requests"
      : "its heap has grown";
    this.#options.records.replaced(due, why);
    this.#dueForRecycling.add(worker);
    this.#startAnother(() => worker.retire());
  }

  /** It gets no more jobs, and another worker is started. */
  #leaving(
    worker: WorkerHandle,
    reason: ReplacementReason,
    why: string,
  ): void {
    if (this.#standby.has(worker)) return void worker.end();
    // Also those of a worker that was retiring: it may have crashed.
    this.#options.onReturned(worker.inFlight.takeBack());
    // Its handlers may be in any state.
    if (reason !== "memory") worker.inFlight.tunnels.goAway("failed");
    if (worker.state !== "ready") return;
    this.#options.records.replaced(reason, why);
    const replaced = this.#dueForRecycling.has(worker);
    worker.retire();
    if (replaced) return;
    // By then the log has the request that was the cause.
    this.#startAnother(() =>
      this.#options.log(`A worker was replaced: ${why}`)
    );
  }

  #startAnother(onReady: () => void): void {
    if (this.#closed) return;
    this.#restarts.begin(() => (onReady(), this.#options.onFree()));
  }

  /** Ends jobs that take too long, and workers that do not respond. To be called every
   * now and then. */
  watch(now: number): void {
    const { handlerTimeoutMs, workerGraceMs, workerSilenceMs, sweepMs } =
      this.#limits;
    // Where memory is watched, its workers tell how much they use.
    const silenceMs = this.#memory === null ? workerSilenceMs : sweepMs;
    // Where this thread or the machine stood still, what workers have said meanwhile
    // is not heard yet. They have until the next look.
    const sinceMs = now - this.#watchedAt;
    const late = sinceMs > 2 * sweepMs && !this.#watchedLate;
    const countedMs = late ? sweepMs : sinceMs;
    this.#watchedAt = now;
    this.#watchedLate = late;
    for (const worker of this.#workers) {
      worker.countSilence(countedMs);
      if (!late) worker.expire(now, handlerTimeoutMs);
      worker.pingIfSilent(now, silenceMs);
      // To stop one that needs a moment more costs little where it can be stopped.
      const graceMs = worker.stoppable ? workerGraceMs / 2 : workerGraceMs;
      if (worker.silentMs > handlerTimeoutMs + graceMs) {
        this.#lose(worker);
      }
    }
    this.#watchMemory();
  }

  /** Its event loop does not turn any more. Where nothing can stop it, the thread spins
   * on until the process ends. */
  #lose(worker: WorkerHandle): void {
    const why = "it computes after an await, or it ended without a word";
    this.#options.records.replaced("silence", why);
    const ended = this.#replaceNow(worker, 504, "");
    if (worker.stoppable) this.#options.log(`A worker was ended: ${why}`);
    this.#lost.addUnlessEnded(ended, () => this.#lost.add(why));
  }

  #watchMemory(): void {
    const excess = this.#memory?.look(this.#workers) ?? null;
    if (excess === null) return;
    const { worker, computes } = excess;
    const why = "it uses more memory than it may";
    if (!computes && worker.state === "ready") {
      // Until the next look it may finish what is soon finished.
      return this.#leaving(worker, "memory", why);
    }
    if (worker.state === "ready") {
      this.#options.records.replaced("memory", why);
    }
    const ended = this.#replaceNow(worker, 500, `Its worker was ended: ${why}`);
    this.#options.log(`A worker was ended: ${why}`);
    if (!computes) return;
    this.#lost.addUnlessEnded(ended, this.#options.onOutOfMemory);
  }

  /**
   * The jobs that it has not begun go to others, the rest fail with that status.
   *
   * @returns what tells of its end
   */
  #replaceNow(
    worker: WorkerHandle,
    status: 500 | 504,
    trace: string,
  ): Promise<void> | null {
    const replaced = this.#dueForRecycling.has(worker) ||
      worker.state === "retiring";
    this.#options.onReturned(worker.inFlight.takeBack());
    worker.fail(status, trace);
    const ended = this.#end(worker);
    if (!replaced) this.#startAnother(() => {});
    return ended;
  }

  #end(worker: WorkerHandle): Promise<void> | null {
    this.#workers.delete(worker);
    this.#dueForRecycling.delete(worker);
    return worker.end();
  }

  /** Ends every worker. What they still owe becomes 503. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#behind);
    this.#restarts.forget();
    this.#lost.close();
    for (const worker of this.#standby) worker.end();
    for (const worker of this.#workers) {
      worker.fail(503, "");
      this.#end(worker);
    }
  }
}

/** Runs a task of which one run at a time is enough. */
export class Coalesced<T> {
  readonly #task: () => Promise<T>;
  #running: Promise<T> | null = null;
  #next: Promise<T> | null = null;

  constructor(task: () => Promise<T>) {
    this.#task = task;
  }

  /**
   * Runs the task. All calls while it runs are one more run after that: the run that
   * is under way may have looked before the change that they are about.
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
