/**
 * Waiting that ends: a test that waits for what never comes fails and says so,
 * instead of holding up those after it.
 */

import { assertLess } from "@std/assert";

/** Generous: a machine that is busy with other things must not fail a test. */
const patienceMs = 20_000;
const betweenLooksMs = 5;
const looksOfAHalt = 20;

/** A test's body that fails when it takes longer than that. */
export function inTime(
  body: (t: Deno.TestContext) => Promise<void>,
  ms = patienceMs,
): (t: Deno.TestContext) => Promise<void> {
  return async (t) => {
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new Error(`The test was not over after ${ms} ms`)),
      ms,
    );
    try {
      await Promise.race([body(t), promise]);
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Resolves when that is the case. */
export async function until(
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!await condition()) {
    if (performance.now() > deadline) {
      throw new Error(`It never came to be that ${condition}`);
    }
    await pause(betweenLooksMs);
  }
}

/** Asks again and again until that is the case, and fails where it was not though it
 * was asked so long after the beginning: the machine may be as slow as it likes. */
export async function within(
  ms: number,
  holds: () => Promise<boolean>,
): Promise<void> {
  const begun = performance.now();
  for (;;) {
    const askedAt = performance.now();
    if (await holds()) return;
    assertLess(askedAt - begun, ms, `It came too late that ${holds}`);
  }
}

/** Resolves after so long: where time is what is tried, and never to wait for something
 * that comes about in its own. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Resolves with a number when that is the same in many looks on end: what has come
 * to a halt tells nobody. */
export async function halted(
  look: () => number | Promise<number>,
): Promise<number> {
  let last = await look();
  for (let same = 0; same < looksOfAHalt;) {
    await pause(betweenLooksMs);
    const now = await look();
    same = now === last ? same + 1 : 0;
    last = now;
  }
  return last;
}
