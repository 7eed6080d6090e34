/**
 * Inside a worker: sleeps until the pool sends a message, without a turn of the event
 * loop. Must not know what it says.
 *
 * @module
 */

import {
  type MessagePort as NodePort,
  receiveMessageOnPort,
} from "node:worker_threads";
import { natives } from "../natives.ts";
import {
  asleep,
  awake,
  type InboxParts,
  type ToWorker,
  unwrapped,
  type Wrapped,
} from "./messages.ts";

/** Takes messages out of the inbox before the event loop does. */
export class Sleeper {
  readonly #port: NodePort;
  readonly #sleep: Int32Array;

  constructor({ port, sleep }: InboxParts) {
    this.#port = port as unknown as NodePort;
    this.#sleep = new Int32Array(sleep);
  }

  /** The next message: the thread sleeps until it comes, but no longer than `waitMs`. */
  next(waitMs: number): ToWorker | null {
    const end = natives.now() + waitMs;
    let received: { message: Wrapped } | undefined;
    // Who is woken may find nothing: the event loop had that message already, while its
    // sender was about to wake whoever sleeps.
    for (let leftMs = waitMs;; leftMs = end - natives.now()) {
      // In this order: what was sent before is found, what is sent after wakes.
      natives.Atomics.store(this.#sleep, 0, asleep);
      received = this.#take();
      if (received !== undefined || leftMs <= 0) break;
      natives.Atomics.wait(this.#sleep, 0, asleep, leftMs);
    }
    natives.Atomics.store(this.#sleep, 0, awake);
    return received === undefined ? null : unwrapped(received.message);
  }

  #take(): { message: Wrapped } | undefined {
    return receiveMessageOnPort(this.#port) as { message: Wrapped } | undefined;
  }
}
