/**
 * The family of apps: what a handler costs that does nothing, that computes, and that never ends, beside
 * `deno serve` with the same module.
 *
 * @module
 */

import { turnsFor } from "../heavy_work.ts";
import { busy } from "../loads/busy.ts";
import { endlessLoops } from "../loads/endless_loops.ts";
import { lightBesideHeavy } from "../loads/light_beside_heavy.ts";
import type { Bar, Scenario } from "../scenario.ts";
import { denoServeApp } from "../servers/deno_serve_app.ts";
import { type Checkout, skeinApp } from "../servers/skein.ts";
import { connectionCounts } from "./small_page.ts";
import { work } from "../../apps/computing.ts";

const apps = `${import.meta.dirname}/../../apps`;
const computingApp = `${apps}/computing.ts`;
const postScript = `${import.meta.dirname}/../programs/post.lua`;

/** The scenarios of this family. */
export function appScenarios(checkouts: readonly Checkout[]): Scenario[] {
  return [
    ...connectionCounts.map(hello("plain", "a single function", "hello.ts")),
    ...connectionCounts.map(
      hello("Hono", "Hono with one route", "hello_hono.ts"),
    ),
    json,
    computing,
    lightRequests,
    loops,
  ].map((each) => each(checkouts));
}

type Family = (checkouts: readonly Checkout[]) => Scenario;

function hello(
  kind: string,
  what: string,
  file: string,
): (connections: keyof typeof shares) => Family {
  const app = `${apps}/${file}`;
  const expected = { kind: "text" as const, text: "Hello!" };
  return (connections) => (checkouts) => ({
    name: `app ${kind}${connections === 64 ? "" : `, ${connections}`}`,
    what:
      `An app that is ${what} and says hello, to ${connections} connections`,
    servers: [
      ...checkouts.map((each) => skeinApp(each, app)),
      ...denoServeApp(app),
    ],
    prepare: () => fetchImports(app),
    load: busy(() => ({ connections, expected })),
    bars: [
      overDenoServe(
        `Skein's requests/s of ${kind} to ${connections}`,
        shares[connections],
      ),
    ],
  });
}

/** What is meant to be reached of `deno serve`, by the number of connections. */
const shares = { 8: 0.4, 64: 0.6, 256: 0.6, 1000: 0.55 };

/** About 1 KiB of it. */
const numbers = Array.from({ length: 256 }, (_, index) => index);

function json(checkouts: readonly Checkout[]): Scenario {
  const app = `${apps}/json.ts`;
  const content = JSON.stringify({ numbers });
  const sum = numbers.reduce((sum, each) => sum + each, 0);
  return {
    name: "app JSON",
    what:
      "An app that reads 1 KiB of JSON and answers with some, to 64 connections",
    servers: [
      ...checkouts.map((each) => skeinApp(each, app)),
      ...denoServeApp(app),
    ],
    prepare: noFiles,
    load: busy(() => ({
      connections: 64,
      content,
      script: { file: postScript, args: [content] },
      expected: { kind: "text", text: JSON.stringify({ sum }) },
    })),
    bars: [],
  };
}

function computing(checkouts: readonly Checkout[]): Scenario {
  return {
    name: "app computing",
    what: "An app that computes for 20 ms, to 16 connections",
    servers: [
      ...checkouts.map((each) => skeinApp(each, computingApp)),
      ...denoServeApp(computingApp),
    ],
    prepare: noFiles,
    load: busy(() => ({ connections: 16, ...heavy(20) })),
    bars: [overDenoServe("Skein's requests/s of an app that computes", 1.9)],
  };
}

function lightRequests(checkouts: readonly Checkout[]): Scenario {
  return {
    name: "app light beside heavy",
    what:
      "200 light requests/s, while 2 clients keep the app computing for 200 ms each; 4 workers",
    servers: [
      ...checkouts.map((each) =>
        skeinApp(each, computingApp, "--workers", "4")
      ),
      ...denoServeApp(computingApp),
    ],
    prepare: noFiles,
    load: lightBesideHeavy(() => ({
      heavyClients: 2,
      heavyPath: heavy(200).path,
      ...light,
    })),
    bars: [{
      says: "Skein's p99 of light requests beside heavy ones",
      figure: { server: "skein", column: "p99" },
      limit: { kind: "at most", value: 25 },
    }, {
      says: "that of deno serve, or the heavy ones are none",
      figure: { server: "deno serve", column: "p99" },
      limit: { kind: "at least", value: 150 },
    }],
  };
}

function loops(checkouts: readonly Checkout[]): Scenario {
  return {
    name: "app endless loops",
    what:
      "64 connections, and every 5 s a request that loops for ever, for 5 times --seconds; --timeout 1",
    servers: checkouts.map((each) =>
      skeinApp(each, computingApp, "--timeout", "1")
    ),
    prepare: noFiles,
    load: endlessLoops({ loopPath: "loop", ...light }),
    bars: [{
      says:
        "Skein's requests/s beside endless loops as a share of those without",
      figure: { server: "skein", column: "share" },
      limit: { kind: "at least", value: 0.7 },
    }, {
      says: "the CPU time it takes from 3 s after the last of them on",
      figure: { server: "skein", column: "cpu" },
      limit: { kind: "at most", value: 0.05 },
    }],
  };
}

const light = { lightPath: "light", lightText: "light\n" };

/** A request that computes for `ms`, and the answer that only whoever did the work can give. */
function heavy(ms: number) {
  const turns = turnsFor(ms);
  const expected = { kind: "text" as const, text: `${work(turns)}\n` };
  return { path: `heavy?turns=${turns}`, expected };
}

function overDenoServe(says: string, value: number): Bar {
  return {
    says: `${says} over those of deno serve`,
    figure: { server: "skein", column: "rate" },
    over: { server: "deno serve", column: "rate" },
    limit: { kind: "at least", value },
  };
}

/** Otherwise the first server to start would wait for a download, and be taken for one that does not. */
async function fetchImports(app: string): Promise<void> {
  await new Deno.Command(Deno.execPath(), {
    args: ["cache", "--no-config", app],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
}

function noFiles(): Promise<void> {
  return Promise.resolve();
}
