/**
 * A worker thread as a pool has it, and the way in which messages get there. Must
 * not know what they say.
 *
 * @module
 */

import {
  asleep,
  awake,
  type FromWorker,
  type InboxParts,
  type ToWorker,
  wrapped,
} from "./messages.ts";

/** A thread that runs worker.ts, or one in the hands of a test. */
export interface Thread {
  /** Is called with what it says. */
  onmessage: ((event: { readonly data: FromWorker }) => void) | null;
  /** Is called with an error that nobody there has caught. */
  onerror: ((event: ErrorEvent) => void) | null;
  /** Is called where it says what cannot be read. */
  onmessageerror: (() => void) | null;
  /** Tells it something. */
  postMessage(message: ToWorker, transfer: Transferable[]): void;
  /** Ends it, unless it computes. */
  terminate(): void;
}

/** A Web Worker with an inbox. */
export class WorkerThread implements Thread {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #sleep = new Int32Array(new SharedArrayBuffer(4));

  /**
   * Gives a worker its inbox.
   *
   * @param worker was told nothing yet
   */
  constructor(worker: Worker) {
    this.#worker = worker;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const sleep = this.#sleep.buffer as SharedArrayBuffer;
    worker.postMessage({ port: port2, sleep } satisfies InboxParts, [port2]);
  }

  /** Is called with what it says. */
  set onmessage(listener: Thread["onmessage"]) {
    this.#worker.onmessage = listener;
  }

  /** Is called with an error that nobody there has caught. */
  set onerror(listener: Thread["onerror"]) {
    this.#worker.onerror = listener;
  }

  /** Is called where it says what cannot be read. */
  set onmessageerror(listener: Thread["onmessageerror"]) {
    this.#worker.onmessageerror = listener;
  }

  /** Tells it something, and wakes it where it sleeps for that. */
  postMessage(message: ToWorker, transfer: Transferable[]): void {
    this.#port.postMessage(wrapped(message), transfer);
    if (Atomics.compareExchange(this.#sleep, 0, asleep, awake) === asleep) {
      Atomics.notify(this.#sleep, 0);
    }
  }

  /** Ends it, unless it computes. */
  terminate(): void {
    this.#port.close();
    this.#worker.terminate();
  }
}
