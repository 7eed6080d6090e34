/**
 * What `--help` prints. Pure: whether a terminal can show bold text
 * is for the caller to know.
 *
 * @module
 */

import { headingOf, noBreakSpace, wrap } from "./help_text.ts";
import { allOptions, groups, type Option } from "./option_table.ts";

const textColumn = 25;

const introduction =
  `Skein serves a directory, and apps, with a pool of worker threads.

Usage: skein [options] [ROOT]

${
    wrap(
      "ROOT is the directory to serve. Without ROOT and --app, Skein serves its own hello page. Every option " +
        "may also be set by a variable (SKEIN_MAX_HEAP=256), or in skein.json " +
        'or under "skein" in deno.json ({"max-heap": 256}).',
      0,
    )
  }`;

/** What is typed, and what that does. */
const examples = [
  ["skein www", "the directory www, on http://127.0.0.1:7878/"],
  ["skein -p 8080 --spa dist", "a single-page app, on port 8080"],
  ["skein --app main.ts --watch", "an app, reloaded when it changes"],
  ["skein --app main.ts public", "an app, then the files in public"],
  ["skein --app main.ts --timeout 5 --limit maxBodyBytes=1000000", ""],
  [
    "skein --host 0.0.0.0 -p 443 --tls-cert cert.pem --tls-key key.pem www",
    "",
  ],
] as const;

const more = [
  ["skein --help limits", "every limit, its default and its reason"],
  ["skein --print-config", "the options that hold, and where each is from"],
  ["README.md", "all of this at length, and Skein in production"],
] as const;

/**
 * @param bold whether headings are to be shown in bold
 * @param about the name of the only option that is wanted; `null` for all
 */
export function help(bold: boolean, about: string | null = null): string {
  if (about !== null) return describe([about, allOptions[about]]);
  const heading = (text: string) => headingOf(text, bold);
  const all = Object.entries(allOptions);
  const sections = groups.map((group) => [
    heading(group),
    ...all.filter(([, option]) => option.group === group).map(describe),
  ]);
  return [
    introduction,
    ...[
      ...sections,
      [heading("Examples"), ...examples.map(columns)],
      [heading("More"), ...more.map(columns)],
    ].map((lines) => lines.join("\n")),
  ].join("\n\n");
}

function describe([name, option]: [string, Option]): string {
  const { short, takes, repeatable, help, default: fallback } = option;
  const flag = `  ${short === undefined ? "   " : `-${short},`} --${name}${
    takes === undefined ? "" : ` ${takes}`
  }`;
  const text = help + (repeatable ? " (repeatable)" : "") +
    // A default is never broken in two.
    (fallback === undefined
      ? ""
      : ` [${fallback.replaceAll(" ", noBreakSpace)}]`);
  const wrapped = wrap(text, textColumn);
  return flag.length < textColumn - 1
    ? flag + wrapped.slice(flag.length)
    : `${flag}\n${wrapped}`;
}

function columns([left, right]: readonly [string, string]): string {
  return `  ${left.padEnd(right === "" ? 0 : 30)}${right}`;
}
