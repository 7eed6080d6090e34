/**
 * A worker thread that can be stopped whatever it does, and whose heap has a wall. It
 * boots slower than a Web Worker, and cannot have fewer permissions than the process.
 * Must not know what the messages say.
 *
 * @module
 */

import { Worker as NodeWorker } from "node:worker_threads";
import type { FromWorker, ToWorker } from "./messages.ts";
import { Outbox, type Thread, unreadable } from "./thread.ts";

// New objects live here first. V8 takes it into account beside the old ones.
const youngMb = 32;
const mebibyte = 1024 * 1024;

/** A thread of `node:worker_threads` that runs worker/strict_entry.ts. */
export class StrictThread implements Thread {
  readonly #worker: NodeWorker;
  readonly #outbox = new Outbox();
  onmessage: Thread["onmessage"] = null;
  oncrash: Thread["oncrash"] = null;
  readonly stoppable = true;

  /** @param maxHeapBytes with more, the thread ends */
  constructor(entry: URL, maxHeapBytes: number) {
    const worker = this.#worker = new NodeWorker(entry, {
      resourceLimits: {
        maxOldGenerationSizeMb: Math.ceil(maxHeapBytes / mebibyte),
        maxYoungGenerationSizeMb: youngMb,
      },
    });
    worker.on("message", (data: FromWorker) => this.onmessage?.({ data }));
    worker.on("messageerror", () => this.oncrash?.(unreadable));
    worker.on("error", (error) => this.oncrash?.((error as Error).message));
    worker.on("exit", () => this.oncrash?.("It ended without a word"));
    const { parts } = this.#outbox;
    worker.postMessage(parts, [parts.port] as never);
  }

  postMessage(message: ToWorker, transfer: Transferable[]): void {
    this.#outbox.post(message, transfer);
  }

  /** The runtime counts a thread as ended that it has told to end. But V8 stops not
   * every loop (`for (;;) new Array(1000).fill(1)` goes on). The port tells: it closes
   * when the thread is gone. */
  terminate(): Promise<void> {
    this.oncrash = null;
    const closed = this.#outbox.closed();
    this.#worker.terminate();
    return closed;
  }
}
