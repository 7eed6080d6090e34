/**
 * Figures of the process: memory, descriptors, and how late its event loop is. Must not
 * know who looks.
 *
 * @module
 */

import type { ProcessFigures } from "./metrics.ts";

const everyMs = 100;
// A look at a delay that is over says nothing: the longest of the last seconds does.
const windowMs = 5000;

/** Watches the process that it is in. */
export class ProcessWatch {
  readonly #startedAt = Date.now() - performance.now();
  readonly #timer: ReturnType<typeof setInterval>;
  #dueAt = performance.now() + everyMs;
  #windowBeganAt = performance.now();
  #longestMs = 0;
  #longestBeforeMs = 0;

  constructor() {
    this.#timer = setInterval(() => this.#tick(), everyMs);
  }

  #tick(): void {
    const now = performance.now();
    this.#longestMs = Math.max(this.#longestMs, now - this.#dueAt);
    this.#dueAt = now + everyMs;
    if (now - this.#windowBeganAt < windowMs) return;
    this.#windowBeganAt = now;
    this.#longestBeforeMs = this.#longestMs;
    this.#longestMs = 0;
  }

  /** The figures at this moment. */
  get figures(): ProcessFigures {
    return {
      rssBytes: Deno.memoryUsage().rss,
      descriptors: countDescriptors(),
      eventLoopDelayMs: Math.max(this.#longestMs, this.#longestBeforeMs, 0),
      startedAt: this.#startedAt,
    };
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

/** `null` where there is no /proc, or it may not be read. */
function countDescriptors(): number | null {
  // To be asked on the terminal would help nobody.
  const path = "/proc/self/fd";
  const { state } = Deno.permissions.querySync({ name: "read", path });
  if (state !== "granted") return null;
  try {
    return [...Deno.readDirSync(path)].length;
  } catch {
    return null;
  }
}
