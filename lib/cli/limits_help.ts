/**
 * What `--help limits` prints: every limit, its default and its reason. Pure.
 *
 * @module
 */

import { defaultLimits, type Limits } from "../limits.ts";
import { limitTable, type LimitText } from "./limit_table.ts";
import { headingOf, noBreakSpace, wrap } from "./help_text.ts";

/** @param bold whether headings are to be shown in bold */
export function limitsHelp(bold: boolean): string {
  const limits = Object.entries(limitTable);
  const groups = [...new Set(limits.map(([, { group }]) => group))];
  const sections = groups.map((group) =>
    [
      headingOf(group, bold),
      ...limits.filter(([, limit]) => limit.group === group).map(describe),
    ].join("\n")
  );
  const introduction = wrap(
    "Every limit, with its default and its reason. --limit NAME=N sets one: " +
      `--limit${noBreakSpace}maxBodyBytes=1000000. It may be given several times.`,
    0,
  );
  return [introduction, ...sections].join("\n\n");
}

function describe([name, { is, because, flag }]: [string, LimitText]): string {
  const value = defaultLimits[name as keyof Limits];
  const notes = [inLargerUnit(name, value), flag && `as --${flag}`]
    .filter((note) => note).join(", ");
  return `  ${name}=${value}${notes && `  (${notes})`}\n${
    wrap(`${is} ${because}`, 6)
  }`;
}

/** The unit is at the end of a limit's name. */
function inLargerUnit(name: string, value: number): string {
  if (name.endsWith("Ms") && value >= 1000) return `${value / 1000} s`;
  if (!name.endsWith("Bytes")) return "";
  const kibibytes = value / 1024;
  if (kibibytes < 1) return "";
  return kibibytes < 1024 ? `${kibibytes} KiB` : `${kibibytes / 1024} MiB`;
}
