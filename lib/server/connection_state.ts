/**
 * The state of a connection, since when and until when. Must not know what is done
 * in a state, or who looks at the deadline.
 *
 * @module
 */

/** The states of a connection; each has one deadline. */
export type ConnectionState =
  | "idle"
  | "head"
  | "body"
  | "waiting"
  | "writing"
  | "upgraded"
  | "lingering"
  | "closed";

/** The state of one connection, and its deadline. */
export class ConnectionStatus {
  readonly #clock: { readonly now: number };
  #state: ConnectionState = "idle";
  #since: number;
  #deadline: number;

  /**
   * @param clock tells the milliseconds of `performance.now()`
   * @param timeoutMs how long it may be idle
   */
  constructor(clock: { readonly now: number }, timeoutMs: number) {
    this.#clock = clock;
    this.#since = clock.now;
    this.#deadline = this.#since + timeoutMs;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** When the state began. */
  get since(): number {
    return this.#since;
  }

  /** Whether a request has begun to arrive that has no response yet. */
  get owesResponse(): boolean {
    return this.#state === "head" || this.#state === "body" ||
      this.#state === "waiting" || this.#state === "writing";
  }

  /** Changes the state. A closed connection stays closed. */
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

  /** The same, but not longer than that after the state began. */
  extendUpTo(timeoutMs: number, longestMs: number): void {
    this.#deadline = Math.min(
      this.#clock.now + timeoutMs,
      this.#since + longestMs,
    );
  }

  isOverdue(now: number): boolean {
    return now > this.#deadline;
  }
}
