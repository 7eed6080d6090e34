/**
 * Inside a worker: gathers responses and failures into messages. Those of the batch
 * that is being run go into its acknowledgement, except those that are sent early;
 * later ones into one message for each turn of the event loop. Must not know which
 * jobs are pending.
 *
 * @module
 */

import type {
  FromWorker,
  JobFailure,
  JobResponses,
} from "../messages/messages.ts";
import {
  type ClientFacts,
  type EncodableResponse,
  ResponsePacker,
} from "../messages/responses.ts";
import { natives } from "../natives.ts";
import { errorText } from "./error_text.ts";

/** Responses and failures that go into one message. */
interface Gathered {
  readonly packer: ResponsePacker;
  readonly failures: JobFailure[];
}

export interface BatcherOptions {
  /** Sends a message to the pool. */
  readonly post: (message: FromWorker, transfer?: Transferable[]) => void;
  /** The value of `Server`, or `null` for none. */
  readonly serverName: string | null;
}

/** What the acknowledgement of a batch says besides its responses. */
export type BatchFacts = Pick<
  FromWorker & { kind: "batch-done" },
  "costs" | "busyMs" | "heapBytes"
>;

/** Gathers the responses of one worker. */
export class ResponseBatcher {
  readonly #options: BatcherOptions;
  /** Those of the batch that is being run; `null` in between. */
  #batch: Gathered | null = null;
  /** Those that come after their batch; they wait for others of this turn of the event
   * loop. */
  #late: Gathered | null = null;

  constructor(options: BatcherOptions) {
    this.#options = options;
  }

  /** Whether responses wait for the end of a batch. */
  get inBatch(): boolean {
    return this.#batch !== null;
  }

  /** @throws {TypeError} where an app has transferred the bytes of the response */
  add(id: number, response: EncodableResponse, client: ClientFacts): void {
    this.#open().packer.add(id, response, client);
  }

  addFailure(failure: JobFailure): void {
    this.#open().failures.push(failure);
  }

  /** What is added from now on belongs to a batch. */
  beginBatch(): void {
    this.#batch = this.#newMessage();
  }

  /** How many responses and failures of the batch can be sent. */
  get ready(): number {
    const { packer, failures } = this.#batch!;
    return packer.count + failures.length;
  }

  /** Sends those before the end of the batch. */
  sendEarly(): void {
    this.#post(
      this.#batch!,
      (gathered) => ({ kind: "early-responses", ...gathered }),
    );
    this.#batch = this.#newMessage();
  }

  /** Sends the acknowledgement of the batch, with its responses. */
  endBatch(facts: BatchFacts): void {
    const batch = this.#batch!;
    this.#batch = null;
    this.#post(
      batch,
      (gathered) => ({ kind: "batch-done", ...gathered, ...facts }),
    );
  }

  /** The message that is being gathered. */
  #open(): Gathered {
    if (this.#batch !== null) return this.#batch;
    if (this.#late === null) {
      this.#late = this.#newMessage();
      natives.queueMicrotask(() => this.postLate());
    }
    return this.#late;
  }

  /** Sends what waits for the end of this turn. */
  postLate(): void {
    const late = this.#late;
    this.#late = null;
    if (late !== null) {
      this.#post(late, (gathered) => ({ kind: "late-responses", ...gathered }));
    }
  }

  #newMessage(): Gathered {
    return {
      packer: new ResponsePacker(this.#options.serverName),
      failures: [],
    };
  }

  /** Sends a message. Where an app has transferred the bytes of a response meanwhile, the
   * message cannot be cloned: that job fails, the others do not. */
  #post(
    { packer, failures }: Gathered,
    message: (gathered: JobResponses) => FromWorker,
  ): void {
    try {
      this.#options.post(message({ responses: packer.responses, failures }));
    } catch (error) {
      const trace = errorText(error);
      for (const id of packer.dropDetached()) {
        failures.push({ id, status: 500, trace });
      }
      this.#options.post(message({ responses: packer.responses, failures }));
    }
  }
}
