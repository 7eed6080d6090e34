/**
 * Inside a worker: gathers answers and failures into messages: those of the batch
 * that is being run into its acknowledgement, but for what is sent early, and later
 * ones into one message a turn of the event loop. Must not know which answers are
 * owed.
 *
 * @module
 */

import {
  type ClientFacts,
  type EncodableResponse,
  ResponsePacker,
} from "../messages/responses.ts";
import { errorText } from "./error_text.ts";
import type {
  FromWorker,
  JobFailure,
  JobResponses,
} from "../messages/messages.ts";

/** Answers and failures that go into one message. */
interface Answered {
  readonly packer: ResponsePacker;
  readonly failures: JobFailure[];
}

/** What an outbox needs of its worker. */
export interface BatcherOptions {
  /** Sends a message to the pool. */
  readonly post: (message: FromWorker, transfer?: Transferable[]) => void;
  /** The value of `Server`, or `null` for none. */
  readonly serverName: string | null;
}

/** What the acknowledgement of a batch says besides its answers. */
export type BatchFacts = Pick<
  FromWorker & { kind: "batch-done" },
  "costs" | "busyMs" | "heapBytes"
>;

/** The answers of one worker on their way out. */
export class ResponseBatcher {
  readonly #options: BatcherOptions;
  /** Those of the batch that is being run; `null` in between. */
  #batch: Answered | null = null;
  /** Those that come after their batch; they wait for the others of this turn of
   * the event loop. */
  #late: Answered | null = null;

  /**
   * Makes one.
   *
   * @param options the way to the pool
   */
  constructor(options: BatcherOptions) {
    this.#options = options;
  }

  /** Whether answers wait for the end of a batch. */
  get inBatch(): boolean {
    return this.#batch !== null;
  }

  /**
   * Adds an answer.
   *
   * @throws {TypeError} where its bytes were given away
   */
  add(id: number, response: EncodableResponse, client: ClientFacts): void {
    this.#open().packer.add(id, response, client);
  }

  /** Adds a failure. */
  addFailure(failure: JobFailure): void {
    this.#open().failures.push(failure);
  }

  /** What is added from now on is of a batch. */
  beginBatch(): void {
    this.#batch = this.#newMessage();
  }

  /** How many answers and failures of the batch are there to be sent. */
  get ready(): number {
    const { packer, failures } = this.#batch!;
    return packer.count + failures.length;
  }

  /** Sends those. */
  sendEarly(): void {
    this.#post(
      this.#batch!,
      (results) => ({ kind: "early-answers", ...results }),
    );
    this.#batch = this.#newMessage();
  }

  /** Sends the answers of the batch, as its acknowledgement. */
  endBatch(facts: BatchFacts): void {
    const batch = this.#batch!;
    this.#batch = null;
    this.#post(
      batch,
      (results) => ({ kind: "batch-done", ...results, ...facts }),
    );
  }

  /** The message that answers go into. */
  #open(): Answered {
    if (this.#batch !== null) return this.#batch;
    if (this.#late === null) {
      this.#late = this.#newMessage();
      queueMicrotask(() => this.#postLate());
    }
    return this.#late;
  }

  #postLate(): void {
    const late = this.#late;
    this.#late = null;
    if (late !== null) {
      this.#post(late, (results) => ({ kind: "answers", ...results }));
    }
  }

  #newMessage(): Answered {
    return {
      packer: new ResponsePacker(this.#options.serverName),
      failures: [],
    };
  }

  /** Sends answers. Where an app has given the bytes of one away meanwhile, the
   * message cannot be cloned: that job fails, and the others are answered. */
  #post(
    { packer, failures }: Answered,
    message: (results: JobResponses) => FromWorker,
  ): void {
    try {
      this.#options.post(message({ answers: packer.answers, failures }));
    } catch (error) {
      const trace = errorText(error);
      for (const id of packer.dropDetached()) {
        failures.push({ id, status: 500, trace });
      }
      this.#options.post(message({ answers: packer.answers, failures }));
    }
  }
}
