/**
 * What the jobs of one route cost, as its last runs tell. Must not know other routes
 * but the one that stands for its siblings.
 *
 * What is measured is time that has passed, and a thread that others interrupt
 * looks slow without being so. So a route is judged by its last few runs, not by
 * one.
 *
 * @module
 */

/**
 * What is known of that:
 *
 * - `light`: it does not.
 * - `unknown`: nobody has seen one like it, and none is being tried.
 * - `costly`: it does, or one like it is being tried for the first time.
 * - `blocking`: one like it does at this moment, or did for very long when it last ran.
 */
export type Risk = "light" | "unknown" | "costly" | "blocking";

/** What takes so many milliseconds takes very long: other costly jobs do not wait for
 * it, but it waits for them. */
export const veryLongMs = 1000;

/** The lowest first. */
export const risks: readonly Risk[] = [
  "light",
  "unknown",
  "costly",
  "blocking",
];

// What takes longer is worth a message, and a worker, of its own. Lower, a thread
// that was interrupted once would look costly.
const costlyMs = 4;
// Of a route's last eight runs half have to be slow. On a machine whose cores have
// four threads each, one run in a hundred of a light route looks slow.
const remembered = 8;
// No thread takes so long to get going.
const surelySlowMs = 100;
// What computes after it has waited is only seen when it holds others up; so that
// is believed for a while.
const stallBelievedMs = 2000;

/** The last runs of a route: bit by bit, the newest the lowest, 1 for a slow one;
 * above them a 1 that tells how many there are. */
type Runs = number;

const noRuns: Runs = 1;

/** One route, or all that are beside each other and were never seen. */
export class Route {
  /** What it is found by. */
  readonly key: string;
  /** Those beside it; `null` for what stands for them. */
  readonly siblings: Route | null;
  readonly #siblingsTell: boolean;
  readonly #onChange: () => void;
  #runs = noRuns;
  /** Whether it, or one of them, was given out before anything was known. */
  #tried = false;
  /** Whether its runs were, for the most part. */
  #isSlow = false;
  /** Whether the last one was very long. */
  #wasLong = false;
  /** Whether a job of it runs at this moment, and holds others up. */
  #suspected = false;
  /** When it last held others up after it had waited. */
  #stalledAt = -Infinity;

  /**
   * Makes one of which nothing is known.
   *
   * @param key what it is found by
   * @param siblings those beside it
   * @param siblingsTell whether they tell something of one that was never seen
   * @param onChange is called whenever it may be judged otherwise than before
   */
  constructor(
    key: string,
    siblings: Route | null,
    siblingsTell: boolean,
    onChange: () => void,
  ) {
    this.key = key;
    this.siblings = siblings;
    this.#siblingsTell = siblingsTell;
    this.#onChange = onChange;
  }

  /** What giving out a job of it risks. */
  get risk(): Risk {
    if (this.#suspected) return "blocking";
    if (this.#isStalled) return "costly";
    if (this.#runs !== noRuns || this.siblings === null) {
      if (!this.#isSlow) return "light";
      return this.#wasLong ? "blocking" : "costly";
    }
    return this.#guess(this.siblings);
  }

  /** Its risk where it was never run. */
  #guess(siblings: Route): Risk {
    const told = this.#siblingsTell;
    if (told && siblings.#isStalled) return "costly";
    const known = siblings.#runs !== noRuns;
    if (known && siblings.#isSlow) {
      return told && siblings.#suspected ? "blocking" : "costly";
    }
    if (known && told && !siblings.#suspected) return "light";
    const warned = this.#tried ||
      !known && told && (siblings.#suspected || siblings.#tried);
    return warned ? "costly" : "unknown";
  }

  /** Whether any of its last runs was slow, or of its siblings' where it is new. */
  get wasCostly(): boolean {
    const { siblings } = this;
    if (this.#runs === noRuns && siblings !== null) return siblings.wasCostly;
    return this.#runs !== 1 << Math.floor(Math.log2(this.#runs));
  }

  get #isStalled(): boolean {
    if (this.#stalledAt === -Infinity) return false;
    if (performance.now() - this.#stalledAt < stallBelievedMs) return true;
    this.#stalledAt = -Infinity;
    return false;
  }

  /** A job of it is given out, and what that costs is to be learned. */
  begin(): void {
    if (this.#runs === noRuns) this.#setTried(true);
  }

  /** That job was not run after all, or has taught nothing. */
  takeBack(): void {
    if (this.#runs === noRuns) this.#setTried(false);
  }

  #setTried(tried: boolean): void {
    this.#tried = tried;
    if (this.siblings !== null) this.siblings.#tried = tried;
    this.#onChange();
  }

  /**
   * A job of it was run, and took so long.
   *
   * @param cold whether the thread had run next to nothing before
   */
  learn(ms: number, cold = false): void {
    const slow = ms > costlyMs;
    if (slow && cold && ms < surelySlowMs) return this.takeBack();
    const wasLong = ms > veryLongMs;
    if (wasLong !== this.#wasLong) this.#onChange();
    this.#wasLong = wasLong;
    const isFirst = this.#runs === noRuns;
    this.#update(slow);
    // At the top each counts once: what a light one does all the time says nothing of
    // others that come for the first time.
    if (this.siblings !== null && (isFirst || this.#siblingsTell)) {
      this.siblings.#update(slow);
    }
  }

  #update(slow: boolean): void {
    const isFirst = this.#runs === noRuns;
    this.#runs = push(this.#runs, slow);
    const isSlow = mostlySlow(this.#runs);
    if (isFirst || isSlow !== this.#isSlow) this.#onChange();
    this.#isSlow = isSlow;
  }

  /** A job of it is running, and holds others up. */
  markBlocking(): void {
    this.#suspected = true;
    this.siblings?.markBlocking();
    this.#onChange();
  }

  /** That job has ended. */
  clearBlocking(): void {
    this.#suspected = false;
    this.siblings?.clearBlocking();
    this.#onChange();
  }

  /** A job of it held others up after it had waited for something. */
  stalled(): void {
    this.#stalledAt = performance.now();
    this.siblings?.stalled();
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

// Enough for the routes of any app; what a crawler makes up falls out again.
const maxRoutes = 4096;

/** The routes of an app. */
export class RouteStats {
  // Two maps that take turns: what is in use comes into the newer one, the rest goes
  // with the older one. Taking single ones out would be garbage (see the ledger).
  #recent = new Map<string, Route>();
  #former = new Map<string, Route>();
  /** Grows whenever some route may be judged otherwise than before. */
  changes = 0;

  /** The route of that path. A job keeps it: looking it up takes longer than judging
   * by it. */
  route(path: string): Route {
    return this.#recent.get(path) ?? this.#recall(path);
  }

  #recall(path: string): Route {
    const route = this.#former.get(path) ?? this.#make(path);
    this.#keep(route);
    return route;
  }

  #make(path: string): Route {
    const end = path.lastIndexOf("/");
    // No path has a NUL, so no path has this name.
    const beside = `${path.slice(0, end)}\0`;
    const siblings = this.#recent.get(beside) ?? this.#former.get(beside) ??
      new Route(beside, null, false, this.#onChange);
    const isTop = end === path.indexOf("/");
    return new Route(path, siblings, !isTop, this.#onChange);
  }

  /** Keeps it for longer, and its siblings with it. */
  #keep(route: Route): void {
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
