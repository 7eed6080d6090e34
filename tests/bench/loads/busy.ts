/**
 * The load that keeps every connection busy: each asks again as soon as it has its answer.
 *
 * @module
 */

import type { Column, Load, Sample } from "../scenario.ts";
import { cpuSecondsIfKnown } from "../process_tree.ts";
import { showBytes, showCount, showMs, showUs } from "../units.ts";
import type { WrkFigures } from "../wrk_output.ts";
import { checkAnswer, type Expected } from "./answers.ts";
import { runWrk, type WrkOptions } from "./wrk.ts";

const columns: Column[] = [
  { key: "rate", title: "requests/s", show: showCount, ratio: "to skein" },
  // Over all its threads and processes: it hardly moves with the noise of a machine.
  { key: "cpu", title: "CPU", show: showUs, ratio: "CPU to skein" },
  { key: "p50", title: "p50", show: showMs },
  { key: "p99", title: "p99", show: showMs },
];

/** Where servers may choose how large an answer is: head and body, on the wire. */
const size: Column = { key: "size", title: "per answer", show: showBytes };

/** Options of wrk, and what every answer must be. */
export interface BusyOptions extends WrkOptions {
  expected: Expected;
  /** The content of a POST, as the script has it. */
  content?: string;
  /** Another path with its answer, that is looked at too; wrk is told of them by its script. */
  samples?: { path: string; expected: Expected }[];
}

/** The load that wrk makes with `options`, which are asked for once a server runs. */
export function busy(options: () => BusyOptions): Load {
  return {
    columns,
    async measure(server, run) {
      const { expected, samples = [], ...wrk } = options();
      await checkAnswer(server, run, wrk, expected);
      for (const { path, expected } of samples) {
        await checkAnswer(server, run, { ...wrk, path }, expected);
      }
      if (run.warmUpSeconds > 0) {
        await runWrk(server.url, wrk, run.warmUpSeconds, run.children);
      }
      const before = cpuSecondsIfKnown(server.pid);
      const figures = await runWrk(server.url, wrk, run.seconds, run.children);
      const cpuSeconds = cpuSecondsIfKnown(server.pid) - before;
      return asSample(figures, cpuSeconds / figures.requests);
    },
  };
}

/** The same for a second without a warm-up: what is asked for is asked for the first time. */
export function cold(options: () => BusyOptions): Load {
  const load = busy(options);
  return {
    ...load,
    measure: (server, run) =>
      load.measure(server, { ...run, seconds: 1, warmUpSeconds: 0 }),
  };
}

/** The same with a column for the size of an answer. */
export function busyWithSizes(options: () => BusyOptions): Load {
  return { ...busy(options), columns: [...columns, size] };
}

function asSample(figures: WrkFigures, secondsEach: number): Sample {
  const { requestsPerSecond, bytesPerSecond, p50Ms, p99Ms, errors } = figures;
  const size = bytesPerSecond / requestsPerSecond;
  return {
    figures: {
      ...{ rate: requestsPerSecond, p50: p50Ms, p99: p99Ms, size },
      cpu: secondsEach * 1e6,
    },
    errors,
  };
}
