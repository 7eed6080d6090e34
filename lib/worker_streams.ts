/**
 * The streamed responses of one worker that are not at their end, by the ids of
 * their jobs. Must not know batches, or who reads a stream.
 *
 * @module
 */

import type { PoolJob } from "./pool_job.ts";
import { StreamRelay } from "./stream_relay.ts";
import type { ToWorker } from "./worker_protocol.ts";

/** What streams need of their worker. */
export interface StreamsOptions {
  /** Sends it a message. */
  readonly post: (message: ToWorker) => void;
  /** One of them is over. */
  readonly onEnd: () => void;
}

/** The streams of one worker. */
export class WorkerStreams {
  readonly #options: StreamsOptions;
  readonly #relays = new Map<number, StreamRelay>();
  /** Whose they are. */
  readonly #jobs = new Map<number, PoolJob>();

  /**
   * Makes one.
   *
   * @param options the way to the worker and to its books
   */
  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  /** How many there are. */
  get size(): number {
    return this.#relays.size;
  }

  /** Whether that job's is one of them. */
  has(id: number): boolean {
    return this.#relays.has(id);
  }

  /** That job, where its stream is one of them. */
  jobOf(id: number): PoolJob | undefined {
    return this.#jobs.get(id);
  }

  /** Begins that job's stream, of so many bytes or nobody knows how many. */
  open(job: PoolJob, length: number | null): StreamRelay {
    const { id } = job;
    const { post } = this.#options;
    const relay = new StreamRelay(length, {
      onTaken: (bytes) => post({ kind: "credit", id, bytes }),
      onCancel: () => {
        post({ kind: "abort", id });
        this.end(id, "nobody reads it");
      },
    });
    this.#relays.set(id, relay);
    this.#jobs.set(id, job);
    return relay;
  }

  /** A chunk of that job's stream has arrived. */
  push(id: number, chunk: Uint8Array): void {
    this.#relays.get(id)?.push(chunk);
  }

  /** That job's stream is over: whole, or cut off for that reason. */
  end(id: number, why: string | null): void {
    const relay = this.#relays.get(id);
    if (relay === undefined) return;
    this.#relays.delete(id);
    this.#jobs.delete(id);
    if (why === null) relay.end();
    else relay.cut(why);
    this.#options.onEnd();
  }

  /** The worker is gone: what has not arrived never will. */
  cutAll(): void {
    for (const relay of this.#relays.values()) relay.cut("its worker is gone");
    this.#relays.clear();
    this.#jobs.clear();
  }
}
