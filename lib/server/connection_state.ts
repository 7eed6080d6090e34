/**
 * Where a connection stands, since when and until when. Must not know what is done
 * in a stage, or when one that is over is looked at.
 *
 * @module
 */

/** Where a connection stands; each has one deadline. */
export type ConnectionState =
  | "idle"
  | "head"
  | "body"
  | "waiting"
  | "writing"
  | "lingering"
  | "closed";

/** The state of one connection, and its deadline. */
export class ConnectionStatus {
  readonly #clock: { readonly now: number };
  #state: ConnectionState = "idle";
  #since: number;
  #deadline: number;

  /**
   * Makes one that is idle.
   *
   * @param clock tells the milliseconds of `performance.now()`
   * @param timeoutMs how long it may be so
   */
  constructor(clock: { readonly now: number }, timeoutMs: number) {
    this.#clock = clock;
    this.#since = clock.now;
    this.#deadline = this.#since + timeoutMs;
  }

  /** Where it stands. */
  get state(): ConnectionState {
    return this.#state;
  }

  /** When that began. */
  get since(): number {
    return this.#since;
  }

  /** Whether a request has begun to arrive that has no answer yet. */
  get owesAnswer(): boolean {
    return this.#state === "head" || this.#state === "body" ||
      this.#state === "waiting" || this.#state === "writing";
  }

  /** Goes on to another. A connection that was cut off stays cut off. */
  enter(state: ConnectionState, timeoutMs: number): void {
    if (this.#state === "closed") return;
    this.#state = state;
    this.#since = this.#clock.now;
    this.#deadline = this.#since + timeoutMs;
  }

  /** Puts the deadline off: so long from now. */
  extend(timeoutMs: number): void {
    this.#deadline = this.#clock.now + timeoutMs;
  }

  /** Whether it has lasted too long. */
  isOverdue(now: number): boolean {
    return now > this.#deadline;
  }
}
