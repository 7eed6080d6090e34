/**
 * What `--print-config` prints. Pure.
 *
 * @module
 */

import { options } from "./command_line.ts";
import { allOptions } from "./option_table.ts";
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

function defaultOf(name: string): string {
  const option = allOptions[name];
  if (option?.default === undefined) {
    return option !== undefined && option.takes === undefined
      ? "false"
      : "not set";
  }
  // A platform's variable that is set is a place of its own.
  return option.default.replace(/^\$[A-Z]+, /, "");
}
