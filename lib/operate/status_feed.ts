/**
 * The status as server-sent events: once a second, made once for all who read. Must not
 * know what it says.
 *
 * @module
 */

import type { BodySource } from "../http/exchange.ts";

const everyMs = 1000;
const encoder = new TextEncoder();

/** Tells all readers of the status. */
export class StatusFeed {
  readonly #make: () => string;
  readonly #waiting = new Set<(bytes: Uint8Array | null) => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /** @param make makes the text of an event, in one line */
  constructor(make: () => string) {
    this.#make = make;
  }

  /** A body of events without end; the first one comes at once. */
  source(): BodySource {
    let isFirst = true;
    let cancelled = false;
    let wake: ((bytes: Uint8Array | null) => void) | null = null;
    return {
      length: null,
      read: () => {
        if (cancelled || this.#closed) return Promise.resolve(null);
        if (isFirst) {
          isFirst = false;
          return Promise.resolve(this.#event());
        }
        return new Promise((resolve) => {
          wake = resolve;
          this.#waiting.add(resolve);
          this.#timer ??= setTimeout(() => this.#tick(), everyMs);
        });
      },
      cancel: () => {
        cancelled = true;
        if (wake !== null) this.#waiting.delete(wake);
        wake?.(null);
      },
    };
  }

  #event(): Uint8Array {
    return encoder.encode(`data: ${this.#make()}\n\n`);
  }

  #tick(): void {
    this.#timer = undefined;
    if (this.#waiting.size === 0) return;
    const bytes = this.#event();
    for (const wake of this.#waiting) wake(bytes);
    this.#waiting.clear();
  }

  /** Ends all bodies. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const wake of this.#waiting) wake(null);
    this.#waiting.clear();
  }
}
