/**
 * Caddy where it is installed, with all that it would keep elsewhere in the directory of the start.
 *
 * @module
 */

import { findProgram } from "../installed.ts";
import { freePort, onPort } from "../ready.ts";
import { Absent, type Server } from "../scenario.ts";

/** Caddy that serves the root's files, compressed; it has no brotli. */
export const caddy: Server = {
  name: "Caddy",
  async start({ root, dir, children }) {
    const program = await findProgram("caddy");
    if (program === undefined) throw new Absent("Caddy is not installed");
    const port = freePort();
    await Deno.writeTextFile(`${dir}/Caddyfile`, configuration(root, port));
    const home = ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"]
      .map((name) => `${name}=${dir}`);
    const run = [program, "run", "--config", `${dir}/Caddyfile`];
    return onPort(children.spawn(["env", ...home, ...run]), port);
  },
};

function configuration(root: string, port: number): string {
  return `
{
  admin off
  auto_https off
  log {
    level ERROR
  }
}
http://127.0.0.1:${port} {
  root * ${root}
  encode zstd gzip
  file_server
}
`;
}
