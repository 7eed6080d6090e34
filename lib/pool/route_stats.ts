/**
 * What the jobs of each route cost, learned from those before: so that a heavy one is
 * given out alone and a light one never waits behind it. Must not know what a job is
 * but its route, a path.
 *
 * There are two classes, light and heavy. What is measured is time that has passed,
 * and a thread that others interrupt looks slow without being so: a route is judged by
 * its last few runs, not by one. Paths are many where they hold names (`/users/17`), so
 * a path that was never seen is judged by its siblings; but not taken for light because
 * of siblings at the top, where paths have nothing in common.
 *
 * @module
 */

// A job that takes longer is worth a message, and a worker, of its own. Lower, a thread
// that was interrupted once would look slow.
const heavyMs = 4;
// Half of a route's last eight runs have to be slow. On a machine whose cores have four
// threads each, one run in a hundred of a light route looks slow.
const remembered = 8;
// No thread takes so long to get going.
const surelySlowMs = 100;
// Computing after a wait is only seen when it holds others up; so that is believed for
// a while.
const stallBelievedMs = 2000;
// Enough for the routes of any app; what a crawler makes up is dropped again.
const maxRoutes = 4096;

/** A job that takes so many milliseconds takes very long: other heavy jobs do not wait
 * for it, but it waits for them. */
export const veryLongMs = 1000;

/** The last runs of a route, bit by bit, the newest the lowest, 1 for a slow one; above
 * them a 1 that tells how many there are. */
type Runs = number;

const noRuns: Runs = 1;

/** One route, or the folder that stands for all routes beside each other. */
export class Route {
  readonly key: string;
  /** The folder that it lies in; `null` for a folder. */
  readonly folder: Route | null;
  /** Whether the folder tells that a route in it is light. */
  readonly #folderTells: boolean;
  readonly #onChange: () => void;
  #runs = noRuns;
  /** Jobs that were measured, and how long they took together. */
  count = 0;
  totalMs = 0;
  /** Whether a job was given out before anything was known of the route. */
  #isTried = false;
  #isSlow = false;
  /** Whether the last run was very long. */
  #wasLong = false;
  /** Whether a job of it runs at this moment, and holds others up. */
  #blocks = false;
  /** When it last held others up after it had waited. */
  #stalledAt = -Infinity;

  /** @param onChange called whenever it may be judged otherwise than before */
  constructor(
    key: string,
    folder: Route | null,
    folderTells: boolean,
    onChange: () => void,
  ) {
    this.key = key;
    this.folder = folder;
    this.#folderTells = folderTells;
    this.#onChange = onChange;
  }

