/**
 * What requests took in the last minutes: percentiles of the last seconds, and a short
 * history for charts. Must not know where requests come from.
 *
 * @module
 */

/** A moment of the history: two seconds of it. */
export interface Moment {
  readonly perSecond: number;
  readonly p99Ms: number;
  /** Requests that waited at the end of it. */
  readonly queue: number;
  /** Requests that got a status from 500 on. */
  readonly errors: number;
}

/** Percentiles of the last seconds. */
export interface Latency {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
}

export const slotMs = 2000;
// Percentiles are of so many slots, the history has so many.
const latencySlots = 5;
const maxMoments = 150;
// Buckets grow by a quarter each: 0.01 ms to more than an hour.
const buckets = 90;
const firstMs = 0.01;
const growth = Math.log(1.25);

class Slot {
  readonly counts = new Uint32Array(buckets);
  count = 0;
  errors = 0;
}

/** Collects what requests took. */
export class LatencyWindow {
  #slots: Slot[] = [new Slot()];
  readonly #moments: Moment[] = [];

  /** A request took so long. */
  observe(ms: number, isError: boolean): void {
    const [slot] = this.#slots;
    const bucket = Math.ceil(
      Math.log(Math.max(ms, firstMs) / firstMs) / growth,
    );
    slot.counts[Math.min(bucket, buckets - 1)]++;
    slot.count++;
    if (isError) slot.errors++;
  }

  /** A slot is over. To be called every `slotMs`. */
  turn(queue: number): void {
    const [slot] = this.#slots;
    this.#moments.push({
      perSecond: slot.count / slotMs * 1000,
      p99Ms: percentile([slot], 0.99),
      queue,
      errors: slot.errors,
    });
    if (this.#moments.length > maxMoments) this.#moments.shift();
    this.#slots = [new Slot(), ...this.#slots.slice(0, latencySlots)];
  }

  /** Oldest first. */
  get history(): readonly Moment[] {
    return this.#moments;
  }

  /** Of the slots that are over, or of the first one while none is. */
  get latency(): Latency {
    const over = this.#slots.slice(1);
    const slots = over.length === 0 ? this.#slots : over;
    const count = slots.reduce((sum, slot) => sum + slot.count, 0);
    return {
      perSecond: count / slots.length / slotMs * 1000,
      p50Ms: percentile(slots, 0.5),
      p90Ms: percentile(slots, 0.9),
      p99Ms: percentile(slots, 0.99),
    };
  }
}

/** The upper bound of the bucket in which that share ends; 0 where there was nothing. */
function percentile(slots: readonly Slot[], share: number): number {
  const count = slots.reduce((sum, slot) => sum + slot.count, 0);
  if (count === 0) return 0;
  let left = Math.ceil(count * share);
  for (let bucket = 0; bucket < buckets; bucket++) {
    for (const slot of slots) left -= slot.counts[bucket];
    if (left <= 0) return firstMs * Math.exp(growth * bucket);
  }
  return Infinity;
}
