/**
 * Inside a worker: the messages of the pool. They arrive in the event loop, or at once
 * where the worker sleeps for the next one. Must not know what they say.
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

/** The messages to one worker, in the order in which they were sent. */
export class Inbox {
  readonly #port: MessagePort;
  readonly #sleep: Int32Array;

  /** @param receive gets each message that the worker did not sleep for */
  constructor(parts: InboxParts, receive: (message: ToWorker) => void) {
    this.#port = parts.port;
    this.#sleep = new Int32Array(parts.sleep);
    this.#port.onmessage = ({ data }) => receive(unwrapped(data));
  }

  /**
   * The next message, without a turn of the event loop: the thread sleeps until it
   * comes, but no longer than `waitMs`.
   */
  next(waitMs: number): ToWorker | null {
    // In this order: what was sent before is found, what is sent after wakes.
    natives.Atomics.store(this.#sleep, 0, asleep);
    let received = this.#take();
    if (received === undefined) {
      natives.Atomics.wait(this.#sleep, 0, asleep, waitMs);
      received = this.#take();
    }
    natives.Atomics.store(this.#sleep, 0, awake);
    return received === undefined ? null : unwrapped(received.message);
  }

  #take(): { message: Wrapped } | undefined {
    return receiveMessageOnPort(this.#port as unknown as NodePort) as
      | { message: Wrapped }
      | undefined;
  }
}
