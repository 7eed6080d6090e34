/**
 * Waiting for what comes about in its own time, by asking; never by a guess of how
 * long it takes.
 *
 * @module
 */

import { assert } from "@std/assert";
import type { TestServer } from "../support/test_server.ts";

const betweenMs = 5;

/**
 * Resolves when that holds.
 *
 * @param what it waits for: a test that waits in vain says so
 */
export async function until(
  what: string,
  holds: () => boolean,
  patienceMs = 15_000,
): Promise<void> {
  const giveUp = performance.now() + patienceMs;
  while (!holds()) {
    assert(performance.now() < giveUp, `It never came true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, betweenMs));
  }
}

/** Resolves when the last client's connection has ended. */
export function untilEmpty(server: TestServer): Promise<void> {
  return until("no connection", () => server.skein.server.connections === 0);
}
