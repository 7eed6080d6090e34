/**
 * `deno serve` with an app: what Skein's `--app` is measured against, running the very same module.
 *
 * @module
 */

import { onPrintedUrl } from "../ready.ts";
import type { Server } from "../scenario.ts";

/** As many threads as Skein has workers by default, on the machine that the bars are for. */
const threads = 2;

/** `deno serve` on one thread, and on two, each with the module `app`. */
export function denoServeApp(app: string): Server[] {
  return [
    denoServe("deno serve", app),
    denoServe("deno serve --parallel", app, "--parallel"),
  ];
}

function denoServe(name: string, app: string, ...options: string[]): Server {
  const environment = ["env", "NO_COLOR=1", `DENO_JOBS=${threads}`];
  const command = [
    Deno.execPath(),
    "serve",
    "--no-config",
    "--no-prompt",
    "--allow-net",
    "--allow-read",
    "--host=127.0.0.1",
    "--port=0",
    ...options,
    app,
  ];
  return {
    name,
    start: ({ children }) =>
      onPrintedUrl(children.spawn([...environment, ...command])),
  };
}
