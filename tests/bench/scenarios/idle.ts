/**
 * The family of idle connections: they must cost little.
 *
 * @module
 */

import { idle } from "../loads/idle.ts";
import { writePage } from "../page.ts";
import type { Scenario } from "../scenario.ts";
import { denoServe } from "../servers/deno_program.ts";
import { lighttpd } from "../servers/lighttpd.ts";
import { nginx } from "../servers/nginx.ts";
import { type Checkout, skein } from "../servers/skein.ts";

/** The scenarios of this family. */
export function idleConnections(checkouts: readonly Checkout[]): Scenario[] {
  return [{
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
  }];
}
