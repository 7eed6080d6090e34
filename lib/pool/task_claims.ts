/**
 * Which worker runs a task that all of them have the schedule of: the first that asks.
 * Must not know what a task does.
 *
 * @module
 */

/** The tasks of one app, and when each was last given away. */
export class TaskClaims {
  readonly #given = new Map<string, number>();

  /**
   * @param minute when the task is due
   * @returns whether the one who asks runs it
   */
  claim(name: string, minute: number): boolean {
    const last = this.#given.get(name) ?? -Infinity;
    if (minute <= last) return false;
    this.#given.set(name, minute);
    return true;
  }
}
