/**
 * Holds the bars against the results. Pure.
 *
 * @module
 */

import {
  errorsOf,
  figureOf,
  findRow,
  othersOf,
  type Result,
} from "./results.ts";
import type { Bar, FigureName } from "./scenario.ts";
import { showRatio, showShare } from "./units.ts";

/** What came of one bar. */
export interface Judgement {
  says: string;
  verdict: "holds" | "falls short" | "not measured";
  /** The measured figure for people, or why there is none. */
  measured: string;
  /** The limit for people. */
  limit: string;
}

type Figure =
  | { kind: "measured"; value: number; errors: number; others: number }
  | { kind: "missing"; why: string };

/** The judgements of all bars of the scenarios that were measured, in their order. */
export function judgeBars(results: readonly Result[]): Judgement[] {
  return results.flatMap((result) =>
    result.scenario.bars.map((bar) => judge(bar, result, results))
  );
}

function judge(bar: Bar, own: Result, results: readonly Result[]): Judgement {
  const { says } = bar;
  const show = showerOf(bar, own);
  const limit = `${bar.limit.kind} ${show(bar.limit.value)}`;
  const figure = barFigure(bar, own, results);
  if (figure.kind === "missing") {
    return { says, verdict: "not measured", measured: figure.why, limit };
  }
  // Answers that never came, or came wrong, cost a server little: with errors no speed counts.
  const holds = figure.errors === 0 && isWithin(figure.value, bar.limit);
  return {
    says,
    verdict: holds ? "holds" : "falls short",
    measured: show(figure.value) + reservations(figure),
    limit,
  };
}

/** Past this share of the machine, what others do there moves a figure more than most changes do. */
const busyShare = 0.1;

function reservations({ errors, others }: Figure & { kind: "measured" }) {
  const wrong = errors === 0 ? "" : `, with ${errors} errors`;
  const busy = others > busyShare ? `, ${showShare(others)} busy` : "";
  return wrong + busy;
}

function showerOf(bar: Bar, own: Result): (value: number) => string {
  if (bar.over !== undefined) return showRatio;
  const column = own.scenario.load.columns.find(({ key }) =>
    key === bar.figure.column
  );
  return column?.show ?? String;
}

function barFigure(bar: Bar, own: Result, results: readonly Result[]): Figure {
  const figure = find(bar.figure, own, results);
  if (bar.over === undefined || figure.kind === "missing") return figure;
  const over = find(bar.over, own, results);
  if (over.kind === "missing") return over;
  return {
    ...figure,
    value: figure.value / over.value,
    errors: figure.errors + over.errors,
    others: Math.max(figure.others, over.others),
  };
}

function find(
  name: FigureName,
  own: Result,
  results: readonly Result[],
): Figure {
  const scenario = name.scenario ?? own.scenario.name;
  const row = findRow(results, scenario, name.server);
  if (row === undefined) {
    return { kind: "missing", why: `needs ${name.server} of "${scenario}"` };
  }
  if (row.outcome.kind !== "measured") {
    return { kind: "missing", why: `${name.server} ${row.outcome.kind}` };
  }
  return {
    kind: "measured",
    value: figureOf(row, name.column),
    errors: errorsOf(row),
    others: othersOf(row),
  };
}

function isWithin(value: number, limit: Bar["limit"]): boolean {
  return limit.kind === "at least"
    ? value >= limit.value
    : value <= limit.value;
}
