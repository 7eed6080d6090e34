/**
 * Measures in rounds: every server of every scenario once, then all of them again. What else the
 * machine does meanwhile hits them all alike, where one long run of each would hit just one.
 *
 * @module
 */

import type { Children } from "./children.ts";
import type { Outcome, Result, Row } from "./results.ts";
import { watchOthers } from "./machine.ts";
import {
  Absent,
  type Scenario,
  type Server,
  type WatchedSample,
} from "./scenario.ts";

/** What a measurement needs besides its scenarios. */
export interface Session {
  rounds: number;
  seconds: number;
  warmUpSeconds: number;
  children: Children;
  /** A directory that everything is written into. */
  dir: string;
  /** Aborted when the benchmark is to end early. */
  signal: AbortSignal;
  /** Is told of every sample, so that somebody who waits sees that it goes on. */
  progress(round: number, scenario: Scenario, row: Row): void;
}

/** Measures `scenarios`, one server at a time, each started anew in each round. */
export async function measureAll(
  scenarios: readonly Scenario[],
  session: Session,
): Promise<Result[]> {
  const results = scenarios.map((scenario) => ({
    scenario,
    rows: scenario.servers.map(emptyRow),
  }));
  for (const [index, { scenario }] of results.entries()) {
    await Deno.mkdir(rootOf(index, session));
    await scenario.prepare(rootOf(index, session));
  }
  for (let round = 1; round <= session.rounds; round++) {
    for (const [index, result] of results.entries()) {
      await measureRound(round, result, rootOf(index, session), session);
    }
  }
  return results;
}

function emptyRow(server: Server): Row {
  return { server: server.name, samples: [], outcome: { kind: "measured" } };
}

function rootOf(index: number, session: Session): string {
  return `${session.dir}/root-${index}`;
}

async function measureRound(
  round: number,
  result: Result,
  root: string,
  session: Session,
) {
  for (const [index, server] of result.scenario.servers.entries()) {
    const row = result.rows[index];
    // What could not be measured once is not tried again: it would fail the same way, slowly.
    if (row.outcome.kind !== "measured") continue;
    await measureRow(row, server, result.scenario, root, session);
    session.progress(round, result.scenario, row);
  }
}

async function measureRow(
  row: Row,
  server: Server,
  scenario: Scenario,
  root: string,
  session: Session,
): Promise<void> {
  session.signal.throwIfAborted();
  try {
    row.samples.push(await measureOnce(server, scenario, root, session));
  } catch (error) {
    // A server that was ended because the benchmark ends has not failed.
    session.signal.throwIfAborted();
    row.outcome = outcomeOf(error);
  }
}

async function measureOnce(
  server: Server,
  scenario: Scenario,
  root: string,
  { seconds, warmUpSeconds, children, dir }: Session,
): Promise<WatchedSample> {
  const ownDir = await Deno.makeTempDir({ dir });
  const running = await server.start({ root, dir: ownDir, children });
  try {
    const others = watchOthers();
    const run = { root, seconds, warmUpSeconds, children };
    const sample = await scenario.load.measure(running, run);
    return { ...sample, others: others() };
  } finally {
    await running.stop();
  }
}

function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof Error)) throw error;
  return {
    kind: error instanceof Absent ? "absent" : "failed",
    why: error.message,
  };
}
