/**
 * The file server of `@std/http`, where JSR can be reached. It is asked for by no task of this project,
 * so there is no stand-in for it.
 *
 * @module
 */

import { freePort, onPort } from "../ready.ts";
import { Absent, type Server } from "../scenario.ts";

const specifier = "jsr:@std/http@1/file-server";

/** A server that says nothing for so long is out of reach. */
const fetchTimeoutMs = 30_000;

/** `@std/http/file-server` that serves the root's files; it does not compress. */
export const stdFileServer: Server = {
  name: "@std/http",
  async start({ root, children }) {
    if (!await canBeFetched()) throw new Absent("JSR is out of reach");
    const port = freePort();
    const run = [
      Deno.execPath(),
      "run",
      "--no-config",
      "--no-prompt",
      "--allow-net",
      "--allow-read",
      "--allow-sys",
      specifier,
      "--host=127.0.0.1",
      `--port=${port}`,
      root,
    ];
    return onPort(children.spawn(run), port);
  },
};

async function canBeFetched(): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["cache", "--no-config", specifier],
    stdin: "null",
    stdout: "null",
    stderr: "null",
    signal: AbortSignal.timeout(fetchTimeoutMs),
  }).output();
  return success;
}
