/**
 * The jobs of a worker that are not over: the one record of each. A job has one
 * response, whoever is first; its stream, its body and the word that its response was
 * handed over may come after that. Must not know how jobs are run.
 *
 * @module
 */

import { formed } from "../http/error_forms.ts";
import type {
  ClientListener,
  HandlerJob,
  HandlerResponse,
} from "../http/handler.ts";
import type { BodyBytes, HttpResponse } from "../http/message.ts";
import { encodeFieldLines } from "../http/response_fields.ts";
import { IdMap } from "../id_map.ts";
import type { IncomingJob } from "../messages/jobs.ts";
import type { FromWorker } from "../messages/messages.ts";
import { natives } from "../natives.ts";
import { errorText } from "./error_text.ts";
import { RequestBodyStream } from "./request_body_stream.ts";
import type { ResponseBatcher } from "./response_batcher.ts";
import { StreamSender } from "./stream_sender.ts";
import type { WorkerTunnels } from "./tunnels.ts";

/** Where responses go. */
export interface PendingOptions {
  readonly batcher: ResponseBatcher;
  readonly tunnels: WorkerTunnels;
  /** Sends a message to the pool. */
  readonly post: (message: FromWorker, transfer?: Transferable[]) => void;
  /** Bytes of a stream that may be ahead of the client. */
  readonly streamWindowBytes: number;
}

/** A job that is not over. */
export class PendingJob implements HandlerJob {
  readonly job: IncomingJob;
  readonly #post: PendingOptions["post"];
  client: ClientListener | null = null;
  /** Whether it has no response yet. */
  owed = true;
  /** The stream of its response, until its end. */
  stream: StreamSender | null = null;
  /** Its body, where that is streamed, until its end. */
  body: RequestBodyStream | null = null;
  /** Whether the handler waits for `handedOver`. */
  watched = false;

  constructor(job: IncomingJob, post: PendingOptions["post"]) {
    this.job = job;
    this.#post = post;
  }

  watch(): void {
    if (this.watched) return;
    this.watched = true;
    this.#post({ kind: "watch", id: this.job.id });
  }

  get isOver(): boolean {
    return !this.owed && this.stream === null && this.body === null &&
      !this.watched;
  }
}

/** The pending jobs of one worker. */
export class PendingJobs {
  readonly #options: PendingOptions;
  readonly #jobs = new IdMap<PendingJob>();
  /** What follows responses that wait for the end of a batch; it begins when that is
   * sent. */
  #inBatch: (() => void)[] = [];
  /** The same behind responses that come after their batch. */
  #late: (() => void)[] = [];

  constructor(options: PendingOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#jobs.size;
  }

  /** A job was claimed. */
  begin(job: IncomingJob): PendingJob {
    const pending = new PendingJob(job, this.#options.post);
    this.#jobs.add(job.id, pending);
    if (job.streamed) job.body = this.#openBody(pending);
    return pending;
  }

  #release(pending: PendingJob): void {
    if (pending.isOver) this.#jobs.take(pending.job.id);
  }

  /**
   * Puts a response into the next message.
   *
   * @returns whether there was none before
   * @throws {import("../http/response_fields.ts").UnsendableFieldError} and then the
   * job still has none
   * @throws {TypeError} likewise, where its bytes were transferred
   */
  respond(pending: PendingJob, response: HttpResponse): boolean {
    if (!pending.owed) return false;
    this.#add(pending, response);
    this.#release(pending);
    return true;
  }

