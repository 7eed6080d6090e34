/**
 * Keys that were added lately, and not too many of them. Looking one up reads no clock.
 * Must not know what they stand for.
 *
 * @module
 */

/** A set that forgets. */
export class RecentKeys {
  /** When each was added; the oldest come first. */
  readonly #addedAt = new Map<string, number>();
  readonly #max: number;
  readonly #keepMs: number;

  /**
   * @param max number of keys; then the oldest gives way
   * @param keepMs how long each is kept, at least until the next `forget`
   */
  constructor(max: number, keepMs: number) {
    this.#max = max;
    this.#keepMs = keepMs;
  }

  has(key: string): boolean {
    return this.#addedAt.has(key);
  }

  /** @param now in milliseconds */
  add(key: string, now: number): void {
    this.#addedAt.delete(key);
    this.#addedAt.set(key, now);
    if (this.#addedAt.size <= this.#max) return;
    const [oldest] = this.#addedAt.keys();
    this.#addedAt.delete(oldest);
  }

  /** Forgets what is too old. To be called every now and then. */
  forget(now: number): void {
    for (const [key, addedAt] of this.#addedAt) {
      if (now - addedAt < this.#keepMs) return;
      this.#addedAt.delete(key);
    }
  }

  clear(): void {
    this.#addedAt.clear();
  }
}
