/**
 * What `--help` prints.
 */

import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { readFlags, UsageError } from "../../lib/cli/command_line.ts";
import { help } from "../../lib/cli/help.ts";
import { allOptions, groups } from "../../lib/cli/option_table.ts";
import { defaultStaticOptions } from "../../lib/files/static_options.ts";
import { limitTable } from "../../lib/cli/limit_table.ts";
import { limitsHelp } from "../../lib/cli/limits_help.ts";
import { defaultLimits, type Limits } from "../../lib/limits.ts";
import { repository } from "../support/command.ts";
import { defaults, parse } from "../support/command_lines.ts";

const usage = help(false);

Deno.test("the help tells every option with its letter, and all are known", () => {
  const told = usage.matchAll(/^ {2}(?:-(\w), | {4})--([\w-]+)/gm)
    .map(([, short, name]) => [name, short]);
  assertEquals(
    Object.fromEntries(told),
    Object.fromEntries(
      Object.entries(allOptions).map(([name, { short }]) => [name, short]),
    ),
  );
  for (const [name, { short = name }] of Object.entries(allOptions)) {
    const dashes = short === name ? "--" : "-";
    for (const flag of [`--${name}`, `${dashes}${short}`]) {
      assertFalse(/^Unknown/.test(complaint([flag])), flag);
    }
  }
});

Deno.test("the table of the README has every option", async () => {
  const readme = await Deno.readTextFile(join(repository, "README.md"));
  const section = readme.slice(readme.indexOf("## Command line"));
  const table = section.slice(0, section.indexOf("\n## "))
    .split("\n").filter((line) => line.startsWith("|")).join("\n");
  for (const name of Object.keys(allOptions)) {
    assertMatch(table, new RegExp(`\`--${name}[\` ]`));
  }
});

Deno.test("headings of the help are bold where the terminal can show that", () => {
  const bold = help(true).replaceAll("\x1b[1m", "<b>")
    .replaceAll("\x1b[22m", "</b>");
  assertEquals(
    Array.from(bold.matchAll(/^<b>(.*)<\/b>$/gm), ([, text]) => text),
    [...groups, "Examples", "More"],
  );
  assertEquals(bold.replaceAll(/<\/?b>/g, ""), usage);
});

Deno.test("the examples of the help are right", () => {
  const [, examples = ""] = /^Examples\n([^]*?)\n\n/m.exec(usage) ?? [];
  const lines = examples.split("\n");
  assertEquals(lines.length, 6);
  for (const line of lines) {
    const [, args] = /^ {2}skein (.*?)(?: {2,}.*)?$/.exec(line)!;
    assertEquals(parse(args.split(" ")).kind, "run", line);
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

Deno.test("--help limits tells every limit as it is documented, with its reason", async () => {
  const source = await Deno.readTextFile(join(repository, "lib/limits.ts"));
  const documented = source.matchAll(
    /\/\*\* ((?:(?!\*\/)[^])*) \*\/\s+readonly (\w+): number;/g,
  ).map(([, text, name]) => [
    name,
    text.replaceAll(/\s*\n\s*\* /g, " ").replaceAll("`", ""),
  ]);
  assertEquals(
    Object.fromEntries(
      Object.entries(limitTable).map(([name, { is }]) => [name, is]),
    ),
    Object.fromEntries(documented),
  );
  const text = limitsHelp(false);
  for (const [name, { because, flag }] of Object.entries(limitTable)) {
    const value = defaultLimits[name as keyof Limits];
    assertMatch(text, new RegExp(`^  ${name}=${value}(?:  \\(.*\\))?$`, "m"));
    assertStringIncludes(text.replaceAll(/\s+/g, " "), because);
    if (flag === undefined) continue;
    const parsed = parse([`--${flag}`, "100"]);
    assert(parsed.kind === "run" && name in parsed.options.limits, flag);
  }
  for (const line of text.split("\n")) assert(line.length <= 80, line);
});

for (
  const { args, about } of [
    { args: ["--help", "timeout"], about: "timeout" },
    { args: ["help", "basic-auth"], about: "basic-auth" },
    { args: ["help", "--", "--spa"], about: "spa" },
    { args: ["help", "nothing"], about: null },
    { args: ["--help"], about: null },
  ]
) {
  Deno.test(`the help of ${JSON.stringify(args)} is about ${about ?? "all"}`, () => {
    assertEquals(readFlags(args), { kind: "help", about });
    if (about === null) return;
    const text = help(false, about);
    assertMatch(text, new RegExp(`^ .* --${about}\\b`));
    assertStringIncludes(usage, text);
  });
}
