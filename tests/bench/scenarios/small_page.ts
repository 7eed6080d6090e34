/**
 * The family of the small page: what a request costs when its answer costs next to nothing.
 *
 * @module
 */

import { indexPage } from "../loads/answers.ts";
import { busy } from "../loads/busy.ts";
import { writePage } from "../page.ts";
import type { Scenario } from "../scenario.ts";
import { denoServe, perMessage } from "../servers/deno_program.ts";
import { lighttpd } from "../servers/lighttpd.ts";
import { nginx } from "../servers/nginx.ts";
import { type Checkout, skein } from "../servers/skein.ts";

/** The name, for bars of other scenarios that compare with this one. */
export const smallPageName = "small page";

/** The scenarios of this family. */
export function smallPage(checkouts: readonly Checkout[]): Scenario[] {
  return [{
    name: smallPageName,
    what: "A page of 250 bytes to 64 connections that keep alive",
    servers: [
      ...checkouts.map((each) => skein(each)),
      denoServe,
      perMessage,
      nginx,
      lighttpd,
    ],
    prepare: writePage,
    load: busy(() => ({ connections: 64, expected: indexPage })),
    bars: [
      {
        says: "Skein's requests/s as a share of Deno.serve's",
        figure: { server: "skein", column: "rate" },
        over: { server: "Deno.serve", column: "rate" },
        limit: { kind: "at least", value: 0.55 },
      },
      {
        says: "Skein's requests/s over those of a message per request",
        figure: { server: "skein", column: "rate" },
        over: { server: "per-message", column: "rate" },
        limit: { kind: "at least", value: 1.8 },
      },
    ],
  }];
}
