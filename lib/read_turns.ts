/**
 * Fairness among sockets. With more than 128 of them ready at once the runtime
 * serves some again and again while others starve; so only so many *hot* reads
 * are outstanding, the others wait for their turn in the order they came. A read
 * that has not completed soon gives its turn back: that connection is idle, and
 * idle ones cost nothing. Must not know what is read.
 *
 * @module
 */

import type { ByteSource } from "./byte_reader.ts";
import type { Limits } from "./limits.ts";

/** The turns of one server. */
export class ReadTurns {
  readonly #maxHot: number;
  readonly #hotMs: number;
  #hot = 0;
  /** Waiting for a turn, first come first; the index is of the first. */
  #waiting: (() => void)[] = [];
  #first = 0;
  // A turn is the number of the tick it was taken in, and the clock ticks only
  // while somebody waits: taking one makes no object and asks for no time.
  #tick = 0;
  /** Turns of ticks up to this one are not held any more. */
  #expiredTick = -1;
  #heldOfLastTick = 0;
  #heldOfThisTick = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Makes one.
   *
   * @param limits how many hot reads, and how long one is hot
   */
  constructor(limits: Pick<Limits, "maxHotReads" | "hotReadMs">) {
    this.#maxHot = limits.maxHotReads;
    this.#hotMs = limits.hotReadMs;
  }

  /** Reads from that source when it is its turn. */
  async read(source: ByteSource, into: Uint8Array): Promise<number | null> {
    if (this.#hot >= this.#maxHot) await this.#wait();
    const tick = this.#tick;
    this.#hot++;
    this.#heldOfThisTick++;
    try {
      return await source.read(into);
    } finally {
      if (tick > this.#expiredTick) this.#giveBack(tick);
    }
  }

  #wait(): Promise<void> {
    this.#timer ??= setTimeout(() => this.#onTick(), this.#hotMs);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #giveBack(tick: number): void {
    if (tick === this.#tick) this.#heldOfThisTick--;
    else this.#heldOfLastTick--;
    this.#hot--;
    if (this.#first < this.#waiting.length) this.#wakeNext();
  }

  #wakeNext(): void {
    const wake = this.#waiting[this.#first++];
    if (this.#first > 1024 && this.#first * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
    wake();
  }

  /** Takes back the turns that are older than a whole tick. */
  #onTick(): void {
    this.#timer = undefined;
    let idle = this.#heldOfLastTick;
    this.#hot -= idle;
    this.#expiredTick = this.#tick - 1;
    this.#heldOfLastTick = this.#heldOfThisTick;
    this.#heldOfThisTick = 0;
    this.#tick++;
    for (; idle > 0 && this.#first < this.#waiting.length; idle--) {
      this.#wakeNext();
    }
    if (this.#first < this.#waiting.length) {
      this.#timer = setTimeout(() => this.#onTick(), this.#hotMs);
    }
  }

  /** Stops the clock; nobody may be waiting any more. */
  close(): void {
    clearTimeout(this.#timer);
  }
}
