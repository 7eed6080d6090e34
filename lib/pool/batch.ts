/**
 * The batch that a worker has and has not acknowledged: how far it is, and how
 * long it takes. Must not know the answers.
 *
 * @module
 */

import type { Job } from "./job.ts";
import { claimsClosed } from "../messages/messages.ts";

// Jobs behind one that takes longer than this go to another worker. Below it the
// second message costs more than the wait.
const slowMs = 3;
// Below it a thread may only have been interrupted.
const surelySlowMs = 30;

/** A batch on its way. */
export class Batch {
  readonly #claims: Int32Array;
  readonly #sentAt: number;
  #jobs: readonly Job[];
  /** Whether something else was running when it should have begun. */
  #stalled = false;
  #suspected = false;

  /**
   * Makes one of which nothing is begun.
   *
   * @param jobs in the order in which they will be run
   * @param claims shared with the worker, which counts there what it has begun
   * @param now when it is sent
   */
  constructor(jobs: readonly Job[], claims: Int32Array, now: number) {
    this.#jobs = jobs;
    this.#claims = claims;
    this.#sentAt = now;
    Atomics.store(claims, 0, 0);
  }

  /** Its jobs but for those that were taken back. */
  get jobs(): readonly Job[] {
    return this.#jobs;
  }

  /** Whether it has jobs that are not begun. */
  get hasUnclaimed(): boolean {
    return Atomics.load(this.#claims, 0) < this.#jobs.length;
  }

  /** When it was sent; `performance.now()` milliseconds. */
  get sentAt(): number {
    return this.#sentAt;
  }

  /** Whether nobody is suspected yet of its taking so long. */
  get isUnsuspected(): boolean {
    return !this.#suspected && !this.#stalled;
  }

  /** Whether it takes longer than others should wait behind it. */
  isSlow(now: number): boolean {
    return now - this.#sentAt >= slowMs;
  }

  /** Takes back those jobs that are not begun. */
  takeBack(): readonly Job[] {
    const claimed = Atomics.exchange(this.#claims, 0, claimsClosed);
    if (claimed === claimsClosed) return [];
    const unclaimed = this.#jobs.slice(claimed);
    this.#jobs = this.#jobs.slice(0, claimed);
    return unclaimed;
  }

  /** Jobs were taken back because it is slow. The one that it is at is suspected of
   * being costly: at once where its route was so before, and else when no
   * interruption takes so long. */
  markBlocking(now: number): void {
    const running = this.#jobs.at(-1);
    if (running === undefined) this.#stalled = true;
    else if (running.wasCostly || now - this.#sentAt >= surelySlowMs) {
      this.#suspected = true;
      running.markBlocking();
    }
  }

  /** Answers to earlier jobs have come. Whether those are what it waited for. */
  wasStalled(): boolean {
    if (!this.#stalled) return false;
    this.#stalled = false;
    return performance.now() - this.#sentAt > surelySlowMs;
  }
}
