/**
 * Reads off a connection between and during its requests: for the first bytes of
 * the next one, and to hear of a client that leaves before it has its answer. There
 * is never a second read while one is pending. Must not know what is done then.
 *
 * @module
 */

import type { RequestReader } from "./request_reader.ts";

/** The watch over one client. */
export class PeerWatch {
  readonly #reader: RequestReader;
  /** A read that was begun while an answer was awaited. */
  #read: Promise<number> | null = null;

  /**
   * Makes one that has not begun.
   *
   * @param reader keeps what comes
   */
  constructor(reader: RequestReader) {
    this.#reader = reader;
  }

  /** Begins, unless it has. What comes is the start of the next request.
   *
   * @param onGone is called where the input ends instead
   */
  begin(onGone: () => void): void {
    this.#read ??= this.#reader.fill().catch(() => 0).then((count) => {
      if (count === 0) onGone();
      return count;
    });
  }

  /** Resolves with the number of bytes that came, 0 at the end of the input. */
  nextBytes(): Promise<number> {
    const read = this.#read ?? this.#reader.fill();
    this.#read = null;
    return read;
  }

  /** Waits for the read that is pending, if there is one.
   *
   * @returns whether the input has ended
   */
  async over(): Promise<boolean> {
    return this.#read !== null && await this.#read === 0;
  }
}
