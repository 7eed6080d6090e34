/**
 * Whether content comes as fast as it has to. Must not know what it is or who
 * reads it.
 *
 * A client has so much patience to lose, and loses it while it is waited for; each
 * byte that it brings earns some of it back, at the rate, up to what it began
 * with. So it has to keep the rate in the long run, may stand still for as long as
 * the grace, and cannot buy hours of silence with a fast start.
 *
 * @module
 */

import type { Limits } from "../limits.ts";

/** The pace of one body. */
export class BodyPace {
  readonly #limits: Pick<Limits, "bodyGraceMs" | "minBodyBytesPerSecond">;
  #lookedAt: number;
  #received = 0;
  #patienceMs: number;

  /**
   * Begins now.
   *
   * @param limits the grace and the rate
   * @param now in milliseconds
   */
  constructor(
    limits: Pick<Limits, "bodyGraceMs" | "minBodyBytesPerSecond">,
    now: number,
  ) {
    this.#limits = limits;
    this.#lookedAt = now;
    this.#patienceMs = limits.bodyGraceMs;
  }

  /**
   * Looks at it; to be called every now and then.
   *
   * @param now in milliseconds
   * @param received bytes that have come so far
   * @param awaited whether the client is what everybody waits for
   * @returns whether it is too slow
   */
  isLate(now: number, received: number, awaited = true): boolean {
    const { bodyGraceMs, minBodyBytesPerSecond } = this.#limits;
    if (awaited) this.#patienceMs -= now - this.#lookedAt;
    this.#patienceMs = Math.min(
      bodyGraceMs,
      this.#patienceMs +
        (received - this.#received) / minBodyBytesPerSecond * 1000,
    );
    this.#lookedAt = now;
    this.#received = received;
    return this.#patienceMs < 0;
  }
}
