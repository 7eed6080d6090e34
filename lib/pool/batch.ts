/**
 * The batch that a worker has and has not acknowledged: how far it is, and how long
 * it takes. Must not know the responses.
 *
 * @module
 */

import { claimsClosed } from "../messages/messages.ts";
import type { Job } from "./job.ts";

// Jobs behind one that takes longer than this go to another worker. Below it the
// second message costs more than the wait.
const slowMs = 3;
// Below it a thread may only have been interrupted.
const surelySlowMs = 30;

/** A batch that is out. */
export class Batch {
  /** `performance.now()` milliseconds. */
  readonly sentAt: number;
  readonly #claims: Int32Array;
  #jobs: readonly Job[];
  /** What is known of why it takes so long: nothing yet; its running job holds it up;
   * it was not even begun, because the thread runs something else. */
  #delay: "unknown" | "running-job" | "stalled" = "unknown";

  /**
   * @param jobs in the order in which they will be run
   * @param claims shared with the worker, which counts there what it has begun
   */
  constructor(jobs: readonly Job[], claims: Int32Array, now: number) {
    this.#jobs = jobs;
    this.#claims = claims;
    this.sentAt = now;
    Atomics.store(claims, 0, 0);
  }

  /** Its jobs, without those that were taken back. */
  get jobs(): readonly Job[] {
    return this.#jobs;
  }

  /** Whether it has jobs that are not begun. */
  get hasUnclaimed(): boolean {
    return Atomics.load(this.#claims, 0) < this.#jobs.length;
  }

  /** Whether nothing is known yet of why it takes so long. */
  get isUnexplained(): boolean {
    return this.#delay === "unknown";
  }

  /** Whether it takes longer than other jobs should wait behind it. */
  isSlow(now: number): boolean {
    return now - this.sentAt >= slowMs;
  }

  /** Takes back the jobs that are not begun. */
  takeBack(): readonly Job[] {
    const claimed = Atomics.exchange(this.#claims, 0, claimsClosed);
    if (claimed === claimsClosed) return [];
    const unclaimed = this.#jobs.slice(claimed);
    this.#jobs = this.#jobs.slice(0, claimed);
    return unclaimed;
  }

  /** Jobs were taken back because it is slow. The job that it runs is marked as one
   * that holds others up: at once where its route did so before, and else when no
   * interruption takes so long. */
  explainDelay(now: number): void {
    const running = this.#jobs.at(-1);
    if (running === undefined) this.#delay = "stalled";
    else if (running.wasHeavy || now - this.sentAt >= surelySlowMs) {
      this.#delay = "running-job";
      running.markBlocking();
    }
  }

  /** Responses to earlier jobs have come: whether the batch has waited for those. */
  wasStalled(): boolean {
    if (this.#delay !== "stalled") return false;
    this.#delay = "unknown";
    return performance.now() - this.sentAt > surelySlowMs;
  }
}
