/**
 * Inside a worker: how large its heap is, not too often. Must not know what is too
 * large.
 *
 * @module
 */

// A look is about 15 us.
const everyMs = 250;

/** Looks at the heap of this thread. */
export class HeapLook {
  #lookedAt = 0;

  /** Bytes in use; `null` where the last look was a short while ago. */
  bytes(): number | null {
    const now = performance.now();
    if (now - this.#lookedAt < everyMs) return null;
    this.#lookedAt = now;
    const { heapUsed, external } = Deno.memoryUsage();
    return heapUsed + external;
  }
}
