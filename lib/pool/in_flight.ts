/**
 * The books of one worker: the jobs that it was given, which of them it has begun,
 * which it owes an answer, and the streams that are open. Must not know whether
 * its thread lives.
 *
 * @module
 */

import { HandOvers } from "./hand_overs.ts";
import { IdMap } from "../id_map.ts";
import {
  idsOf,
  type ResponseVisitor,
  unpackResponses,
} from "../messages/responses.ts";
import { packJobs } from "../messages/jobs.ts";
import type { Job } from "./job.ts";
import { veryLongMs } from "./route_stats.ts";
import type {
  JobResponses,
  PackedBody,
  ToWorker,
} from "../messages/messages.ts";
import { Batch } from "./batch.ts";
import { WorkerStreams } from "./worker_streams.ts";
import { WorkerUploads } from "./worker_uploads.ts";

// A batch that takes longer holds up those jobs that wait for something.
const heldUpMs = 50;

/** What books need of their worker. */
export interface InFlightOptions {
  /** Sends it a message. */
  readonly post: (message: ToWorker, transfer?: Transferable[]) => void;
  /** Something is over: there may be room, or nothing left to do. */
  readonly onEnd: () => void;
}

// The first jobs of a thread compile what they use: 5 to 30 ms that say nothing.
const coldJobs = 4;

/** What one worker was given and owes. */
export class InFlight {
  readonly #post: InFlightOptions["post"];
  readonly #claims = new Int32Array(new SharedArrayBuffer(4));
  readonly #inFlight = new IdMap<Job>();
  /** The streams of its answers. */
  readonly streams: WorkerStreams;
  /** The contents that it is to be given. */
  readonly uploads: WorkerUploads;
  /** The answers of which it waits to hear. */
  readonly handOvers: HandOvers;
  #batch: Batch | null = null;
  /** Jobs in flight that were given out alone, and are not known to be light. */
  #costlyInFlight = 0;
  /** When a batch was over that had held up the jobs before it. */
  #resumedAt = -Infinity;
  /** Jobs that it was given so far. */
  jobsGiven = 0;

  /**
   * Makes one.
   *
   * @param options the way to the worker
   */
  constructor({ post, onEnd }: InFlightOptions) {
    this.#post = post;
    this.streams = new WorkerStreams({ post, onEnd });
    this.uploads = new WorkerUploads(post);
    this.handOvers = new HandOvers({ post, onTold: onEnd });
  }

  /** Shared with the worker, which counts there what it has begun. */
  get claims(): SharedArrayBuffer {
    return this.#claims.buffer as SharedArrayBuffer;
  }

  /** Jobs it has not answered, streams included. */
  get inFlight(): number {
    return this.#inFlight.size + this.streams.size;
  }

  /** The batch that it has not acknowledged, or `null`. */
  get batch(): Batch | null {
    return this.#batch;
  }

  /** Whether a light job should rather not be given to it at that moment. */
  isLong(now: number): boolean {
    return this.#costlyInFlight > 0 || (this.#batch?.isSlow(now) ?? false);
  }

  /** Whether its batch takes very long. */
  isStuck(now: number): boolean {
    return this.#batch !== null && now - this.#batch.sentAt > veryLongMs;
  }

  /** Whether it owes nothing at all. */
  get settled(): boolean {
    return this.#batch === null && this.inFlight === 0 &&
      this.handOvers.size === 0;
  }

  /** Gives it a batch; it has to have acknowledged the last one. */
  give(jobs: readonly Job[]): void {
    const now = performance.now();
    for (const job of jobs) {
      job.sentAt = now;
      this.#inFlight.add(job.id, job);
      if (job.alone) this.#costlyInFlight++;
    }
    this.#batch = new Batch(jobs, this.#claims, now);
    this.jobsGiven += jobs.length;
    const packed = packJobs(jobs);
    if (packed.bodies !== null) this.#openUploads(jobs);
    this.#post({ kind: "batch", jobs: packed });
  }

