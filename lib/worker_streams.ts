/**
 * The streamed responses of one worker that are not at their end, by the ids of
 * their jobs. Must not know batches, or who reads a stream.
 *
 * @module
 */

import { StreamRelay } from "./stream_relay.ts";
import type { ToWorker } from "./worker_protocol.ts";

/** What streams need of their worker. */
export interface StreamsOptions {
  /** Sends it a message. */
  readonly post: (message: ToWorker) => void;
  /** One of them is over. */
  readonly onEnd: (id: number) => void;
}

/** The streams of one worker. */
export class WorkerStreams {
  readonly #options: StreamsOptions;
  readonly #relays = new Map<number, StreamRelay>();

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

  /** Begins that job's stream, of so many bytes or nobody knows how many. */
  open(id: number, length: number | null): StreamRelay {
    const { post } = this.#options;
    const relay = new StreamRelay(length, {
      onTaken: (bytes) => post({ kind: "credit", id, bytes }),
      onCancel: () => {
        post({ kind: "abort", id });
        this.end(id, "nobody reads it");
      },
    });
    this.#relays.set(id, relay);
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
    if (why === null) relay.end();
    else relay.cut(why);
    this.#options.onEnd(id);
  }

  /** The worker is gone: what has not arrived never will. */
  cutAll(): void {
    for (const relay of this.#relays.values()) relay.cut("its worker is gone");
    this.#relays.clear();
  }
}
