/**
 * The command line of the benchmark.
 *
 * @module
 */

import { parseArgs } from "node:util";

/** What `--help` prints. */
export const usage = `deno task bench [options]

  --rounds N     how often each server is measured (3)
  --seconds N    how long each time, once it is warm (2); endless loops 5 times
                 that, so "--only loops --seconds 12" is a minute of them
  --only REGEX   only the scenarios whose name matches: "small", "static", "app"
                 and "connections" are families
  --against DIR  measure the checkout of Skein in DIR as well, in turn with this one
  --json FILE    write every sample to FILE
  --list         print the scenarios and end
  --help         print this and end`;

/** The command line, understood. */
export interface Options {
  rounds: number;
  seconds: number;
  only: RegExp;
  against?: string;
  json?: string;
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
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "2" },
      only: { type: "string", default: "" },
      against: { type: "string" },
      json: { type: "string" },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return {
    ...values,
    rounds: positive("--rounds", values.rounds),
    seconds: positive("--seconds", values.seconds),
    only: new RegExp(values.only),
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
