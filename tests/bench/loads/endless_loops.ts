/**
 * The load of requests that never end, beside 64 busy connections: what do these lose, and does the
 * server stop what loops?
 *
 * @module
 */

import { cpuSeconds } from "../process_tree.ts";
import type { Column, Load, Run, Running } from "../scenario.ts";
import { showCount, showMs, showRatio, showShare } from "../units.ts";
import { checkAnswer } from "./answers.ts";
import { runWrk, type WrkOptions } from "./wrk.ts";

const columns: Column[] = [
  { key: "share", title: "rate to clean", show: showRatio, ratio: "to skein" },
  { key: "rate", title: "requests/s", show: showCount },
  { key: "clean", title: "clean", show: showCount },
  { key: "p99", title: "p99", show: showMs },
  { key: "cpu", title: "CPU afterwards", show: showShare },
];

/** A loop arrives at the start of each such span, and there is one for every second of a round. */
export const secondsPerLoop = 5;

/** When the threads must be idle again, counted from the last request. */
const idleAfterMs = 3000;

/** How long the CPU time of the idle server is watched. */
const watchMs = 1000;

/** A loop that is not answered by then counts as one that never is. */
const loopPatienceMs = 10_000;

/** The status of a request whose handler was stopped (RFC 9110 section 15.6.5). */
const gatewayTimeout = 504;

/** What is asked for. */
export interface LoopsAndLight {
  loopPath: string;
  lightPath: string;
  lightText: string;
}

/** The load; the errors are those of both kinds of requests. */
export function endlessLoops(asked: LoopsAndLight): Load {
  return {
    columns,
    async measure(server, run) {
      const wrk = { connections: 64, path: asked.lightPath };
      const expected = { kind: "text" as const, text: asked.lightText };
      await checkAnswer(server, run, wrk, expected);
      await runWrk(server.url, wrk, run.warmUpSeconds, run.children);
      const clean = await runWrk(server.url, wrk, run.seconds, run.children);
      const { figures, loopErrors } = await withLoops(server, run, asked, wrk);
      return {
        figures: {
          share: figures.requestsPerSecond / clean.requestsPerSecond,
          rate: figures.requestsPerSecond,
          clean: clean.requestsPerSecond,
          p99: figures.p99Ms,
          cpu: await idleCpu(server),
        },
        errors: clean.errors + figures.errors + loopErrors,
      };
    },
  };
}

async function withLoops(
  server: Running,
  { seconds, children }: Run,
  { loopPath }: LoopsAndLight,
  wrk: WrkOptions,
) {
  const over = new AbortController();
  const loops = askForLoops(server.url + loopPath, seconds, over.signal);
  try {
    const whole = seconds * secondsPerLoop;
    const figures = await runWrk(server.url, wrk, whole, children);
    return { figures, loopErrors: await loops };
  } finally {
    over.abort();
  }
}

/** Asks `count` times; resolves to how many had another answer than 504, or none. */
async function askForLoops(
  url: string,
  count: number,
  signal: AbortSignal,
): Promise<number> {
  const start = performance.now();
  const statuses: Promise<number>[] = [];
  for (let index = 0; index < count && !signal.aborted; index++) {
    await wait(start + index * secondsPerLoop * 1000 - performance.now());
    statuses.push(statusOf(url, signal));
  }
  const all = await Promise.all(statuses);
  return all.filter((status) => status !== gatewayTimeout).length;
}

async function statusOf(url: string, signal: AbortSignal): Promise<number> {
  try {
    const patience = AbortSignal.timeout(loopPatienceMs);
    const answer = await fetch(url, {
      signal: AbortSignal.any([signal, patience]),
    });
    await answer.bytes();
    return answer.status;
  } catch {
    return 0; // No answer, which is counted as a wrong one.
  }
}

/** The share of one core that the server computes when nothing has been asked of it for a while. */
async function idleCpu({ pid }: Running): Promise<number> {
  await wait(idleAfterMs);
  const before = cpuSeconds(pid);
  const start = performance.now();
  await wait(watchMs);
  return (cpuSeconds(pid) - before) * 1000 / (performance.now() - start);
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(ms, 0)));
}
