/**
 * The benchmark: starts Skein and what it is measured against, drives them in turn, and prints tables.
 * It owns the command line, the signals and the exit codes: 0 when it measured, whatever came out; 2
 * when it was asked for what it cannot do; 130 when it was interrupted.
 *
 * @module
 */

import { describeRun } from "./about.ts";
import { chart } from "./chart.ts";
import { Children } from "./children.ts";
import { findProgram } from "./installed.ts";
import { type Options, parseOptions, usage } from "./options.ts";
import { progressLine, report } from "./report.ts";
import { asJson, type Result } from "./results.ts";
import { measureAll } from "./rounds.ts";
import type { Scenario } from "./scenario.ts";
import { summaryTable, withTable } from "./summary.ts";
import { allScenarios } from "./scenarios/all.ts";
import { type Checkout, fetchPackages, hasSkein } from "./servers/skein.ts";

const thisCheckout = `${import.meta.dirname}/../..`;
/** What the README shows of a measurement is in this directory, and in itself. */
const shownDirectory = `${import.meta.dirname}/measured`;
const readme = `${thisCheckout}/README.md`;

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: readonly string[]): Promise<number> {
  const options = understand(args);
  if (options === undefined) return 2;
  if (options.help) return say(usage);
  const scenarios = allScenarios(checkouts(options))
    .filter(({ name }) => options.only.test(name));
  if (options.list) return say(scenarios.map(summary).join("\n"));
  const obstacle = await findObstacle(scenarios, options);
  return obstacle === undefined
    ? await measure(scenarios, options)
    : refuse(obstacle);
}

/** Why nothing can be measured. */
async function findObstacle(
  scenarios: readonly Scenario[],
  { only, against }: Options,
): Promise<string | undefined> {
  if (scenarios.length === 0) {
    return `No scenario has a name that matches ${only}`;
  }
  if (await findProgram("wrk") === undefined) {
    return "wrk makes the load and is not installed: apt-get install wrk, or brew install wrk";
  }
  if (against !== undefined && !await hasSkein(against)) {
    return `There is no main.ts in ${against}`;
  }
}

function summary({ name, what }: Scenario): string {
  return `${name}: ${what}`;
}

function understand(args: readonly string[]): Options | undefined {
  try {
    return parseOptions(args);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    refuse(`${error.message}\n\n${usage}`);
  }
}

function say(text: string): number {
  console.log(text);
  return 0;
}

function refuse(text: string): number {
  console.error(text);
  return 2;
}

function checkouts({ against }: Options): Checkout[] {
  const own = { name: "skein", dir: thisCheckout };
  return against === undefined
    ? [own]
    : [own, { name: `skein (${against})`, dir: against }];
}

async function measure(
  scenarios: readonly Scenario[],
  options: Options,
): Promise<number> {
  if (options.against !== undefined) await fetchPackages(options.against);
  // Ended in the opposite order: the processes first, and the signals are caught to the last.
  using interrupt = catchSignals();
  await using workspace = await makeWorkspace();
  await using children = new Children();
  const { signal } = interrupt;
  // Whatever is awaited of the children then fails, and the benchmark comes to its own end.
  signal.addEventListener("abort", () => children[Symbol.asyncDispose]());
  try {
    const session = {
      ...options,
      children,
      dir: workspace.dir,
      signal,
      progress,
    };
    await publish(await measureAll(scenarios, session), options);
    return 0;
  } catch (error) {
    if (signal.aborted) return 130;
    throw error;
  }
}

function progress(
  round: number,
  scenario: Scenario,
  row: Result["rows"][number],
): void {
  console.error(progressLine(round, scenario, row));
}

async function publish(
  results: Result[],
  { rounds, seconds, json, write }: Options,
): Promise<void> {
  const cores = navigator.hardwareConcurrency;
  const times = `${rounds} x ${seconds} s in turn, medians`;
  const about = `${await describeRun()}; ${times}`;
  const tables = report(results);
  console.log(`${about}\n\n${tables}`);
  if (write !== undefined) await writeFiles(write, results, about, tables);
  if (json !== undefined) {
    await Deno.writeTextFile(json, asJson(results, { rounds, seconds, cores }));
  }
}

async function writeFiles(
  dir: string,
  results: readonly Result[],
  about: string,
  tables: string,
): Promise<void> {
  await Deno.mkdir(dir, { recursive: true });
  const summary = summaryTable(results);
  const text =
    `# Results\n\n${about}\n\n${summary}\n\n\`\`\`text\n${tables}\n\`\`\`\n`;
  await Deno.writeTextFile(`${dir}/results.md`, text);
  await Deno.writeTextFile(`${dir}/chart.svg`, chart(results, about));
  if (await Deno.realPath(dir) !== await Deno.realPath(shownDirectory)) return;
  const shown = await Deno.readTextFile(readme);
  await Deno.writeTextFile(readme, withTable(shown, summary));
}

async function makeWorkspace(): Promise<AsyncDisposable & { dir: string }> {
  const dir = await Deno.makeTempDir({ prefix: "skein-bench-" });
  return {
    dir,
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
  };
}

/** Signals that would end the benchmark, as an aborted signal. */
function catchSignals(): Disposable & { signal: AbortSignal } {
  const controller = new AbortController();
  const interrupt = () => controller.abort();
  const names: Deno.Signal[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const name of names) Deno.addSignalListener(name, interrupt);
  const stopCatching = () => {
    for (const name of names) Deno.removeSignalListener(name, interrupt);
  };
  return { signal: controller.signal, [Symbol.dispose]: stopCatching };
}
