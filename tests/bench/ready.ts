/**
 * When a server that was just started can be measured: when it answers, which is asked again and again
 * rather than guessed with a sleep.
 *
 * @module
 */

import type { Child } from "./children.ts";
import { Absent, type Running } from "./scenario.ts";

const deadlineMs = 10_000;
const betweenTriesMs = 10;

/**
 * A port that is free now, for programs that cannot be asked for "any port" and say which they took.
 * Another process may take it in between; then the server does not start, and its row says so.
 */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Waits until `child` answers at `port`. */
export function onPort(child: Child, port: number): Promise<Running> {
  return untilItAnswers(child, Promise.resolve(`http://127.0.0.1:${port}/`));
}

/** Waits until `child` has printed the URL it listens on, wherever it prints, and answers there. */
export function onPrintedUrl(child: Child): Promise<Running> {
  const url = / listening on (https?:\/\/[\d.]+:\d+\/)\s/i;
  const printed = Promise.any([
    child.stdout.waitFor(url),
    child.stderr.waitFor(url),
  ]);
  return untilItAnswers(child, printed.then((match) => match[1]));
}

async function untilItAnswers(
  child: Child,
  printed: Promise<string>,
): Promise<Running> {
  // Whoever calls this has started it just now.
  const startedAt = performance.now();
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), deadlineMs);
  let trying: Promise<void> | undefined;
  try {
    const url = await orGivesUp(printed, child, deadline.signal);
    trying = accepts(Number(new URL(url).port), deadline.signal);
    await orGivesUp(trying, child, deadline.signal);
    return { url, pid: child.pid, startedAt, stop: child.stop };
  } catch (error) {
    await child.stop();
    throw error;
  } finally {
    clearTimeout(timer);
    // Whoever ended will not answer: it is not tried until the deadline.
    deadline.abort();
    await trying;
  }
}

/** The value of `promise`, unless the process ends or the deadline passes first. */
function orGivesUp<T>(
  promise: Promise<T>,
  child: Child,
  deadline: AbortSignal,
): Promise<T> {
  const { promise: givesUp, reject } = Promise.withResolvers<never>();
  const late = () =>
    reject(new Absent(`did not answer within ${deadlineMs / 1000} s`));
  deadline.addEventListener("abort", late);
  void child.ended.then((code) =>
    reject(new Absent(`ended with code ${code}: ${firstWords(child)}`))
  );
  promise.catch(() => {}); // Of the two reasons to fail, how the process ended says more.
  const value = promise.catch(() => givesUp);
  return Promise.race([value, givesUp]).finally(() =>
    deadline.removeEventListener("abort", late)
  );
}

/** Errors say first what happened and then where. */
function firstWords(child: Child): string {
  const words = child.stderr.text.trim() || child.stdout.text.trim() ||
    "it said nothing";
  // deno-lint-ignore no-control-regex
  return words.split("\n")[0].replace(/\x1b\[[\d;]*m/g, "").slice(0, 120);
}

async function accepts(port: number, deadline: AbortSignal): Promise<void> {
  while (!deadline.aborted) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, betweenTriesMs));
    }
  }
}
