/**
 * Baselines that are Deno programs of this benchmark: they take the page's file and its media type,
 * listen on any port and print the URL.
 *
 * @module
 */

import { pageType } from "../page.ts";
import { onPrintedUrl } from "../ready.ts";
import type { Server } from "../scenario.ts";
import { certFile, keyFile } from "../secure.ts";

/** `Deno.serve` with a fixed answer: the most that a server in Deno could reach. */
export const denoServe: Server = denoProgram("Deno.serve", "deno_serve.ts");

/** The same over TLS. */
export const denoServeTls: Server = denoProgram(
  "Deno.serve",
  "deno_serve.ts",
  certFile,
  keyFile,
);

/** A pool of workers with a message per request: what Skein's batches are measured against. */
export const perMessage: Server = denoProgram("per-message", "per_message.ts");

function denoProgram(
  name: string,
  file: string,
  ...more: string[]
): Server {
  const program = `${import.meta.dirname}/../programs/${file}`;
  const run = [
    Deno.execPath(),
    "run",
    "--no-config",
    "--allow-net",
    "--allow-read",
    program,
  ];
  return {
    name,
    start: ({ root, children }) =>
      onPrintedUrl(
        children.spawn([...run, `${root}/index.html`, pageType, ...more]),
      ),
  };
}
