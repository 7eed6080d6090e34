/**
 * The jobs that one worker has: which it has begun, which it owes a response, whose
 * bodies and streams are under way. There is one record for each, the job. Must not
 * know whether the worker's thread lives.
 *
 * @module
 */

import type { RequestBodySource } from "../http/exchange.ts";
import type { UpgradedBody } from "../http/message.ts";
import { IdMap } from "../id_map.ts";
import { packJobs } from "../messages/jobs.ts";
import {
  chunkCost,
  type JobResponses,
  type PackedBody,
  type ToWorker,
} from "../messages/messages.ts";
import {
  idsOf,
  type ResponseVisitor,
  unpackResponses,
} from "../messages/responses.ts";
import { Batch } from "./batch.ts";
import type { Job, JobWorker } from "./job.ts";
import { veryLongMs } from "./route_stats.ts";
import type { PoolRecords } from "./records.ts";
import { StreamReceiver } from "./stream_receiver.ts";
import { Tunnels } from "./tunnels.ts";

// A batch that takes longer holds up those jobs that wait for something.
const heldUpMs = 50;
// The first jobs of a thread compile what they use: 5 to 30 ms that say nothing.
const coldJobs = 4;

/** The way to the worker. */
export interface InFlightOptions {
  readonly post: (message: ToWorker, transfer?: Transferable[]) => void;
  /** A job is over: there may be room, or nothing left to do. */
  readonly onEnd: () => void;
  readonly records: PoolRecords;
  /** Bytes of a tunnel's client that may be ahead of the worker. */
  readonly windowBytes: number;
}

/** The jobs of one worker. */
export class InFlight {
  readonly #post: InFlightOptions["post"];
  readonly #onEnd: () => void;
  readonly #records: PoolRecords;
  readonly #claims = new Int32Array(new SharedArrayBuffer(4));
  /** A job stays here until its response, its stream and its body are over and its
   * handler knows all that it asked for. */
  readonly #jobs = new IdMap<Job>();
  #batch: Batch | null = null;
  /** Jobs without a response, or with a stream that is not at its end. */
  #unfinished = 0;
  /** Jobs whose handlers wait for `handedOver`. */
  #watched = 0;
  /** Unfinished jobs that were given out alone, and are not known to be light. */
  #heavy = 0;
  /** Jobs that were known to be heavy when they were given out, and when the last such
   * one was over. */
  #knownHeavy = 0;
  #heavyAt = -Infinity;
  /** Connections that are tunnels now. */
  readonly tunnels: Tunnels;
  /** When a batch was over that had held up the jobs before it. */
  #resumedAt = -Infinity;
  /** Jobs that the worker was given so far. */
  given = 0;

  constructor({ post, onEnd, records, windowBytes }: InFlightOptions) {
    this.#post = post;
    this.#onEnd = onEnd;
    this.#records = records;
    this.tunnels = new Tunnels({
      post: (traffic) => post({ kind: "tunnels", traffic }),
      onEnd,
      windowBytes,
    });
  }

  /** Shared with the worker, which counts there what it has begun. */
  get claims(): SharedArrayBuffer {
    return this.#claims.buffer as SharedArrayBuffer;
  }

  /** Jobs that are not finished, streams included; not those that became tunnels. */
  get size(): number {
    return this.#unfinished;
  }

  /** The batch that the worker has not acknowledged, or `null`. */
  get batch(): Batch | null {
    return this.#batch;
  }

  /** Whether it has a job that was given out alone, and is not known to be light. */
  get hasHeavy(): boolean {
    return this.#heavy > 0;
  }

