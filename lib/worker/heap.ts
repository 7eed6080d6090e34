/**
 * How much memory this thread uses. Must not know who asks.
 *
 * @module
 */

import { natives } from "../natives.ts";

// A look is about 15 us.
const everyMs = 250;

/** Looks at the heap of this thread, not too often. */
export class HeapSampler {
  #lookedAt = 0;

  /** Bytes in use; `null` where the last look was a short while ago. */
  bytes(): number | null {
    const now = natives.now();
    if (now - this.#lookedAt < everyMs) return null;
    this.#lookedAt = now;
    return heapBytes();
  }
}

/** Bytes that this thread uses. */
export function heapBytes(): number {
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}
