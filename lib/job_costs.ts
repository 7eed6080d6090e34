/**
 * What jobs cost, learned from those before: so that a costly one is sent out
 * alone and a cheap one never waits behind it. Must not know what a job is but
 * its route, a path.
 *
 * What is measured is time that has passed, and a thread that others interrupt
 * looks slow without being so. So a route is judged by its last few runs, not by
 * one. Paths are many where they carry names (`/users/17`), so a path that was
 * never seen is judged by its siblings. By nothing at all it counts as costly; and
 * so at the top, where paths are beside each other that have nothing in common.
 *
 * @module
 */

// Enough for the routes of any app; what a crawler makes up falls out again.
const maxRoutes = 4096;
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

/** Which routes are costly. */
export class JobCosts {
  readonly #runs = new Map<string, Runs>();
  /** Routes of which a job runs at this moment, and holds others up. */
  readonly #suspects = new Set<string>();
  /** Routes that held others up after they had waited, and when. */
  readonly #stalls = new Map<string, number>();
  /** Grows whenever some route may be judged otherwise than before. */
  changes = 0;

  /** Whether a job of that route is expected to hold others up. */
  isCostly(route: string): boolean {
    if (this.#isSuspect(route)) return true;
    const runs = this.#runs.get(route);
    if (runs !== undefined) return isSlow(runs);
    const siblings = siblingsOf(route);
    if (this.#isSuspect(siblings)) return true;
    if (route.lastIndexOf("/") === route.indexOf("/")) return true;
    const theirs = this.#runs.get(siblings);
    return theirs === undefined || isSlow(theirs);
  }

  /** Whether any of its last runs was slow, or of its siblings' where it is new. */
  wasCostly(route: string): boolean {
    const runs = this.#runs.get(route) ??
      this.#runs.get(siblingsOf(route)) ?? 1;
    return runs !== 1 << Math.floor(Math.log2(runs));
  }

  #isSuspect(key: string): boolean {
    if (this.#suspects.has(key)) return true;
    if (this.#stalls.size === 0) return false;
    const stalledAt = this.#stalls.get(key);
    if (stalledAt === undefined) return false;
    if (performance.now() - stalledAt < stallBelievedMs) return true;
    this.#stalls.delete(key);
    return false;
  }

  /**
   * A job of that route was run, and took so long.
   *
   * @param cold whether the thread had run next to nothing before
   */
  learn(route: string, ms: number, cold = false): void {
    const slow = ms > costlyMs;
    if (slow && cold && ms < surelySlowMs) return;
    this.#update(route, slow);
    this.#update(siblingsOf(route), slow);
  }

  #update(key: string, slow: boolean): void {
    const before = this.#runs.get(key);
    const after = push(before ?? 1, slow);
    if (this.#runs.size >= maxRoutes) this.#makeRoom(key);
    this.#runs.set(key, after);
    const wasSlow = before === undefined || isSlow(before);
    if (wasSlow !== isSlow(after)) this.changes++;
  }

  /** The one that was learned of longest ago is forgotten; what is in use is put
   * at the other end. */
  #makeRoom(key: string): void {
    if (this.#runs.delete(key)) return;
    const [oldest] = this.#runs.keys();
    this.#runs.delete(oldest);
  }

  /** A job of that route is running, and holds others up. */
  suspect(route: string): void {
    this.#suspects.add(route);
    this.#suspects.add(siblingsOf(route));
    this.changes++;
  }

  /** That job has ended. */
  acquit(route: string): void {
    this.#suspects.delete(route);
    this.#suspects.delete(siblingsOf(route));
    this.changes++;
  }

  /** A job of that route held others up after it had waited for something. */
  stalled(route: string): void {
    if (this.#stalls.size >= maxRoutes) this.#stalls.clear();
    const now = performance.now();
    this.#stalls.set(route, now);
    this.#stalls.set(siblingsOf(route), now);
    this.changes++;
  }
}

function push(runs: Runs, slow: boolean): Runs {
  const longer = runs << 1 | (slow ? 1 : 0);
  const full = 1 << remembered;
  return longer < full * 2 ? longer : full | longer & (full - 1);
}

function isSlow(runs: Runs): boolean {
  let slow = 0;
  let count = 0;
  for (let left = runs; left > 1; left >>= 1) {
    slow += left & 1;
    count++;
  }
  return slow * 2 >= count;
}

/** No path has a NUL, so no path has this name. */
function siblingsOf(route: string): string {
  return `${route.slice(0, route.lastIndexOf("/"))}\0`;
}
