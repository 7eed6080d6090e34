/**
 * Inside a worker that serves files only: runs batches of jobs, each of which is over
 * when its handler returns, but for a few that wait for a module. Must not know what the
 * handler does.
 *
 * @module
 */

import { formed } from "../http/error_forms.ts";
import type { HandlerResponse } from "../http/handler.ts";
import type { HttpResponse, RequestHead } from "../http/message.ts";
import { encodeKnownFieldLines } from "../http/response_fields.ts";
import { claimJob, type IncomingJob, unpackJobs } from "../messages/jobs.ts";
import type { FromWorker, Jobs } from "../messages/messages.ts";
import { natives } from "../natives.ts";
import { errorText } from "./error_text.ts";
import { HeapSampler } from "./heap.ts";
import { ResponseBatcher } from "./response_batcher.ts";

/** What runs jobs, and who hears of them. */
export interface FileRunnerOptions {
  /** Responds to a request; does not loop. */
  readonly handle: (
    request: RequestHead,
  ) => HttpResponse | Promise<HandlerResponse>;
  /** Sends a message to the pool. */
  readonly post: (message: FromWorker, transfer?: Transferable[]) => void;
  /** One Int32: how many jobs of the current batch are claimed. */
  readonly claims: Int32Array;
  /** The value of `Server`, or `null` for none. */
  readonly serverName: string | null;
}

/** Runs the jobs of one worker. */
export class FileRunner {
  readonly #options: FileRunnerOptions;
  readonly #batcher: ResponseBatcher;
  readonly #heap = new HeapSampler();

  constructor(options: FileRunnerOptions) {
    this.#options = options;
    this.#batcher = new ResponseBatcher(options);
  }

  /** Runs a batch and acknowledges it. */
  run(jobs: Jobs): void {
    const begunAt = natives.now();
    this.#batcher.beginBatch();
    const incoming = unpackJobs(jobs);
    for (let index = 0; index < incoming.length; index++) {
      // The pool took back the rest.
      if (!claimJob(this.#options.claims, index)) break;
      this.#respond(incoming[index]);
    }
    this.#batcher.endBatch({
      costs: [],
      heapBytes: this.#heap.bytes(),
      busyMs: natives.now() - begunAt,
    });
  }

  #respond(job: IncomingJob): void {
    try {
      const response = this.#options.handle(job);
      if (!(response instanceof natives.Promise)) this.#add(response, job);
      else {
        response.then(({ response }) => this.#add(response, job))
          .catch((error) => this.#fail(error, job));
      }
    } catch (error) {
      this.#fail(error, job);
    }
  }

  #add(response: HttpResponse, job: IncomingJob): void {
    const { status, fields, body } = formed(response, job);
    // The same lists of fields come again and again.
    const fieldLines = encodeKnownFieldLines(fields);
    this.#batcher.add(job.id, { status, fieldLines, body }, job);
  }

  #fail(error: unknown, { id }: IncomingJob): void {
    this.#batcher.addFailure({ id, status: 500, trace: errorText(error) });
  }
}
