/**
 * How many passwords a client address may have checked: some at once, then one in a
 * while. What turned out right does not count. Must not know passwords or threads.
 *
 * @module
 */

/** Addresses that are remembered; the one that was silent for longest gives way. Whoever
 * has more addresses than that does not need the limit to be forgotten. */
const maxAddresses = 10_000;

/** Counts by address. */
export class GuessLimit {
  /** When an address will have all of its guesses again. */
  readonly #fullAt = new Map<string, number>();
  readonly #count: number;
  readonly #intervalMs: number;

  /**
   * @param count guesses at once
   * @param intervalMs time after which there is one more
   */
  constructor(count: number, intervalMs: number) {
    this.#count = count;
    this.#intervalMs = intervalMs;
  }

  /**
   * Uses one.
   *
   * @returns 0, or how long it takes until there is one, in milliseconds
   */
  take(address: string, now: number): number {
    const fullAt = Math.max(this.#fullAt.get(address) ?? now, now) +
      this.#intervalMs;
    const waitMs = fullAt - now - this.#count * this.#intervalMs;
    if (waitMs > 0) return waitMs;
    this.#set(address, fullAt);
    return 0;
  }

  /** It was not a guess. */
  giveBack(address: string): void {
    const fullAt = this.#fullAt.get(address);
    if (fullAt !== undefined) this.#set(address, fullAt - this.#intervalMs);
  }

  #set(address: string, fullAt: number): void {
    this.#fullAt.delete(address);
    this.#fullAt.set(address, fullAt);
    if (this.#fullAt.size <= maxAddresses) return;
    const [oldest] = this.#fullAt.keys();
    this.#fullAt.delete(oldest);
  }
}

/**
 * What counts as one client: an IPv4 address, the first half of an IPv6 address (whoever
 * has one has 2^64 of them, RFC 6177), or the whole of anything else.
 *
 * @param peer an IP address, a space, a port
 */
export function clientOf(peer: string): string {
  const [address] = peer.split(/[ %]/, 1);
  const mapped = /^::ffff:([0-9.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!/^[0-9a-f.]*:[0-9a-f:.]*$/i.test(address)) return address;
  const [before, after] = address.split("::", 2)
    .map((part) => part === "" ? [] : part.split(":"));
  const omitted = Math.max(8 - before.length - (after ?? []).length, 0);
  const zeros = new Array<string>(omitted).fill("0");
  return [...before, ...zeros, ...after ?? []].slice(0, 4)
    .map((group) => Number.parseInt(group, 16))
    .join(":");
}
