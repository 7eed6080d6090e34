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

/** A thread that runs an entry of worker/, or a thread of a test. */
export interface Thread {
  /** Receives the worker's messages. */
  onmessage: ((event: { readonly data: FromWorker }) => void) | null;
  /** Receives why its messages cannot be relied on any more. */
  oncrash: ((why: string) => void) | null;
  /** Whether `terminate` ends it while it computes, too. */
  readonly stoppable: boolean;
  postMessage(message: ToWorker, transfer: Transferable[]): void;
  /**
   * Ends it.
   *
   * @returns a promise that resolves when the thread is gone; `null` where nothing
   * tells
   */
  terminate(): Promise<void> | null;
}

/** Why a worker cannot be relied on whose message could not be read. */
export const unreadable = "It sent a message that cannot be read";

/** The way to an inbox. */
export class Outbox {
  readonly #port: MessagePort;
  readonly #sleep = new Int32Array(new SharedArrayBuffer(4));
  /** The first message to the worker; its port is transferred. */
  readonly parts: InboxParts;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const sleep = this.#sleep.buffer as SharedArrayBuffer;
    this.parts = { port: port2, sleep };
  }

  /** Sends a message, and wakes the worker where it sleeps. */
  post(message: ToWorker, transfer: Transferable[]): void {
    this.#port.postMessage(wrapped(message), transfer);
    if (Atomics.compareExchange(this.#sleep, 0, asleep, awake) === asleep) {
      Atomics.notify(this.#sleep, 0);
    }
  }

  /** Resolves when the other side is gone. */
  closed(): Promise<void> {
    return new Promise((resolve) => {
      this.#port.addEventListener("close", () => resolve(), { once: true });
      this.#port.start();
    });
  }

  close(): void {
    this.#port.close();
  }
}

/** A Web Worker with an inbox. */
export class WorkerThread implements Thread {
  readonly #worker: Worker;
  readonly #outbox = new Outbox();
  readonly stoppable = false;

  /** @param worker has received no message yet */
  constructor(worker: Worker) {
    this.#worker = worker;
    const { parts } = this.#outbox;
    worker.postMessage(parts, [parts.port]);
  }

  set onmessage(listener: Thread["onmessage"]) {
    this.#worker.onmessage = listener;
  }

  set oncrash(listener: Thread["oncrash"]) {
    this.#worker.onerror = (event) => {
      // Without this an error in a worker ends the whole process.
      event.preventDefault();
      listener?.(event.message);
    };
    this.#worker.onmessageerror = () => listener?.(unreadable);
  }

  postMessage(message: ToWorker, transfer: Transferable[]): void {
    this.#outbox.post(message, transfer);
  }

  terminate(): null {
    this.#outbox.close();
    this.#worker.terminate();
    return null;
  }
}
