/**
 * The load of a few clients that keep the server computing, and of others that ask for next to nothing:
 * how long do these wait?
 *
 * @module
 */

import type { Column, Load, Run, Running } from "../scenario.ts";
import { percentile } from "../statistics.ts";
import { showCount, showMs } from "../units.ts";
import { checkAnswer } from "./answers.ts";
import { askAtPace } from "./paced.ts";
import { runWrk } from "./wrk.ts";

const columns: Column[] = [
  { key: "p99", title: "light p99", show: showMs, ratio: "to skein" },
  { key: "p50", title: "light p50", show: showMs },
  { key: "heavy", title: "heavy/s", show: (rate) => rate.toFixed(1) },
  { key: "light", title: "light/s", show: showCount },
];

/** Enough for a p99 within a second or two, and next to nothing to compute. */
const lightPerSecond = 200;

/** What is asked for. */
export interface LightAndHeavy {
  heavyClients: number;
  heavyPath: string;
  lightPath: string;
  lightText: string;
}

/** The load; `options` are asked for once a server runs. */
export function lightBesideHeavy(options: () => LightAndHeavy): Load {
  return {
    columns,
    async measure(server, run) {
      const asked = options();
      const expected = { kind: "text" as const, text: asked.lightText };
      await checkAnswer(server, run, { path: asked.lightPath }, expected);
      const [heavy, light] = await Promise.all([
        keepBusy(server, run, asked),
        measureLight(server, run, asked),
      ]);
      const { latenciesMs } = light;
      return {
        figures: {
          p99: percentile(latenciesMs, 0.99),
          p50: percentile(latenciesMs, 0.5),
          heavy: heavy.requestsPerSecond,
          light: latenciesMs.length / run.seconds,
        },
        errors: heavy.errors + light.errors,
      };
    },
  };
}

/** A second longer than the others ask, so that these are never alone. */
function keepBusy(
  { url }: Running,
  { seconds, warmUpSeconds, children }: Run,
  { heavyClients, heavyPath }: LightAndHeavy,
) {
  const wrk = { connections: heavyClients, path: heavyPath };
  return runWrk(url, wrk, warmUpSeconds + seconds + 1, children);
}

async function measureLight(
  server: Running,
  { seconds, warmUpSeconds }: Run,
  { lightPath }: LightAndHeavy,
) {
  const pace = { url: server.url + lightPath, perSecond: lightPerSecond };
  await askAtPace({ ...pace, seconds: warmUpSeconds });
  return await askAtPace({ ...pace, seconds });
}
