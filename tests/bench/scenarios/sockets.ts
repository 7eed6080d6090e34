/**
 * The family of WebSockets: what a message costs, and how long it takes beside handlers that compute.
 *
 * @module
 */

import { turnsFor } from "../heavy_work.ts";
import { echo } from "../loads/echo.ts";
import type { Scenario } from "../scenario.ts";
import { denoServeApp } from "../servers/deno_serve_app.ts";
import { type Checkout, skeinApp } from "../servers/skein.ts";

const app = `${import.meta.dirname}/../../apps/computing.ts`;
const heavyMs = 200;

/** The scenarios of this family. */
export function sockets(checkouts: readonly Checkout[]): Scenario[] {
  const servers = [
    ...checkouts.map((each) => skeinApp(each, app)),
    ...denoServeApp(app),
  ];
  const prepare = () => Promise.resolve();
  const rate = { column: "rate" };
  const p99 = { column: "p99" };
  return [
    {
      name: "WebSocket echo",
      what: "Messages of 32 bytes that come back, to 100 clients",
      ...{ servers, prepare },
      load: echo(100),
      bars: [{
        says: "Skein's messages/s over those of deno serve",
        figure: { server: "skein", ...rate },
        over: { server: "deno serve", ...rate },
        limit: { kind: "at least", value: 0.5 },
      }],
    },
    {
      name: "WebSocket echo beside heavy",
      what:
        `The same, while two clients keep the app computing for ${heavyMs} ms each`,
      ...{ servers, prepare },
      load: echo(100, () => ({
        clients: 2,
        path: `heavy?turns=${turnsFor(heavyMs)}`,
      })),
      bars: [{
        says: "Skein's p99 of an echo beside heavy over that of deno serve",
        figure: { server: "skein", ...p99 },
        over: { server: "deno serve", ...p99 },
        limit: { kind: "at most", value: 0.1 },
      }],
    },
  ];
}
