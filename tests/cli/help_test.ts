/**
 * What `--help` prints.
 */

import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
} from "@std/assert";
import { usage, UsageError } from "../../lib/cli/command_line.ts";
import { limitFlags, staticFlags } from "../../lib/cli/flags.ts";
import { operateFlags } from "../../lib/cli/operate_flags.ts";
import { tlsFlags } from "../../lib/cli/tls_flags.ts";
import { defaultStaticOptions } from "../../lib/files/static_options.ts";
import { defaultLimits } from "../../lib/limits.ts";
import { defaults, parse } from "../support/command_lines.ts";

/** Every flag, and the letter of those that have one. */
const flags: Record<
  string,
  { readonly type?: string; readonly short?: string }
> = {
  ...staticFlags,
  ...limitFlags,
  ...operateFlags,
  ...tlsFlags,
  port: { short: "p" },
  host: {},
  workers: { short: "w" },
  app: {},
  "stream-body": {},
  "compress-sockets": {},
  isolation: {},
  watch: {},
  drain: {},
  server: {},
  quiet: { short: "q" },
  "print-config": {},
  help: { short: "h" },
  version: { short: "V" },
};

Deno.test("the help tells every flag with its letter, and none that is not known", () => {
  const told = usage.matchAll(/^ {2}(?:-(\w), | {4})--([\w-]+)/gm)
    .map(([, short, name]) => [name, short]);
  assertEquals(
    Object.fromEntries(told),
    Object.fromEntries(
      Object.entries(flags).map(([name, { short }]) => [name, short]),
    ),
  );
  for (const [name, { short = name }] of Object.entries(flags)) {
    const dashes = short === name ? "--" : "-";
    for (const flag of [`--${name}`, `${dashes}${short}`]) {
      assertFalse(/^Unknown/.test(complaint([flag])), flag);
    }
  }
});

/** What is wrong with it, if anything is. */
function complaint(args: string[]): string {
  try {
    parse(args);
    return "";
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

Deno.test("the help tells the defaults, and fits a terminal", () => {
  for (
    const value of [
      `$PORT, ${defaults.port}`,
      `$HOST, ${defaults.hostname}`,
      defaults.drainMs / 1000,
      defaultStaticOptions.cacheSeconds,
      defaultLimits.maxQueue,
      defaultLimits.queueTimeoutMs / 1000,
      defaultLimits.handlerTimeoutMs / 1000,
      defaultLimits.maxJobsPerWorker,
      defaultLimits.maxWorkerHeapBytes / 1024 / 1024,
      defaultLimits.maxLostWorkers,
      defaults.serverName,
    ]
  ) assertStringIncludes(usage, `[${value}]`);
  for (const line of usage.split("\n")) assert(line.length <= 80, line);
});