  /** Whether a light job had better go to another worker. */
  isHeldUp(now: number): boolean {
    return this.hasHeavy || (this.#batch?.isSlow(now) ?? false);
  }

  /** Whether the batch takes very long. */
  isStuck(now: number): boolean {
    return this.#batch !== null && now - this.#batch.sentAt > veryLongMs;
  }

  /** When it last had a job that is known to be heavy. */
  heavyAt(now: number): number {
    return this.#knownHeavy > 0 ? now : this.#heavyAt;
  }

  /** Whether the worker owes nothing at all. */
  get isEmpty(): boolean {
    return this.#batch === null && this.#unfinished === 0 &&
      this.#watched === 0 && this.tunnels.size === 0;
  }

  /** Gives the worker a batch; it has to have acknowledged the last one. */
  give(jobs: readonly Job[], worker: JobWorker): void {
    const now = performance.now();
    for (const job of jobs) {
      job.holder = worker;
      job.sentAt = now;
      this.#records.queueWait.observe(Math.max(now - job.queuedAt, 0) / 1000);
      this.#jobs.add(job.id, job);
      if (job.alone) this.#heavy++;
      // To make a tunnel may load what it needs, and is no sign of others.
      job.knownHeavy = job.alone && job.isHeavy && !job.isUntried &&
        !job.request.upgradable;
      if (job.knownHeavy) this.#knownHeavy++;
    }
    this.#unfinished += jobs.length;
    this.given += jobs.length;
    this.#batch = new Batch(jobs, this.#claims, now);
    const packed = packJobs(jobs);
    if (packed.bodies !== null) {
      for (const job of jobs) {
        const body = job.streamedBody;
        if (body !== null) this.#openBody(job, body);
      }
    }
    this.#post({ kind: "batch", jobs: packed });
  }

  /** Jobs that are not finished, those first that are there for longest. */
  get running(): readonly Job[] {
    return this.#jobs.values()
      .filter((job) => !job.answered || job.stream !== null)
      .sort((a, b) => a.sentAt - b.sentAt);
  }

  /** Takes back the jobs of the batch that are not begun. */
  takeBack(): readonly Job[] {
    const jobs = this.#batch?.takeBack() ?? [];
    for (const job of jobs) {
      this.#finish(job);
      if (job.bodyOpen) {
        job.bodyOpen = false;
        job.streamedBody!.sendTo(null);
      }
      this.#jobs.take(job.id);
    }
    this.given -= jobs.length;
    return jobs;
  }

  /** The job has its response, and no stream is open. */
  #finish(job: Job): void {
    this.#unfinished--;
    if (job.alone) this.#heavy--;
    if (!job.knownHeavy) return;
    this.#knownHeavy--;
    this.#heavyAt = performance.now();
  }

