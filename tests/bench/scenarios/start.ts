/**
 * The family of starts: what a user waits for, and what an idle server costs.
 *
 * @module
 */

import { indexPage } from "../loads/answers.ts";
import { start } from "../loads/start.ts";
import { writePage } from "../page.ts";
import type { Bar, Scenario } from "../scenario.ts";
import { caddy } from "../servers/caddy.ts";
import { denoServe } from "../servers/deno_program.ts";
import { denoServeApp } from "../servers/deno_serve_app.ts";
import { nginx } from "../servers/nginx.ts";
import { type Checkout, skein, skeinApp } from "../servers/skein.ts";

const app = `${import.meta.dirname}/../../apps/hello.ts`;

/** The scenarios of this family. */
export function starts(checkouts: readonly Checkout[]): Scenario[] {
  return [{
    name: "start directory",
    what:
      "From the command to the first answer, and the memory of an idle server",
    servers: [
      ...checkouts.map((each) => skein(each)),
      denoServe,
      nginx,
      caddy,
    ],
    prepare: writePage,
    load: start(indexPage),
    bars: [soon("Deno.serve")],
  }, {
    name: "start app",
    what: "The same with an app",
    servers: [
      ...checkouts.map((each) => skeinApp(each, app)),
      denoServeApp(app)[0],
    ],
    prepare: () => Promise.resolve(),
    load: start({ kind: "text", text: "Hello!" }),
    bars: [soon("deno serve")],
  }];
}

function soon(server: string): Bar {
  return {
    says: `Skein's first answer over that of ${server}`,
    figure: { server: "skein", column: "first" },
    over: { server, column: "first" },
    limit: { kind: "at most", value: 1.6 },
  };
}