  #openUploads(jobs: readonly Job[]): void {
    for (const { id, upload } of jobs) {
      if (upload !== null) this.uploads.open(id, upload);
    }
  }

  /** That job is over. */
  #close(id: number): Job | undefined {
    const job = this.#inFlight.take(id);
    if (job?.alone) this.#costlyInFlight--;
    return job;
  }

  /** Takes back those jobs of its batch that it has not begun. */
  takeBack(): readonly Job[] {
    const jobs = this.#batch?.takeBack() ?? [];
    for (const { id } of jobs) {
      this.#close(id);
      this.uploads.takeBack(id);
    }
    this.jobsGiven -= jobs.length;
    return jobs;
  }

  /** Tells it that the client of that job has left, or was told that it takes too
   * long. An answer is still taken; a stream ends here. */
  abort(id: number): void {
    const job = this.#inFlight.get(id);
    if (job !== undefined) job.aborted = true;
    else if (!this.streams.has(id)) return;
    this.#post({ kind: "abort", id });
    this.streams.end(id, "its client has left");
  }

  /**
   * It has run its batch, at those costs.
   *
   * @returns how many jobs the batch had
   */
  acknowledge(costs: readonly number[]): number {
    const { jobs, sentAt }: Pick<Batch, "jobs" | "sentAt"> = this.#batch ??
      { jobs: [], sentAt: Infinity };
    this.#batch = null;
    const now = performance.now();
    if (now - sentAt > heldUpMs) this.#resumedAt = now;
    const before = this.jobsGiven - jobs.length;
    costs.forEach((ms, i) => jobs[i]?.learn(ms, before + i < coldJobs));
    for (const job of jobs) this.#release(job);
    return jobs.length;
  }

  /** It may be light after all, and only wait: nobody has to make way for it. */
  #release(job: Job): void {
    if (!job.alone || this.#inFlight.get(job.id) === undefined) return;
    if (job.risk !== "light" && job.risk !== "unknown") return;
    job.alone = false;
    this.#costlyInFlight--;
  }

  /** Hands its answers on to those who wait. */
  settle({ answers, failures }: JobResponses): void {
    unpackResponses(answers, this.#visitor);
    for (const { id, status, trace } of failures) {
      this.#close(id)?.settle({ kind: "failure", status, trace });
    }
  }

  /** Those are answers to jobs of earlier batches. Where the batch should have been
   * begun long ago, the first of them are what it has waited for. */
  settleLate(results: JobResponses): void {
    if (this.#batch?.wasStalled()) {
      for (const id of idsOf(results.answers)) {
        this.#inFlight.get(id)?.stalled();
      }
    }
    this.settle(results);
  }

  readonly #visitor: ResponseVisitor = {
    encoded: (id, status, headLength, bytes) => {
      // It may be answered by the pool meanwhile, where it took too long.
      this.#close(id)?.settle({ kind: "encoded", status, headLength, bytes });
    },
    open: (...answer) => this.#answer(...answer),
  };

  #answer(
    id: number,
    status: number,
    fieldLines: string,
    body: PackedBody,
  ): void {
    const length = body instanceof Uint8Array || body.kind !== "stream"
      ? undefined
      : body.length;
    const job = this.#close(id);
    if (job === undefined) {
      // Answered by the pool meanwhile: it took too long.
      if (length !== undefined) this.#post({ kind: "abort", id });
      return;
    }
    const stream = length === undefined ? null : this.streams.open(job, length);
    // The word that its client has left may have crossed this answer: the stream
    // that it then ended there would never end here.
    if (stream !== null && job.aborted) this.abort(id);
    job.settle({ kind: "response", status, fieldLines, body, stream });
  }

  /** It wants to know what becomes of the answer to that job. */
  watch(id: number): void {
    const job = this.#inFlight.get(id) ?? this.streams.jobOf(id);
    this.handOvers.watch(id, job);
  }

  /**
   * Ends jobs that took longer than that with 504. Not those of a batch that is
   * not acknowledged: the answers of its others are behind the one that computes,
   * and the worker stops that one itself.
   *
   * @returns whether there were any
   */
  expire(now: number, handlerTimeoutMs: number): boolean {
    let expired = false;
    for (const job of this.#inFlight.values()) {
      if (!this.#isOverdue(job, now, handlerTimeoutMs)) continue;
      if (this.#batch?.jobs.includes(job)) continue;
      this.abort(job.id);
      this.#close(job.id);
      job.settle({ kind: "failure", status: 504, trace: "" });
      expired = true;
    }
    return expired;
  }

  /** Whether a job had its time. While another one computed it had none of it, so
   * that it has its time from then on; but not for ever, where one after the other
   * computes. */
  #isOverdue(job: Job, now: number, handlerTimeoutMs: number): boolean {
    const waited = now - job.busySince(now);
    if (waited <= handlerTimeoutMs) return false;
    if (waited > 3 * handlerTimeoutMs) return true;
    const since = this.#batch?.sentAt;
    if (since !== undefined && now - since > heldUpMs) return false;
    return now - this.#resumedAt > handlerTimeoutMs;
  }

  /** Ends what it owes: those jobs with that status, those streams cut. */
  fail(status: 500 | 503 | 504, trace: string): void {
    for (const job of this.#inFlight.values()) {
      job.settle({ kind: "failure", status, trace });
    }
    this.#inFlight.clear();
    this.#costlyInFlight = 0;
    this.streams.cutAll();
    this.uploads.stopAll();
    this.handOvers.clear();
    this.#batch = null;
  }
}
