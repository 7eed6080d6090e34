/**
 * What `--print-config` prints. Pure.
 *
 * @module
 */

import { options, usage } from "./command_line.ts";
import type { Settings } from "./settings.ts";

/** Every option, its value, and where that is from. */
export function describeSettings({ values, origins }: Settings): string {
  const rows = Object.keys(options).map((name) => {
    const value = values[name];
    if (value === undefined) return [name, defaultOf(name), "default"];
    const given = name === "root" ? "ROOT" : `--${name}`;
    return [name, JSON.stringify(value), origins.get(name) ?? given];
  });
  const widths = [0, 1].map((column) =>
    Math.max(...rows.map((row) => row[column].length))
  );
  return rows.map(([name, value, origin]) =>
    `${name.padEnd(widths[0])}  ${value.padEnd(widths[1])}  ${origin}`
  ).join("\n");
}

/** As the help tells it, in brackets behind the option. */
function defaultOf(name: string): string {
  const [entry = ""] = new RegExp(
    `^ (?: -\\w,|    ) --${name}[ \\n][^]*?(?=\\n {2}-|\\n {6}--)`,
    "m",
  ).exec(`${usage}\n  -`) ?? [];
  const [, text = ""] = /\[([^\]]*)\]/.exec(entry) ?? [];
  return text.replace(/^\$[A-Z]+, /, "") || "none";
}
