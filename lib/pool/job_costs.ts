/**
 * What jobs cost, learned from those before: so that a costly one is sent out
 * alone and a light one never waits behind it. Must not know what a job is but
 * its route, a path.
 *
 * Paths are many where they carry names (`/users/17`), so a path that was never seen
 * is judged by its siblings; but not taken for light because of those at the top,
 * where paths are beside each other that have nothing in common.
 *
 * @module
 */

import { RouteCost } from "./route_stats.ts";

// Enough for the routes of any app; what a crawler makes up falls out again.
const maxRoutes = 4096;

/** The routes of an app. */
export class JobCosts {
  // Two maps that take turns: what is in use comes into the newer one, the rest goes
  // with the older one. Taking single ones out would be garbage (see the ledger).
  #recent = new Map<string, RouteCost>();
  #former = new Map<string, RouteCost>();
  /** Grows whenever some route may be judged otherwise than before. */
  changes = 0;

  /** The route of that path. A job keeps it: looking it up takes longer than judging
   * by it. */
  route(path: string): RouteCost {
    return this.#recent.get(path) ?? this.#recall(path);
  }

  #recall(path: string): RouteCost {
    const route = this.#former.get(path) ?? this.#make(path);
    this.#keep(route);
    return route;
  }

  #make(path: string): RouteCost {
    const end = path.lastIndexOf("/");
    // No path has a NUL, so no path has this name.
    const beside = `${path.slice(0, end)}\0`;
    const siblings = this.#recent.get(beside) ?? this.#former.get(beside) ??
      new RouteCost(beside, null, false, this.#onChange);
    const isTop = end === path.indexOf("/");
    return new RouteCost(path, siblings, !isTop, this.#onChange);
  }

  /** Keeps it for longer, and its siblings with it. */
  #keep(route: RouteCost): void {
    if (this.#recent.size >= maxRoutes / 2) {
      this.#former = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(route.key, route);
    const { siblings } = route;
    if (siblings !== null) this.#recent.set(siblings.key, siblings);
  }

  readonly #onChange = (): void => {
    this.changes++;
  };
}
