/**
 * The streamed responses of one worker that are not at their end, by the ids of
 * their jobs. Must not know batches, or who reads a stream.
 *
 * @module
 */

import { IdMap } from "../id_map.ts";
import type { Job } from "./job.ts";
import { StreamReceiver } from "./stream_receiver.ts";
import type { ToWorker } from "../messages/messages.ts";

/** What streams need of their worker. */
export interface StreamsOptions {
  /** Sends it a message. */
  readonly post: (message: ToWorker) => void;
  /** One of them is over. */
  readonly onEnd: () => void;
}

/** A stream, and whose it is. */
interface OpenStream {
  readonly relay: StreamReceiver;
  readonly job: Job;
}

/** The streams of one worker. */
export class WorkerStreams {
  readonly #options: StreamsOptions;
  readonly #open = new IdMap<OpenStream>();

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
    return this.#open.size;
  }

  /** Whether that job's is one of them. */
  has(id: number): boolean {
    return this.#open.get(id) !== undefined;
  }

  /** That job, where its stream is one of them. */
  jobOf(id: number): Job | undefined {
    return this.#open.get(id)?.job;
  }

  /** Begins that job's stream, of so many bytes or nobody knows how many. */
  open(job: Job, length: number | null): StreamReceiver {
    const { id } = job;
    const { post } = this.#options;
    const relay = new StreamReceiver(length, {
      onTaken: (bytes) => post({ kind: "credit", id, bytes }),
      onCancel: () => {
        post({ kind: "abort", id });
        this.end(id, "nobody reads it");
      },
    });
    this.#open.add(id, { relay, job });
    return relay;
  }

  /** A chunk of that job's stream has arrived. */
  push(id: number, chunk: Uint8Array): void {
    this.#open.get(id)?.relay.push(chunk);
  }

  /** That job's stream is over: whole, or cut off for that reason. */
  end(id: number, why: string | null): void {
    const stream = this.#open.take(id);
    if (stream === undefined) return;
    if (why === null) stream.relay.end();
    else stream.relay.cut(why);
    this.#options.onEnd();
  }

  /** The worker is gone: what has not arrived never will. */
  cutAll(): void {
    for (const { relay } of this.#open.values()) {
      relay.cut("its worker is gone");
    }
    this.#open.clear();
  }
}