  /** Forgets a job of which nothing is left to do. */
  #release(job: Job): void {
    if (!job.answered || job.stream !== null) return;
    if (!job.bodyOpen && !job.watched) this.#jobs.take(job.id);
  }

  /** The client of that job has left, or was told that it takes too long. A response
   * is still taken; a stream ends here. */
  abort(id: number): void {
    const job = this.#jobs.get(id);
    if (job === undefined || job.answered && job.stream === null) return;
    if (!job.answered) job.clientLeft = true;
    this.#post({ kind: "abort", id });
    this.#endStream(job, "its client has left");
  }

  /**
   * The worker has run its batch, at those costs.
   *
   * @returns how many jobs the batch had
   */
  acknowledge(costs: readonly number[]): number {
    const { jobs, sentAt }: Pick<Batch, "jobs" | "sentAt"> = this.#batch ??
      { jobs: [], sentAt: Infinity };
    this.#batch = null;
    const now = performance.now();
    if (now - sentAt > heldUpMs) this.#resumedAt = now;
    const before = this.given - jobs.length;
    costs.forEach((ms, i) => jobs[i]?.learn(ms, before + i < coldJobs));
    for (const job of jobs) this.#letWait(job);
    return jobs.length;
  }

  /** A job that was given out alone and only waits for something may be light after
   * all: it does not make others wait. */
  #letWait(job: Job): void {
    if (!job.alone || job.answered) return;
    if (job.isHeavy && !job.isUntried) return;
    job.alone = false;
    this.#heavy--;
  }

  /** Hands responses on to those who wait. */
  answer({ responses, failures }: JobResponses): void {
    unpackResponses(responses, this.#visitor);
    for (const { id, status, trace } of failures) {
      const job = this.#unanswered(id);
      if (job === undefined) continue;
      this.#finish(job);
      job.answer({ kind: "failure", status, trace });
      if (status === 504) this.#records.handlerTimeouts++;
      this.#release(job);
    }
  }

  /** Those are responses to jobs of earlier batches. Where the batch should have been
   * begun long ago, the first of them are what it has waited for. */
  answerLate(late: JobResponses): void {
    if (this.#batch?.wasStalled()) {
      for (const id of idsOf(late.responses)) this.#unanswered(id)?.stalled();
    }
    this.answer(late);
  }

  /** That job, unless it was answered by the pool meanwhile: it took too long. */
  #unanswered(id: number): Job | undefined {
    const job = this.#jobs.get(id);
    return job === undefined || job.answered ? undefined : job;
  }

  readonly #visitor: ResponseVisitor = {
    encoded: (id, status, headLength, bytes) => {
      const job = this.#unanswered(id);
      if (job === undefined) return;
      this.#finish(job);
      job.answer({ kind: "encoded", status, headLength, bytes });
      this.#release(job);
    },
    open: (...response) => this.#answerOpen(...response),
  };

  #answerOpen(
    id: number,
    status: number,
    fieldLines: string,
    body: PackedBody,
  ): void {
    const streamed = body instanceof Uint8Array || body.kind !== "stream"
      ? null
      : body;
    const job = this.#unanswered(id);
    if (!(body instanceof Uint8Array) && body.kind === "tunnel") {
      return this.#openTunnel(id, job, fieldLines, body);
    }
    if (job === undefined) {
      if (streamed !== null) this.#post({ kind: "abort", id });
      return;
    }
    const stream = streamed === null
      ? null
      : this.#openStream(job, streamed.length);
    if (stream === null) this.#finish(job);
    job.answer({ kind: "response", status, fieldLines, body, stream });
    // The word that the client has left may have crossed this response.
    if (stream !== null && job.clientLeft) this.abort(id);
    this.#release(job);
  }

  #openTunnel(
    id: number,
    job: Job | undefined,
    fieldLines: string,
    body: UpgradedBody,
  ): void {
    if (job === undefined) return this.tunnels.refuse(id);
    const tunnel = this.tunnels.open(id, body.lastWords);
    this.#finish(job);
    const { protocol } = body;
    job.answer({ kind: "upgrade", status: 101, fieldLines, protocol, tunnel });
    // The word that the client has left may have crossed this response.
    if (job.clientLeft) tunnel.cancel();
    this.#release(job);
  }

  #openStream(job: Job, length: number | null): StreamReceiver {
    const { id } = job;
    return job.stream = new StreamReceiver(length, {
      onTaken: (bytes) =>
        this.#post({ kind: "stream-credit", id, cost: chunkCost(bytes) }),
      onCancel: () => {
        this.#post({ kind: "abort", id });
        this.#endStream(job, "its client has left");
      },
    });
  }

  /** The job whose stream is open under that id. */
  streaming(id: number): Job | undefined {
    const job = this.#jobs.get(id);
    return job === undefined || job.stream === null ? undefined : job;
  }

  /** That stream is over: whole, or cut off for that reason. */
  endStream(id: number, why: string | null): void {
    const job = this.streaming(id);
    if (job !== undefined) this.#endStream(job, why);
  }

  #endStream(job: Job, why: string | null): void {
    const { stream } = job;
    if (stream === null) return;
    job.stream = null;
    this.#finish(job);
    if (why === null) stream.end();
    else stream.cut(why);
    this.#release(job);
    this.#onEnd();
  }

  #openBody(job: Job, body: RequestBodySource): void {
    const { id } = job;
    job.bodyOpen = true;
    const over = () => {
      job.bodyOpen = false;
      this.#release(job);
    };
    body.sendTo({
      // Moved, not copied: nobody here looks at it again.
      piece: (bytes) =>
        this.#post({ kind: "body-piece", id, bytes }, [bytes.buffer]),
      end: () => {
        over();
        this.#post({ kind: "body-end", id });
      },
      cut: (why) => {
        over();
        this.#post({ kind: "body-cut", id, why });
      },
    });
  }

  /** The handler wants so many pieces more of that job's body. */
  creditBody(id: number, pieces: number): void {
    const job = this.#jobs.get(id);
    if (job?.bodyOpen) job.streamedBody!.credit(pieces);
    // It was cut before the job began.
    else this.#post({ kind: "body-cut", id, why: "The request is over" });
  }

  /** The handler does not want the rest of that job's body. */
  cancelBody(id: number): void {
    const job = this.#jobs.get(id);
    if (!job?.bodyOpen) return;
    job.bodyOpen = false;
    job.streamedBody!.stop();
    this.#release(job);
  }

  /** The handler of that job asks for `handedOver`. */
  watch(id: number): void {
    const job = this.#jobs.get(id);
    if (job === undefined || job.answered && job.stream === null) {
      // Answered by the pool meanwhile: it took too long.
      this.#post({ kind: "handed-over", id, whole: false });
      this.#onEnd();
    } else if (!job.watched) {
      job.watched = true;
      this.#watched++;
    }
  }

  handedOver(id: number, whole: boolean): void {
    const job = this.#jobs.get(id);
    if (!job?.watched) return;
    job.watched = false;
    this.#watched--;
    this.#post({ kind: "handed-over", id, whole });
    this.#release(job);
    this.#onEnd();
  }

  /**
   * Ends jobs that took too long with 504. Not those of a batch that is not
   * acknowledged: the responses of its others are behind the one that computes, and
   * the worker stops that one itself.
   *
   * @returns whether there were any
   */
  expire(now: number, handlerTimeoutMs: number): boolean {
    let expired = false;
    for (const job of this.#jobs.values()) {
      if (job.answered || !this.#isOverdue(job, now, handlerTimeoutMs)) {
        continue;
      }
      if (this.#batch?.jobs.includes(job)) continue;
      this.abort(job.id);
      this.#finish(job);
      job.answer({ kind: "failure", status: 504, trace: "" });
      this.#records.handlerTimeouts++;
      this.#release(job);
      expired = true;
    }
    return expired;
  }

  /** Whether a job had its time. While another one computed it had none of it, so that
   * it has its time from then on; but not for ever, where one after the other
   * computes. */
  #isOverdue(job: Job, now: number, handlerTimeoutMs: number): boolean {
    const waited = now - job.busySince(now);
    if (waited <= handlerTimeoutMs) return false;
    if (waited > 3 * handlerTimeoutMs) return true;
    const since = this.#batch?.sentAt;
    if (since !== undefined && now - since > heldUpMs) return false;
    return now - this.#resumedAt > handlerTimeoutMs;
  }

  /** The worker is gone: jobs without a response get that status, streams are cut. */
  fail(status: 500 | 503 | 504, trace: string): void {
    const jobs = this.#jobs.values();
    this.#jobs.clear();
    this.#batch = null;
    this.#unfinished =
      this.#watched =
      this.#heavy =
      this.#knownHeavy =
        0;
    this.tunnels.fail();
    for (const job of jobs) {
      if (status === 504 && !job.answered) this.#records.handlerTimeouts++;
      job.answer({ kind: "failure", status, trace });
      job.stream?.cut("its worker is gone");
      job.stream = null;
      if (job.bodyOpen) job.streamedBody!.sendTo(null);
      job.bodyOpen = job.watched = false;
    }
  }
}
