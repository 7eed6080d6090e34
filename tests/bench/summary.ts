/**
 * The table of the README: a few scenarios, and what each server does of what Skein
 * does. Pure; it is Markdown as `deno fmt` lays it out, so that it can be written into a
 * file that is checked.
 *
 * @module
 */

import { pageBytes } from "./page.ts";
import {
  errorsOf,
  figureOf,
  findRow,
  type Result,
  type Row,
} from "./results.ts";
import { smallPageName } from "./scenarios/small_page.ts";
import { showMs, showRatio, showUs } from "./units.ts";

/** How a line compares: by requests per second, with the CPU time of one, or by a time. */
type Compared = "rate" | "p99" | "first";

interface Line {
  readonly what: string;
  readonly scenario: string;
  readonly compared: Compared;
}

const heading = "what is asked for";

const lines: readonly Line[] = [
  {
    what: `a page of ${pageBytes} bytes`,
    scenario: smallPageName,
    compared: "rate",
  },
  {
    what: "a page of 10 KiB, compressed",
    scenario: "static page",
    compared: "rate",
  },
  {
    what: "hello from an app (Hono)",
    scenario: "app Hono",
    compared: "rate",
  },
  {
    what: "an app that computes for 20 ms",
    scenario: "app computing",
    compared: "rate",
  },
  {
    what: "light requests beside heavy ones, p99",
    scenario: "app light beside heavy",
    compared: "p99",
  },
  {
    what: "first response of a directory",
    scenario: "start directory",
    compared: "first",
  },
  {
    what: "first response of an app",
    scenario: "start app",
    compared: "first",
  },
];

/** The columns; what `deno serve` is for an app, `Deno.serve` is for a file. */
const columns = [
  { title: "Skein", servers: ["skein"] },
  { title: "nginx", servers: ["nginx"] },
  { title: "Caddy", servers: ["Caddy"] },
  { title: "`deno serve`", servers: ["deno serve", "Deno.serve"] },
] as const;

/** The scenarios that the table is made of. */
export const summedUp: readonly string[] = lines.map(({ scenario }) =>
  scenario
);

/** The table; what was not measured is a dash. */
export function summaryTable(results: readonly Result[]): string {
  return layOut([
    [heading, ...columns.map(({ title }) => title)],
    ...lines.map((line) => [
      line.what,
      ...columns.map(({ servers }) => cell(line, servers, results)),
    ]),
  ]);
}

/**
 * A text with that table in the place of an earlier one.
 *
 * @throws {Error} If it has none.
 */
export function withTable(text: string, table: string): string {
  const earlier = new RegExp(`^\\| ${heading} .*\\n(?:\\|.*\\n)+`, "m");
  if (!earlier.test(text)) throw new Error(`There is no table "${heading}"`);
  return text.replace(earlier, () => `${table}\n`);
}

function cell(
  { scenario, compared }: Line,
  servers: readonly string[],
  results: readonly Result[],
): string {
  const [row] = servers.flatMap((server) =>
    measured(results, scenario, server)
  );
  if (row === undefined) return "–";
  if (errorsOf(row) > 0) return "errors";
  const figure = figureOf(row, compared);
  if (compared !== "rate") return showMs(figure);
  const [skein] = measured(results, scenario, "skein");
  const ratio = skein === undefined ? NaN : figure / figureOf(skein, compared);
  return `${showRatio(ratio)}, ${showUs(figureOf(row, "cpu"))}`;
}

function measured(
  results: readonly Result[],
  scenario: string,
  server: string,
): Row[] {
  const row = findRow(results, scenario, server);
  return row?.outcome.kind === "measured" ? [row] : [];
}

function layOut([head, ...rows]: readonly string[][]): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column].length))
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((text, column) => text.padEnd(widths[column])).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(width));
  return [head, rule, ...rows].map(line).join("\n");
}
