/**
 * What jobs cost, learned from those before: so that a costly one is sent out
 * alone and a cheap one never waits behind it. Must not know what a job is but
 * its route, a path.
 *
 * Paths are many where they carry names (`/users/17`), so a path that was never
 * seen is judged by its siblings, and by nothing at all it counts as costly.
 *
 * @module
 */

// Enough for the routes of any app; what a crawler makes up falls out again.
const maxRoutes = 4096;
// A newer cost weighs a quarter: four slow jobs are a slow route.
const weight = 1 / 4;
// Up to this a job may only have been interrupted by another thread; above it the
// cost is believed at once, for the next one must not hold others up.
const surelySlowMs = 20;

/** Expected costs by route. */
export class JobCosts {
  readonly #msByRoute = new Map<string, number>();

  /**
   * What a job of that route will take.
   *
   * @returns milliseconds; `Infinity` where nothing like it was seen
   */
  expect(route: string): number {
    return this.#msByRoute.get(route) ??
      this.#msByRoute.get(siblingsOf(route)) ?? Infinity;
  }

  /** A job of that route took so long. */
  learn(route: string, ms: number): void {
    this.#update(route, ms);
    this.#update(siblingsOf(route), ms);
  }

  #update(key: string, ms: number): void {
    const before = this.#msByRoute.get(key);
    if (before === undefined && this.#msByRoute.size >= maxRoutes) {
      this.#forgetOldest();
    }
    const believed = before === undefined || ms > surelySlowMs;
    this.#msByRoute.set(key, believed ? ms : before + (ms - before) * weight);
  }

  #forgetOldest(): void {
    for (const key of this.#msByRoute.keys()) {
      this.#msByRoute.delete(key);
      return;
    }
  }
}

/** No path has a NUL, so no path has this name. */
function siblingsOf(route: string): string {
  return `${route.slice(0, route.lastIndexOf("/"))}\0`;
}
