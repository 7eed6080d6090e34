/**
 * Fairness among sockets. A busy server serves the same connections again and again,
 * while others that have long been ready wait: at 1000 busy connections p99 is between
 * 0.3 and 1.2 s. So only a limited number of reads has a *turn*, and the others wait
 * for one, first come first served: p99 is 32 ms then, and the throughput is the same.
 * A read that is still outstanding when the kernel was polled twice has nothing to
 * read: it gives its turn back, so idle connections do not hold turns. Must not know
 * what is read.
 *
 * @module
 */

import type { ByteSource } from "./byte_reader.ts";
import type { Limits } from "../limits.ts";
import { PollProbe } from "./poll_probe.ts";

export class ReadScheduler {
  readonly #maxHot: number;
  readonly #onFailure: (error: Error) => void;
  readonly #probe = new PollProbe();
  #crowded = false;
  #running = false;
  /** Turns that are held. */
  #hot = 0;
  /** Reads that wait for a turn; from `#first` on, the oldest first. */
  #waiting: (() => void)[] = [];
  #first = 0;
  // A turn is the number of the round in which it was taken, and rounds are counted
  // only while a read waits. So a turn needs no object and no clock.
  #round = 0;
  /** Turns of this number and below are not held any more. */
  #expiredRound = -1;
  #heldOfLastRound = 0;
  #heldOfThisRound = 0;

  constructor(
    limits: Pick<Limits, "maxHotReads">,
    onFailure: (error: Error) => void,
  ) {
    this.#maxHot = limits.maxHotReads;
    this.#onFailure = onFailure;
  }

  /** Sets whether there are enough connections for turns. */
  setCrowded(crowded: boolean): void {
    this.#crowded = crowded;
    if (crowded) this.#probe.open(this.#onFailure);
  }

  read(source: ByteSource, into: Uint8Array): Promise<number | null> {
    return this.#crowded && this.#probe.ready
      ? this.#readInTurn(source, into)
      : source.read(into);
  }

  #readInTurn(source: ByteSource, into: Uint8Array): Promise<number | null> {
    if (this.#hot >= this.#maxHot || this.#anyWaiting) {
      return this.#wait().then(() => this.#readNow(source, into));
    }
    this.#hot++;
    return this.#readNow(source, into);
  }

  /** Reads with a turn. Not an async function: each idle connection would keep its
   * frame. */
  #readNow(source: ByteSource, into: Uint8Array): Promise<number | null> {
    const round = this.#round;
    this.#heldOfThisRound++;
    const over = () => {
      if (round > this.#expiredRound) this.#giveBack(round);
    };
    const read = source.read(into);
    read.then(over, over);
    return read;
  }

  get #anyWaiting(): boolean {
    return this.#first < this.#waiting.length;
  }

  /** Resolves when the caller has a turn. */
  #wait(): Promise<void> {
    const turn = new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (!this.#running) this.#runRounds();
    return turn;
  }

  #giveBack(round: number): void {
    if (round === this.#round) this.#heldOfThisRound--;
    else this.#heldOfLastRound--;
    this.#hot--;
    this.#wake();
  }

  /** Hands out free turns. */
  #wake(): void {
    while (this.#hot < this.#maxHot && this.#anyWaiting) {
      this.#hot++;
      this.#waiting[this.#first++]();
    }
    if (this.#first > 1024 && this.#first * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
  }

  /** Each round takes back the turns that are older than a whole round. */
  async #runRounds(): Promise<void> {
    this.#running = true;
    while (this.#anyWaiting && this.#probe.ready) {
      await this.#probe.run();
      this.#hot -= this.#heldOfLastRound;
      this.#expiredRound = this.#round - 1;
      this.#heldOfLastRound = this.#heldOfThisRound;
      this.#heldOfThisRound = 0;
      this.#round++;
      this.#wake();
    }
    this.#running = false;
    // Without a probe, reads do not wait for turns.
    if (!this.#probe.ready) {
      for (const resolve of this.#waiting.splice(0)) resolve();
    }
  }

  async close(): Promise<void> {
    await this.#probe.close();
  }
}
