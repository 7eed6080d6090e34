/**
 * What `--help` prints. Pure: whether a terminal can show bold text
 * is for the caller to know.
 *
 * @module
 */

import { allOptions, groups, type Option } from "./option_table.ts";

const width = 80;
const textColumn = 25;

const introduction =
  `Skein serves a directory, and apps, with a pool of worker threads.

Usage: skein [options] [ROOT]

${
    wrap(
      "ROOT is the directory to serve. Without ROOT and --app, Skein serves its own hello page. Every option " +
        "may also stand in a variable (SKEIN_MAX_HEAP=256), or in skein.json " +
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
  ["skein --print-config", "the options that hold, and where each is from"],
  ["README.md", "all of this at length, and Skein in production"],
] as const;

/** @param bold whether headings are to be shown in bold */
export function help(bold: boolean): string {
  const heading = (text: string) => bold ? `\x1b[1m${text}\x1b[22m` : text;
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
    (fallback === undefined ? "" : ` [${fallback.replaceAll(" ", "\0")}]`);
  const wrapped = wrap(text, textColumn);
  return flag.length < textColumn - 1
    ? flag + wrapped.slice(flag.length)
    : `${flag}\n${wrapped}`;
}

function columns([left, right]: readonly [string, string]): string {
  return `  ${left.padEnd(right === "" ? 0 : 30)}${right}`;
}

/** Breaks a text into lines that begin at a column. */
function wrap(text: string, column: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (column + longer.length <= width) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line]
    .map((each) => " ".repeat(column) + each.replaceAll("\0", " "))
    .join("\n");
}
