/**
 * The family of many connections: busy ones must share the server fairly, and idle ones must cost
 * little.
 *
 * @module
 */

import { indexPage } from "../loads/answers.ts";
import { busy } from "../loads/busy.ts";
import { idle } from "../loads/idle.ts";
import { writePage } from "../page.ts";
import type { Bar, Scenario } from "../scenario.ts";
import { denoServe } from "../servers/deno_program.ts";
import { lighttpd } from "../servers/lighttpd.ts";
import { nginx } from "../servers/nginx.ts";
import { type Checkout, skein } from "../servers/skein.ts";
import { smallPageName } from "./small_page.ts";

/** The scenarios of this family. */
export function connections(checkouts: readonly Checkout[]): Scenario[] {
  return [busyConnections(checkouts), idleConnections(checkouts)];
}

function busyConnections(checkouts: readonly Checkout[]): Scenario {
  return {
    name: "1000 connections",
    what:
      "The small page to 1000 busy connections: a server that favours some of them shows in p99",
    servers: [...checkouts.map((each) => skein(each)), denoServe, nginx],
    prepare: writePage,
    load: busy(() => ({ connections: 1000, expected: indexPage })),
    bars: busyBars,
  };
}

const busyBars: Bar[] = [
  {
    says: "Skein's requests/s at 1000 connections as a share of its own at 64",
    figure: { server: "skein", column: "rate" },
    over: { scenario: smallPageName, server: "skein", column: "rate" },
    limit: { kind: "at least", value: 0.7 },
  },
  {
    says: "Skein's p99 at 1000 connections",
    figure: { server: "skein", column: "p99" },
    limit: { kind: "at most", value: 100 },
  },
];

function idleConnections(checkouts: readonly Checkout[]): Scenario {
  return {
    name: "idle connections",
    what:
      "The memory that 5000 connections cost which had one answer each and stay open",
    servers: [
      ...checkouts.map((each) => skein(each)),
      denoServe,
      nginx,
      lighttpd,
    ],
    prepare: writePage,
    load: idle(5000),
    bars: [{
      says: "Skein's memory per idle connection",
      figure: { server: "skein", column: "bytes" },
      limit: { kind: "at most", value: 10_000 },
    }],
  };
}
