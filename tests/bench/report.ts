/**
 * Turns results into what people read: a table per scenario, and the bars. Pure.
 *
 * @module
 */

import { judgeBars } from "./bars.ts";
import {
  errorsOf,
  figureOf,
  othersOf,
  type Result,
  type Row,
} from "./results.ts";
import { spread } from "./statistics.ts";
import { layOut } from "./table.ts";
import { showCount, showRatio, showShare } from "./units.ts";

/** The row that the others are compared with. */
const reference = "skein";

/** The whole report. */
export function report(results: readonly Result[]): string {
  return [...results.map(scenarioTable), barList(results)].join("\n\n");
}

/** The table of one scenario. */
export function scenarioTable({ scenario, rows }: Result): string {
  const { columns } = scenario.load;
  const heading = [
    "server",
    ...columns.map(({ title }) => title),
    "spread",
    "errors",
    "others' CPU",
    ...columns.flatMap(({ ratio }) => ratio ?? []),
  ];
  const cells = rows.map((row) => rowCells(row, rows, columns));
  return [`${scenario.name}: ${scenario.what}`, "", ...layOut(heading, cells)]
    .join("\n");
}

type Columns = Result["scenario"]["load"]["columns"];

function rowCells(row: Row, rows: readonly Row[], columns: Columns): string[] {
  if (row.outcome.kind !== "measured") {
    return [row.server, `${row.outcome.kind}: ${row.outcome.why}`];
  }
  const [{ key }] = columns;
  return [
    row.server,
    ...columns.map((column) => column.show(figureOf(row, column.key))),
    showShare(spread(row.samples.map(({ figures }) => figures[key]))),
    errorsOf(row) === 0 ? "none" : `${showCount(errorsOf(row))} !`,
    Number.isNaN(othersOf(row)) ? "-" : showShare(othersOf(row)),
    ...columns.filter(({ ratio }) => ratio !== undefined)
      .map(({ key }) => ratio(row, rows, key)),
  ];
}

function ratio(row: Row, rows: readonly Row[], column: string): string {
  const skein = rows.find(({ server }) => server === reference);
  if (skein === undefined || skein.outcome.kind !== "measured") return "-";
  const value = figureOf(row, column) / figureOf(skein, column);
  return Number.isNaN(value) ? "-" : showRatio(value);
}

function barList(results: readonly Result[]): string {
  const heading = ["bar", "measured", "limit", ""];
  const rows = judgeBars(results)
    .map((
      { says, measured, limit, verdict },
    ) => [says, measured, limit, verdict]);
  return layOut(heading, rows).join("\n");
}

/** One line about the newest sample of a row. */
export function progressLine(
  round: number,
  scenario: Result["scenario"],
  row: Row,
): string {
  const start = `round ${round}, ${scenario.name}, ${row.server}: `;
  if (row.outcome.kind !== "measured") return start + row.outcome.kind;
  const figures = row.samples.at(-1)?.figures ?? {};
  return start + scenario.load.columns
    .map(({ key, title, show }) => `${title} ${show(figures[key])}`).join(", ");
}
