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

/** The right to have a read outstanding; `held` until given back. */
interface Turn {
  held: boolean;
  readonly since: number;
}

/** The turns of one server. */
export class ReadTurns {
  readonly #maxHot: number;
  readonly #hotMs: number;
  #hot = 0;
  /** Waiting for a turn, first come first; the index is of the first. */
  #waiting: (() => void)[] = [];
  #first = 0;
  /** Turns in the order in which they were taken; most are given back early. */
  #taken: Turn[] = [];
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
    this.#hot++;
    const turn: Turn = { held: true, since: performance.now() };
    this.#taken.push(turn);
    try {
      return await source.read(into);
    } finally {
      if (turn.held) this.#giveBack(turn);
    }
  }

  #wait(): Promise<void> {
    this.#timer ??= setTimeout(() => this.#expire(), this.#hotMs);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #giveBack(turn: Turn): void {
    turn.held = false;
    this.#hot--;
    this.#wakeNext();
  }

  #wakeNext(): void {
    if (this.#first === this.#waiting.length) {
      // Turns that were given back are dropped here, off the waiting path.
      if (this.#taken.length > 4 * this.#maxHot) this.#dropGivenBack();
      return;
    }
    const wake = this.#waiting[this.#first++];
    if (this.#first > 1024 && this.#first * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
    wake();
  }

  #dropGivenBack(): void {
    this.#taken = this.#taken.filter((turn) => turn.held);
  }

  /** Takes the turns of reads that turned out to be idle. */
  #expire(): void {
    this.#timer = undefined;
    const before = performance.now() - this.#hotMs;
    this.#dropGivenBack();
    for (const turn of this.#taken) {
      if (turn.since <= before) this.#giveBack(turn);
    }
    if (this.#first < this.#waiting.length) {
      this.#timer = setTimeout(() => this.#expire(), this.#hotMs);
    }
  }

  /** Stops the clock; nobody may be waiting any more. */
  close(): void {
    clearTimeout(this.#timer);
  }
}
