/**
 * One worker thread, seen from the main thread: its life from boot to end, and
 * whether it lives; what it owes is in its books. It tells; the pool decides. Must
 * not know sockets, fields or files.
 *
 * @module
 */

import { BootError } from "./boot_error.ts";
import type { Thread } from "../messages/thread.ts";
import { InFlight } from "./in_flight.ts";
import type {
  FromWorker,
  ToWorker,
  WorkerConfig,
} from "../messages/messages.ts";

/** What a pool hears of a worker. */
export interface WorkerEvents {
  /** It can be given a batch. */
  readonly onFree: (worker: WorkerHandle) => void;
  /** It has run so many jobs in so long. */
  readonly onBatch: (jobs: number, busyMs: number) => void;
  /** It asked to be replaced. */
  readonly onLeaving: (worker: WorkerHandle, why: string) => void;
  /** It has answered all that it owed. */
  readonly onIdle: (worker: WorkerHandle) => void;
  /** Something for the log. */
  readonly onFault: (trace: string) => void;
}

/** The ways of a thread's life. */
export type WorkerState = "booting" | "ready" | "retiring" | "ended";

/** One thread and its books. */
export class WorkerHandle {
  readonly #thread: Thread;
  readonly #events: WorkerEvents;
  /** What it was given and owes. */
  readonly books = new InFlight({
    post: (message, transfer) => this.#post(message, transfer),
    onEnd: () => this.#afterAnswers(),
  });
  #state: WorkerState = "booting";
  #boot = Promise.withResolvers<void>();
  #heardAt = performance.now();
  #pingedAt: number | null = null;
  /** Bytes of its heap when it last looked. */
  heapBytes = 0;

  /**
   * Makes one.
   *
   * @param thread runs worker.ts and was told nothing yet
   * @param events go to the pool
   */
  constructor(thread: Thread, events: WorkerEvents) {
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

  /** Whether it can be given a batch. */
  get free(): boolean {
    return this.#state === "ready" && this.books.batch === null;
  }

  #post(message: ToWorker, transfer: Transferable[] = []): void {
    // An upload may outlive its worker by a moment.
    if (this.#state === "ended") return;
    this.#thread.postMessage(message, transfer);
  }

  /**
   * Makes it ready.
   *
   * @throws {BootError} where its app does not load, or not in time
   */
  async boot(config: WorkerConfig, timeoutMs: number): Promise<void> {
    this.#post({ kind: "boot", config, claims: this.books.claims });
    // A module that waits for ever answers this; one that computes does not.
    const asking = setTimeout(
      () => this.#ask(performance.now()),
      timeoutMs / 2,
    );
    const timer = setTimeout(() => {
      const spins = this.#pingedAt !== null;
      this.#boot.reject(
        new BootError(`It was not ready after ${timeoutMs / 1000} s`, spins),
      );
    }, timeoutMs);
    try {
      await this.#boot.promise;
    } catch (error) {
      this.end();
      throw error;
    } finally {
      clearTimeout(asking);
      clearTimeout(timer);
    }
  }

  /** Tells it that nobody waits for that job any more. */
  abort(id: number): void {
    if (this.#state !== "ended") this.books.abort(id);
  }

  /** The answer to that job was handed over: whole, or not. */
  handedOver(id: number, whole: boolean): void {
    this.books.handOvers.tell(id, whole);
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
        this.#batchDone(message);
        break;
      case "early-answers":
        this.books.settle(message);
        break;
      case "answers":
        this.books.settleLate(message);
        this.#afterAnswers();
        break;
      case "chunk":
        this.books.streams.push(message.id, message.bytes);
        break;
      case "end":
        this.books.streams.end(message.id, null);
        break;
      case "cut":
        this.#cut(message);
        break;
      case "body-credit":
        this.books.uploads.credit(message.id, message.pieces);
        break;
      case "body-cancel":
        this.books.uploads.cancel(message.id);
        break;
      case "watch":
        this.books.watch(message.id);
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
      case "broken":
        this.#crashed(message.why);
        break;
      default:
        this.#events.onFault(
          `A worker sent what nobody knows: ${message satisfies never}`,
        );
    }
  }

  #cut({ id, trace }: FromWorker & { kind: "cut" }): void {
    const { streams } = this.books;
    const title = streams.jobOf(id)?.title ?? "what nobody reads";
    this.#events.onFault(`Answer cut off (${title}): ${trace}`);
    streams.end(id, "its handler failed");
  }

  #batchDone(message: FromWorker & { kind: "batch-done" }): void {
    const jobs = this.books.acknowledge(message.costs);
    if (jobs > 0) this.#events.onBatch(jobs, message.busyMs);
    this.books.settle(message);
    if (message.heapBytes !== null) this.heapBytes = message.heapBytes;
    this.#afterAnswers();
  }

  #afterAnswers(): void {
    if (this.free) this.#events.onFree(this);
    this.#checkIdle();
  }

  #checkIdle(): void {
    if (this.books.settled) this.#events.onIdle(this);
  }

  /** Ends jobs that took longer than that with 504. */
  expire(now: number, handlerTimeoutMs: number): void {
    if (!this.books.expire(now, handlerTimeoutMs)) return;
    if (this.free) this.#events.onFree(this);
    // Whether it hears of anything decides if it goes on, may end, or is lost.
    this.#ask(now);
  }

  /** Asks whether it lives, where it owes something and has been silent. */
  ping(now: number, silenceMs: number): void {
    if (this.#state === "ended" || this.#state === "booting") return;
    if (this.books.settled) return;
    if (now - this.#heardAt >= silenceMs) this.#ask(now);
  }

  #ask(now: number): void {
    if (this.#pingedAt !== null) return;
    this.#pingedAt = now;
    this.#post({ kind: "ping" });
  }

  /** For how long it has not answered the last ping. */
  silentMs(now: number): number {
    // Its boot has a timeout of its own.
    if (this.#pingedAt === null || this.#state === "booting") return 0;
    return now - this.#pingedAt;
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
    this.books.fail(status, trace);
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
