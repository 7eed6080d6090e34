/**
 * The load that keeps every connection busy: each asks again as soon as it has its answer.
 *
 * @module
 */

import type { Column, Load, Run, Running, Sample } from "../scenario.ts";
import { showCount, showMs } from "../units.ts";
import { runWrk, type WrkOptions } from "./wrk.ts";

/** Compilers, caches and pools settle in this time. */
const warmUpSeconds = 1;

const columns: Column[] = [
  { key: "rate", title: "requests/s", show: showCount },
  { key: "p50", title: "p50", show: showMs },
  { key: "p99", title: "p99", show: showMs },
];

/** Options of wrk, and the file of the root that every answer must be equal to. */
export interface BusyOptions extends WrkOptions {
  file: string;
}

/** The load that wrk makes with `options`. */
export function busy(options: BusyOptions): Load {
  return {
    columns,
    async measure(server, run) {
      await checkAnswer(server, run, options);
      await runWrk(server.url, options, warmUpSeconds, run.children);
      return asSample(
        await runWrk(server.url, options, run.seconds, run.children),
      );
    },
  };
}

function asSample(figures: Awaited<ReturnType<typeof runWrk>>): Sample {
  const { requestsPerSecond, p50Ms, p99Ms, errors } = figures;
  return {
    figures: { rate: requestsPerSecond, p50: p50Ms, p99: p99Ms },
    errors,
  };
}

/** A server that answers something else, faster, must not look better for it. */
async function checkAnswer(
  server: Running,
  run: Run,
  options: BusyOptions,
): Promise<void> {
  const answer = await fetch(server.url + (options.path ?? ""), {
    headers: options.headers,
  });
  const body = await answer.bytes();
  const file = await Deno.readFile(`${run.root}/${options.file}`);
  const isEqual = body.length === file.length &&
    body.every((byte, at) => byte === file[at]);
  if (answer.status !== 200 || !isEqual) {
    throw new Error(
      `answers ${answer.status} with ${body.length} bytes, not the ${file.length} asked`,
    );
  }
}
