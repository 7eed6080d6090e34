/**
 * The family of TLS: what a request over it costs, and a handshake.
 *
 * @module
 */

import { indexPage } from "../loads/answers.ts";
import { busy } from "../loads/busy.ts";
import { pageBytes, writePage } from "../page.ts";
import type { Bar, Scenario } from "../scenario.ts";
import { certFile, keyFile } from "../secure.ts";
import { denoServeTls } from "../servers/deno_program.ts";
import { type Checkout, skein } from "../servers/skein.ts";

/** The scenarios of this family. */
export function secure(checkouts: readonly Checkout[]): Scenario[] {
  const servers = [
    ...checkouts.map((each) =>
      skein(each, (root) => [
        ...[root, "--tls-cert", certFile, "--tls-key", keyFile],
      ])
    ),
    denoServeTls,
  ];
  return [
    {
      name: "TLS page",
      what:
        `A page of ${pageBytes} bytes over TLS, to 64 connections that keep alive`,
      servers,
      prepare: writePage,
      load: busy(() => ({ connections: 64, expected: indexPage })),
      bars: [toDenoServe("requests/s over TLS", 0.6)],
    },
    {
      name: "TLS handshakes",
      what:
        "The same page, for which each of 16 clients connects anew: a whole handshake each",
      servers,
      prepare: writePage,
      load: busy(() => ({
        connections: 16,
        headers: { connection: "close" },
        expected: indexPage,
      })),
      bars: [toDenoServe("handshakes/s", 0.7)],
    },
  ];
}

function toDenoServe(what: string, value: number): Bar {
  return {
    says: `Skein's ${what} over those of Deno.serve`,
    figure: { server: "skein", column: "rate" },
    over: { server: "Deno.serve", column: "rate" },
    limit: { kind: "at least", value },
  };
}
