/**
 * How many lines of a log a person can read: so many in a second, then a count of the
 * others. Must not know what is logged.
 *
 * @module
 */

const spanMs = 1000;

/** Lets the first lines of each second through, and counts the others. */
export class LineLimit {
  readonly #maxInSpan: number;
  readonly #onMore: (count: number) => void;
  #count = 0;
  #span: ReturnType<typeof setTimeout> | undefined;

  /** @param onMore hears at the end of a second how many there were besides */
  constructor(maxInSecond: number, onMore: (count: number) => void) {
    this.#maxInSpan = maxInSecond;
    this.#onMore = onMore;
  }

  /** Counts a line. Returns whether it is one of the first. */
  take(): boolean {
    this.#span ??= setTimeout(() => this.end(), spanMs);
    return ++this.#count <= this.#maxInSpan;
  }

  /** Ends the second early. */
  end(): void {
    clearTimeout(this.#span);
    this.#span = undefined;
    const more = this.#count - this.#maxInSpan;
    this.#count = 0;
    if (more > 0) this.#onMore(more);
  }
}
