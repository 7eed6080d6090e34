/**
 * Inside a worker: what the pool sends. It is heard in the event loop like anything
 * else, or at once by who sleeps for the next one. Must not know what it says.
 *
 * @module
 */

import {
  type MessagePort as NodePort,
  receiveMessageOnPort,
} from "node:worker_threads";
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

  /**
   * Begins to listen.
   *
   * @param parts are this worker's alone
   * @param receive is called with each message that nobody slept for
   */
  constructor(parts: InboxParts, receive: (message: ToWorker) => void) {
    this.#port = parts.port;
    this.#sleep = new Int32Array(parts.sleep);
    this.#port.onmessage = ({ data }) => receive(unwrapped(data));
  }

  /**
   * The next message, without a turn of the event loop: the thread sleeps until it
   * comes.
   *
   * @param waitMs for no longer than this, in milliseconds
   * @returns `null` where none has come
   */
  next(waitMs: number): ToWorker | null {
    // In this order: what was sent before is found, what is sent after wakes.
    Atomics.store(this.#sleep, 0, asleep);
    let received = this.#take();
    if (received === undefined) {
      Atomics.wait(this.#sleep, 0, asleep, waitMs);
      received = this.#take();
    }
    Atomics.store(this.#sleep, 0, awake);
    return received === undefined ? null : unwrapped(received.message);
  }

  #take(): { message: Wrapped } | undefined {
    return receiveMessageOnPort(this.#port as unknown as NodePort) as
      | { message: Wrapped }
      | undefined;
  }
}
