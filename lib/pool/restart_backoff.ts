/**
 * Boots workers until they succeed, after longer and longer waits: an app that cannot
 * be loaded must not keep the machine busy. Must not know what is booted.
 *
 * @module
 */

/** What is booted, and how patiently. */
export interface RestartOptions {
  /** Boots a worker, or rejects. */
  readonly boot: () => Promise<void>;
  /** The first wait after a failure; it doubles. */
  readonly firstMs: number;
  /** The longest wait. */
  readonly longestMs: number;
  /** A boot has failed, and will be tried again. */
  readonly onFailure: (error: Error) => void;
}

/** The boots of one supervisor that replace workers. */
export class RestartBackoff {
  readonly #options: RestartOptions;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #waitMs: number;
  #failing = false;
  /** Grows when the boots that are under way are forgotten. */
  #generation = 0;

  constructor(options: RestartOptions) {
    this.#options = options;
    this.#waitMs = options.firstMs;
  }

  /** Whether the last boot that was tried has failed. */
  get failing(): boolean {
    return this.#failing;
  }

  /** Boots a worker, again and again if need be. */
  async begin(onReady: () => void): Promise<void> {
    const generation = this.#generation;
    try {
      await this.#options.boot();
      if (generation !== this.#generation) return;
      this.#succeed();
      onReady();
    } catch (error) {
      if (generation !== this.#generation) return;
      this.#failing = true;
      this.#beginLater(onReady);
      this.#options.onFailure(error as Error);
    }
  }

  #beginLater(onReady: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.begin(onReady);
    }, this.#waitMs);
    this.#timers.add(timer);
    this.#waitMs = Math.min(this.#waitMs * 2, this.#options.longestMs);
  }

  #succeed(): void {
    this.#failing = false;
    this.#waitMs = this.#options.firstMs;
  }

  /** Forgets the boots that are under way; the caller ends those workers. */
  forget(): void {
    this.#generation++;
    this.#succeed();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
