/**
 * Waiting that ends: a test that waits for what never comes fails and says so,
 * instead of holding up those after it.
 */

/** Generous: a machine that is busy with other things must not fail a test. */
const patienceMs = 20_000;
const betweenLooksMs = 5;

/** A test's body that fails when it takes longer than that. */
export function inTime(
  body: () => Promise<void>,
  ms = patienceMs,
): () => Promise<void> {
  return async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new Error(`The test was not over after ${ms} ms`)),
      ms,
    );
    try {
      await Promise.race([body(), promise]);
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
    await new Promise((resolve) => setTimeout(resolve, betweenLooksMs));
  }
}
