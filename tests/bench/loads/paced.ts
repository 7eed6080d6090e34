/**
 * A client that asks at a fixed pace, whatever becomes of its earlier requests. One that waits for each
 * answer before it asks again would ask a server that stands still almost nothing, and so find it quick.
 *
 * @module
 */

/** How a client asks. */
export interface Pace {
  url: string;
  perSecond: number;
  seconds: number;
}

/** What came of it. */
export interface PacedFigures {
  /** From the moment when a request was due to the end of its answer, in the order of being due. */
  latenciesMs: number[];
  /** Requests with another answer than 200, or with none. */
  errors: number;
}

/** An answer that takes longer counts as an error. */
const patienceMs = 10_000;

/** Asks, and waits for the last answer. */
export async function askAtPace(
  { url, perSecond, seconds }: Pace,
): Promise<PacedFigures> {
  const start = performance.now();
  const answers: Promise<number | undefined>[] = [];
  for (let index = 0; index < perSecond * seconds; index++) {
    const due = start + index * 1000 / perSecond;
    await until(due);
    answers.push(latency(url, due));
  }
  const outcomes = await Promise.all(answers);
  const latenciesMs = outcomes.filter((each) => each !== undefined);
  return { latenciesMs, errors: outcomes.length - latenciesMs.length };
}

/** Resolves once it is `time`, on the clock of `performance.now()`. */
async function until(time: number): Promise<void> {
  // Timers drop the fraction, and a request must not be early: its answer would be, too.
  const left = Math.ceil(time - performance.now());
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
}

async function latency(url: string, due: number): Promise<number | undefined> {
  try {
    const answer = await fetch(url, {
      signal: AbortSignal.timeout(patienceMs),
    });
    await answer.bytes();
    return answer.status === 200 ? performance.now() - due : undefined;
  } catch {
    return undefined; // It counts as an error.
  }
}
