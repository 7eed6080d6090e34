/**
 * The command line of the benchmark.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { quickWarmUpSeconds, warmUpSeconds } from "./loads/warm_up.ts";

/** What `--help` prints. */
export const usage = `deno task bench [options]

  --rounds N     how often each server is measured (3)
  --seconds N    how long each time, once it is warm (2); endless loops 5 times
                 that, so "--only loops --seconds 12" is a minute of them
  --quick        a first table in two minutes: the small page, Hono and the start,
                 with 2 rounds of a second each and a short warm-up
  --only REGEX   only the scenarios whose name matches: "small", "static", "app",
                 "idle" and "start" are families
  --against DIR  measure the checkout of Skein in DIR as well, in turn with this one
  --json FILE    write every sample to FILE
  --write DIR    write the tables and a chart to DIR: results.md and chart.svg; with
                 tests/bench/measured also the table of the README
  --list         print the scenarios and end
  --help         print this and end`;

const defaults = { rounds: "3", seconds: "2", only: "", warmUpSeconds };

const quickDefaults = {
  rounds: "2",
  seconds: "1",
  only: "^(small page|small page, 1000|app Hono|start .*)$",
  warmUpSeconds: quickWarmUpSeconds,
};

/** The command line, understood. */
export interface Options {
  rounds: number;
  seconds: number;
  only: RegExp;
  against?: string;
  json?: string;
  write?: string;
  warmUpSeconds: number;
  list: boolean;
  help: boolean;
}

/**
 * Reads the command line.
 *
 * @throws {Error} If there is something in it that has no meaning; the message says what.
 */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string" },
      seconds: { type: "string" },
      only: { type: "string" },
      quick: { type: "boolean", default: false },
      against: { type: "string" },
      json: { type: "string" },
      write: { type: "string" },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { quick, ...rest } = values;
  const by = quick ? quickDefaults : defaults;
  return {
    ...rest,
    rounds: positive("--rounds", values.rounds ?? by.rounds),
    seconds: positive("--seconds", values.seconds ?? by.seconds),
    only: new RegExp(values.only ?? by.only),
    warmUpSeconds: by.warmUpSeconds,
  };
}

/** wrk takes whole seconds only, and a round is whole by nature. */
function positive(option: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) {
    throw new Error(
      `Cannot use "${text}" as ${option}: it must be a whole number above 0`,
    );
  }
  return Number(text);
}