  #add(pending: PendingJob, response: HttpResponse): void {
    const { job } = pending;
    const { status, fields, body } = formed(response, job);
    const fieldLines = encodeFieldLines(fields);
    this.#options.batcher.add(job.id, { status, fieldLines, body }, job);
    pending.owed = false;
  }

  /** The same for a response that came later, with its stream. */
  settle(
    pending: PendingJob,
    { response, stream, tunnel = null }: HandlerResponse,
  ): void {
    if (!pending.owed) {
      tunnel?.closed();
      return stream?.cancel();
    }
    try {
      this.#add(pending, response);
    } catch (error) {
      stream?.cancel();
      tunnel?.closed();
      return this.fail(pending, error);
    }
    const { id } = pending.job;
    if (stream !== null) {
      pending.stream = new StreamSender(id, stream, this.#options);
      this.#follow(() => this.#runStream(pending));
    }
    if (tunnel !== null) {
      this.#follow(() => this.#options.tunnels.open(id, tunnel));
    }
    this.#release(pending);
  }

  /** What follows a response must not overtake it. */
  #follow(begin: () => void): void {
    if (this.#options.batcher.inBatch) {
      this.#inBatch.push(begin);
      return;
    }
    this.#late.push(begin);
    natives.queueMicrotask(() => this.#lateSent());
  }

  #lateSent(): void {
    for (const begin of this.#late.splice(0)) begin();
  }

  /** A handler was stopped, and with it the microtasks that were to come: does what they
   * would have done. */
  stopped(): void {
    this.#options.batcher.postLate();
    this.#lateSent();
  }

  /** The batch is sent, with its responses. */
  batchSent(): void {
    for (const begin of this.#inBatch.splice(0)) begin();
  }

  #runStream(pending: PendingJob): void {
    pending.stream!.run().finally(() => {
      pending.stream = null;
      pending.client?.abort();
      this.#release(pending);
    });
  }

  /** The handler has failed. */
  fail(pending: PendingJob, error: unknown): void {
    if (!pending.owed) return;
    pending.owed = false;
    const { id } = pending.job;
    const trace = errorText(error);
    this.#options.batcher.addFailure({ id, status: 500, trace });
    this.#release(pending);
  }

  /** The handler was stopped, perhaps before the job was noted here, or after its
   * response; the first response counts. */
  stop(id: number): void {
    const pending = this.#jobs.get(id);
    if (pending !== undefined) {
      pending.owed = false;
      this.#release(pending);
    }
    this.#options.batcher.addFailure({ id, status: 504, trace: "" });
  }

  /** Nobody waits for the response, or reads the stream, any more. */
  abort(id: number): void {
    const pending = this.#jobs.get(id);
    pending?.stream?.cancel();
    pending?.client?.abort();
  }

  /** Chunks of the stream of that job that cost so much were read. */
  creditStream(id: number, cost: number): void {
    this.#jobs.get(id)?.stream?.credit(cost);
  }

  /** The response to that job was handed to the system whole, or it never will be. */
  handedOver(id: number, whole: boolean): void {
    const pending = this.#jobs.get(id);
    if (pending === undefined) return;
    pending.watched = false;
    pending.client?.handedOver(whole);
    this.#release(pending);
  }

  /** Nothing is asked for before the handler reads. */
  #openBody(pending: PendingJob): ReadableStream<BodyBytes> {
    const { post } = this.#options;
    const { id } = pending.job;
    pending.body = new RequestBodyStream(
      (pieces) => post({ kind: "body-credit", id, pieces }),
      () => {
        this.#closeBody(id);
        post({ kind: "body-cancel", id });
      },
    );
    return pending.body.stream;
  }

  #closeBody(id: number): RequestBodyStream | null {
    const pending = this.#jobs.get(id);
    if (pending === undefined) return null;
    const { body } = pending;
    pending.body = null;
    this.#release(pending);
    return body;
  }

  /** The next piece of the body of that job. */
  pushBody(id: number, piece: BodyBytes): void {
    this.#jobs.get(id)?.body?.push(piece);
  }

  /** The body of that job is complete. */
  endBody(id: number): void {
    this.#closeBody(id)?.end();
  }

  /** The rest of the body of that job will not come. */
  cutBody(id: number, why: string): void {
    this.#closeBody(id)?.cut(why);
  }
}
