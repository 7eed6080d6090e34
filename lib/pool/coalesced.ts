/**
 * A task of which one run at a time is enough. Must not know what it does.
 *
 * @module
 */

/** Runs a task when asked to. */
export class Coalesced<T> {
  readonly #task: () => Promise<T>;
  #running: Promise<T> | null = null;
  #next: Promise<T> | null = null;

  /**
   * Makes one; nothing runs yet.
   *
   * @param task may be asked for while it runs
   */
  constructor(task: () => Promise<T>) {
    this.#task = task;
  }

  /**
   * Runs the task. What is asked for while it runs is one more run after that,
   * however often it is asked for: the run that is under way may have looked
   * before the change for which it was asked.
   *
   * @returns the result of a run that began after this call
   */
  run(): Promise<T> {
    if (this.#running === null) {
      this.#running = this.#task().finally(() => this.#running = null);
      return this.#running;
    }
    this.#next ??= this.#running.catch(() => {}).then(() => {
      this.#next = null;
      return this.run();
    });
    return this.#next;
  }
}
