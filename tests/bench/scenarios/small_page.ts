/**
 * The family of the small page: what a request costs when its answer costs next to nothing, to few and
 * to many connections.
 *
 * @module
 */

import { indexPage } from "../loads/answers.ts";
import { busy } from "../loads/busy.ts";
import { pageBytes, tinyPageBytes, writePage, writeTinyPage } from "../page.ts";
import type { Bar, Scenario } from "../scenario.ts";
import { caddy } from "../servers/caddy.ts";
import { denoServe, perMessage } from "../servers/deno_program.ts";
import { lighttpd } from "../servers/lighttpd.ts";
import { nginx } from "../servers/nginx.ts";
import { type Checkout, skein } from "../servers/skein.ts";

/** The name, for bars of other scenarios that compare with this one. */
export const smallPageName = "small page";

/** The numbers of connections. */
export const connectionCounts = [8, 64, 256, 1000] as const;

type Count = typeof connectionCounts[number];

/** The name of the scenario with so many connections. */
export function smallPageTo(connections: number): string {
  return connections === 64
    ? smallPageName
    : `${smallPageName}, ${connections}`;
}

/** The scenarios of this family. */
export function smallPage(checkouts: readonly Checkout[]): Scenario[] {
  return [
    ...connectionCounts.map((each) => toConnections(each, checkouts)),
    heads("one", checkouts),
    heads("ten", checkouts),
    tinyPage(checkouts),
  ];
}

function toConnections(
  connections: Count,
  checkouts: readonly Checkout[],
): Scenario {
  return {
    name: smallPageTo(connections),
    what:
      `A page of ${pageBytes} bytes to ${connections} connections that keep alive`,
    servers: [
      ...checkouts.map((each) => skein(each)),
      denoServe,
      ...connections === 64 ? [perMessage] : [],
      nginx,
      lighttpd,
      caddy,
    ],
    prepare: writePage,
    load: busy(() => ({ connections, expected: indexPage })),
    bars: bars[connections],
  };
}

function toNginx(column: string, value: number, name: string): Bar {
  return {
    says: `Skein's ${name} over nginx's`,
    figure: { server: "skein", column },
    over: { server: "nginx", column },
    limit: { kind: "at most", value },
  };
}

function toDenoServe(value: number): Bar {
  return {
    says: "Skein's requests/s over those of Deno.serve",
    figure: { server: "skein", column: "rate" },
    over: { server: "Deno.serve", column: "rate" },
    limit: { kind: "at least", value },
  };
}

const cpu = "CPU time of a request";

const bars: Record<Count, Bar[]> = {
  8: [toNginx("cpu", 1, cpu), toDenoServe(1)],
  64: [toNginx("cpu", 1, cpu), toDenoServe(1), {
    says: "Skein's requests/s over those of a message per request",
    figure: { server: "skein", column: "rate" },
    over: { server: "per-message", column: "rate" },
    limit: { kind: "at least", value: 1.8 },
  }],
  256: [toNginx("cpu", 1, cpu), toDenoServe(0.95)],
  1000: [toNginx("cpu", 1.3, cpu), toDenoServe(1), toNginx("p99", 1.5, "p99")],
};

/** A head with more fields has more lines, which cost something: so those of ten clients
 * are compared with that of one of them. */
function heads(
  kind: "one" | "ten",
  checkouts: readonly Checkout[],
): Scenario {
  const file = `${import.meta.dirname}/../programs/heads.lua`;
  const bar: Bar = {
    says: "the CPU time of a request with ten heads in turn over that with one",
    figure: { server: "skein", column: "cpu" },
    over: { scenario: headsName("one"), server: "skein", column: "cpu" },
    limit: { kind: "at most", value: 1.1 },
  };
  return {
    name: headsName(kind),
    what: kind === "one"
      ? "The same to 64 connections, with the fields of a browser"
      : "The same with ten different sets of fields in turn",
    servers: [...checkouts.map((each) => skein(each)), denoServe, nginx],
    prepare: writePage,
    load: busy(() => ({
      ...{ connections: 64, expected: indexPage },
      script: { file, args: [kind] },
    })),
    bars: kind === "ten" ? [bar] : [],
  };
}

function headsName(kind: "one" | "ten"): string {
  return kind === "one"
    ? `${smallPageName}, full head`
    : `${smallPageName}, varied heads`;
}

function tinyPage(checkouts: readonly Checkout[]): Scenario {
  return {
    name: `${smallPageName}, tiny`,
    what: `A page of ${tinyPageBytes} bytes to 64 connections`,
    servers: [...checkouts.map((each) => skein(each)), denoServe, nginx],
    prepare: writeTinyPage,
    load: busy(() => ({ connections: 64, expected: indexPage })),
    bars: [],
  };
}