  /** Whether a job of it may hold up others that are given to its worker. */
  get isHeavy(): boolean {
    if (this.#blocks || this.#isStalled) return true;
    if (this.#isKnown) return this.#isSlow;
    const { folder } = this;
    if (!this.#folderTells || !folder!.#hasRuns) return true;
    return folder!.#isStalled || folder!.#isSlow || folder!.#blocks;
  }

  /** Whether nothing is known of it, and no job like it is being tried. */
  get isUntried(): boolean {
    if (this.#blocks || this.#isStalled || this.#isKnown) return false;
    const folder = this.folder!;
    const tells = this.#folderTells;
    if (this.#isTried || folder.#hasRuns && folder.#isSlow) return false;
    if (!tells) return true;
    if (folder.#isStalled) return false;
    // Light siblings tell that it is light, unless one of them blocks just now.
    return folder.#hasRuns
      ? folder.#blocks
      : !folder.#blocks && !folder.#isTried;
  }

  /** Whether a job of it holds up its worker at this moment, or took very long when it
   * last ran; or, where nothing is known of it, one of its heavy siblings does. */
  get isBlocking(): boolean {
    if (this.#blocks) return true;
    if (this.#isStalled) return false;
    if (this.#isKnown) return this.#isSlow && this.#wasLong;
    const folder = this.folder!;
    return this.#folderTells && !folder.#isStalled && folder.#hasRuns &&
      folder.#isSlow && folder.#blocks;
  }

  get #hasRuns(): boolean {
    return this.#runs !== noRuns;
  }

  /** Whether it is judged by itself: a folder always is. */
  get #isKnown(): boolean {
    return this.#hasRuns || this.folder === null;
  }

  /** Whether any of its last runs was slow, or of its siblings' where it is new. */
  get wasHeavy(): boolean {
    if (!this.#isKnown) return this.folder!.wasHeavy;
    return this.#runs !== 1 << Math.floor(Math.log2(this.#runs));
  }

  get #isStalled(): boolean {
    if (this.#stalledAt === -Infinity) return false;
    if (performance.now() - this.#stalledAt < stallBelievedMs) return true;
    this.#stalledAt = -Infinity;
    return false;
  }

  /** A job of it is given out, and what it costs will be learned. */
  begin(): void {
    if (!this.#hasRuns) this.#setTried(true);
  }

  /** That job was not run after all, or has taught nothing. */
  takeBack(): void {
    if (!this.#hasRuns) this.#setTried(false);
  }

  #setTried(tried: boolean): void {
    this.#isTried = tried;
    if (this.folder !== null) this.folder.#isTried = tried;
    this.#onChange();
  }

  /**
   * A job of it was run, and took so long.
   *
   * @param cold whether its thread had run next to nothing before
   */
  learn(ms: number, cold = false): void {
    this.count++;
    this.totalMs += ms;
    const slow = ms > heavyMs;
    if (slow && cold && ms < surelySlowMs) return this.takeBack();
    const wasLong = ms > veryLongMs;
    if (wasLong !== this.#wasLong) this.#onChange();
    this.#wasLong = wasLong;
    const isFirst = !this.#hasRuns;
    this.#update(slow);
    // At the top each route counts once: what a light one does all the time says
    // nothing of others that come for the first time.
    if (this.folder !== null && (isFirst || this.#folderTells)) {
      this.folder.#update(slow);
    }
  }

  #update(slow: boolean): void {
    const isFirst = !this.#hasRuns;
    this.#runs = push(this.#runs, slow);
    const isSlow = mostlySlow(this.#runs);
    if (isFirst || isSlow !== this.#isSlow) this.#onChange();
    this.#isSlow = isSlow;
  }

  /** A job of it is running, and holds others up. */
  markBlocking(): void {
    this.#setBlocks(true);
  }

  /** That job has ended. */
  clearBlocking(): void {
    this.#setBlocks(false);
  }

  #setBlocks(blocks: boolean): void {
    this.#blocks = blocks;
    if (this.folder !== null) this.folder.#blocks = blocks;
    this.#onChange();
  }

  /** A job of it held others up after it had waited for something. */
  stalled(): void {
    this.#stalledAt = performance.now();
    if (this.folder !== null) this.folder.#stalledAt = this.#stalledAt;
    this.#onChange();
  }
}

function push(runs: Runs, slow: boolean): Runs {
  const longer = runs << 1 | (slow ? 1 : 0);
  const full = 1 << remembered;
  return longer < full * 2 ? longer : full | longer & (full - 1);
}

function mostlySlow(runs: Runs): boolean {
  let slow = 0;
  let count = 0;
  for (let left = runs; left > 1; left >>= 1) {
    slow += left & 1;
    count++;
  }
  return slow * 2 >= count;
}

/** The routes of an app. */
export class RouteStats {
  // Two maps that take turns: what is in use moves into the newer one, the rest is
  // dropped with the older one. Dropping single routes would be garbage (see the id
  // map).
  #recent = new Map<string, Route>();
  #former = new Map<string, Route>();
  /** Grows whenever some route may be judged otherwise than before. */
  changes = 0;

  /** The route of that path. A job keeps it: looking it up takes longer than judging
   * by it. */
  route(path: string): Route {
    return this.#recent.get(path) ?? this.#recall(path);
  }

  /** Those that took the most time together, folders left out. */
  costliest(most: number): readonly Route[] {
    return [...new Set([...this.#recent.values(), ...this.#former.values()])]
      .filter(({ folder, count }) => folder !== null && count > 0)
      .sort((a, b) => b.totalMs - a.totalMs)
      .slice(0, most);
  }

  #recall(path: string): Route {
    const route = this.#former.get(path) ?? this.#make(path);
    this.#keep(route);
    return route;
  }

  #make(path: string): Route {
    const end = path.lastIndexOf("/");
    // No path has a NUL, so no path has this name.
    const name = `${path.slice(0, end)}\0`;
    const folder = this.#recent.get(name) ?? this.#former.get(name) ??
      new Route(name, null, false, this.#onChange);
    const isTop = end === path.indexOf("/");
    return new Route(path, folder, !isTop, this.#onChange);
  }

  /** Keeps it for longer, and its folder with it. */
  #keep(route: Route): void {
    if (this.#recent.size >= maxRoutes / 2) {
      this.#former = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(route.key, route);
    const { folder } = route;
    if (folder !== null) this.#recent.set(folder.key, folder);
  }

  readonly #onChange = (): void => {
    this.changes++;
  };
}
