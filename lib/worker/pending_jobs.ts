/**
 * Inside a worker: the jobs that were claimed and not answered. Each is answered
 * once, whoever comes first. Must not know how jobs are run.
 *
 * @module
 */

import type { ResponseBatcher } from "./response_batcher.ts";
import type { AnswerStreams } from "./stream_sender.ts";
import {
  encodeFieldLines,
  encodeKnownFieldLines,
} from "../http/response_fields.ts";
import type { HandlerResponse } from "../http/handler.ts";
import { IdMap } from "../id_map.ts";
import type { HttpResponse } from "../http/message.ts";
import type { ClientFacts } from "../messages/responses.ts";
import { errorText } from "./error_text.ts";

/** Where answers go. */
export interface OwedOptions {
  /** Their heads, and content that is here. */
  readonly outbox: ResponseBatcher;
  /** Content that is not. */
  readonly streams: AnswerStreams;
  /** Whether the same lists of fields come again and again. */
  readonly knownFields: boolean;
}

/** What one worker owes. */
export class PendingJobs {
  readonly #options: OwedOptions;
  readonly #clients = new IdMap<ClientFacts>();

  /**
   * Makes none yet.
   *
   * @param options where answers go
   */
  constructor(options: OwedOptions) {
    this.#options = options;
  }

  /** How many there are. */
  get size(): number {
    return this.#clients.size;
  }

  /** That job was claimed, for that client. */
  owe(id: number, client: ClientFacts): void {
    this.#clients.add(id, client);
  }

  /**
   * Puts an answer into the next message.
   *
   * @returns whether it was still owed
   * @throws {import("../http/response_fields.ts").UnsendableFieldError} and then it still is
   * @throws {TypeError} likewise, where its bytes were given away
   */
  answer(id: number, { status, fields, body }: HttpResponse): boolean {
    const client = this.#clients.get(id);
    if (client === undefined) return false;
    const { knownFields, outbox } = this.#options;
    const fieldLines = knownFields
      ? encodeKnownFieldLines(fields)
      : encodeFieldLines(fields);
    outbox.add(id, { status, fieldLines, body }, client);
    this.#clients.take(id);
    return true;
  }

  /** The same for what was answered later, with its stream. */
  settle(id: number, { response, stream }: HandlerResponse): void {
    let owed: boolean;
    try {
      owed = this.answer(id, response);
    } catch (error) {
      stream?.cancel();
      return this.fail(id, error);
    }
    if (stream === null) return;
    if (!owed) return stream.cancel();
    const { outbox, streams } = this.#options;
    streams.open(id, stream, outbox.inBatch);
  }

  /** Its handler has failed. */
  fail(id: number, error: unknown): void {
    if (this.#clients.take(id) === undefined) return;
    const trace = errorText(error);
    this.#options.outbox.addFailure({ id, status: 500, trace });
  }

  /** Its handler was stopped: before it was owed perhaps, or after its answer; what
   * is said first counts. */
  stop(id: number): void {
    this.#clients.take(id);
    this.#options.outbox.addFailure({ id, status: 504, trace: "" });
  }
}
