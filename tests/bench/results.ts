/**
 * What was measured, and how it is looked up. Plain data, and written to a file as it is.
 *
 * @module
 */

import type { FigureName, Scenario, WatchedSample } from "./scenario.ts";
import { median } from "./statistics.ts";

/** One scenario with what its servers did. */
export interface Result {
  scenario: Scenario;
  rows: Row[];
}

/** One server of a scenario. */
export interface Row {
  server: string;
  samples: WatchedSample[];
  outcome: Outcome;
}

/** Only `measured` has figures that can be trusted; the others end a server's part in a scenario. */
export type Outcome =
  | { kind: "measured" }
  | { kind: "absent"; why: string }
  | { kind: "failed"; why: string };

/** The row of a server, if the scenario was measured and has it. */
export function findRow(
  results: readonly Result[],
  scenario: string,
  server: string,
): Row | undefined {
  return results.find((result) => result.scenario.name === scenario)?.rows
    .find((row) => row.server === server);
}

/** The median of a column over the rounds; `NaN` if the row has none. */
export function figureOf(row: Row, column: FigureName["column"]): number {
  return median(row.samples.map((sample) => sample.figures[column]));
}

/** The errors of all rounds. */
export function errorsOf(row: Row): number {
  return row.samples.reduce((sum, sample) => sum + sample.errors, 0);
}

/** The share of the machine that others had, as a median; `NaN` if it is not known. */
export function othersOf(row: Row): number {
  return median(row.samples.flatMap(({ others }) => others ?? []));
}

/** Everything that was measured, every round of it, with `about` beside it. */
export function asJson(
  results: readonly Result[],
  about: Record<string, unknown>,
): string {
  const scenarios = results.map(({ scenario, rows }) => ({
    name: scenario.name,
    rows,
  }));
  const deno = Deno.version.deno;
  return JSON.stringify(
    { at: new Date().toISOString(), deno, ...about, scenarios },
    null,
    2,
  ) + "\n";
}
