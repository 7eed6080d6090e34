/**
 * A worker thread as the pool sees it, and the way in which messages get there. Must
 * not know what the messages say.
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

/** A thread that runs worker/entry.ts, or a thread of a test. */
export interface Thread {
  /** Receives the worker's messages. */
  onmessage: ((event: { readonly data: FromWorker }) => void) | null;
  /** Receives an error that was not caught in the worker. */
  onerror: ((event: ErrorEvent) => void) | null;
  /** Called where a message of the worker cannot be read. */
  onmessageerror: (() => void) | null;
  postMessage(message: ToWorker, transfer: Transferable[]): void;
  /** Ends it, unless it computes. */
  terminate(): void;
}

/** A Web Worker with an inbox. */
export class WorkerThread implements Thread {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #sleep = new Int32Array(new SharedArrayBuffer(4));

  /** @param worker has received no message yet */
  constructor(worker: Worker) {
    this.#worker = worker;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const sleep = this.#sleep.buffer as SharedArrayBuffer;
    worker.postMessage({ port: port2, sleep } satisfies InboxParts, [port2]);
  }

  set onmessage(listener: Thread["onmessage"]) {
    this.#worker.onmessage = listener;
  }

  set onerror(listener: Thread["onerror"]) {
    this.#worker.onerror = listener;
  }

  set onmessageerror(listener: Thread["onmessageerror"]) {
    this.#worker.onmessageerror = listener;
  }

  /** Sends a message, and wakes the worker where it sleeps. */
  postMessage(message: ToWorker, transfer: Transferable[]): void {
    this.#port.postMessage(wrapped(message), transfer);
    if (Atomics.compareExchange(this.#sleep, 0, asleep, awake) === asleep) {
      Atomics.notify(this.#sleep, 0);
    }
  }

  terminate(): void {
    this.#port.close();
    this.#worker.terminate();
  }
}
