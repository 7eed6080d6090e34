/** A clock for tests of what grows old. */

/** The clock of this thread, as far ahead as a test wants it: what a file system
 * says of a file's age cannot be set, nor need anybody wait for it. */
export class Clock implements Disposable {
  readonly #now = Date.now;
  #aheadMs = 0;

  constructor() {
    Date.now = () => this.#now() + this.#aheadMs;
  }

  /** Goes on by so much. */
  forward(ms: number): void {
    this.#aheadMs += ms;
  }

  [Symbol.dispose](): void {
    Date.now = this.#now;
  }
}
