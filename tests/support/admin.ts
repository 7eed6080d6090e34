/**
 * The admin listener of a server that runs as a process of its own.
 */

import type { ChildServer } from "./child_server.ts";
import { ask, type Reachable } from "./clients.ts";
import { RawClient } from "./test_server.ts";

/** What it says. */
export interface AdminListener extends Reachable {
  readonly url: string;
  /** The status code of what is under that path. */
  status(path: string): Promise<number>;
  /** All of its `/status.json`. */
  // deno-lint-ignore no-explicit-any
  json(): Promise<any>;
  /** The number behind the beginning of a line of `/metrics`. */
  metric(line: string): Promise<number>;
}

/** Finds where it listens: on a port of this machine. */
export async function adminOf(server: ChildServer): Promise<AdminListener> {
  const [, port] = await server.stdout.waitFor(
    /metrics are on http:\/\/127\.0\.0\.1:([0-9]+)\/\n/,
  );
  const connect = async () =>
    new RawClient(
      await Deno.connect({ hostname: "127.0.0.1", port: Number(port) }),
    );
  return {
    connect,
    url: `http://127.0.0.1:${port}`,
    async status(path) {
      return (await ask({ connect }, path)).status;
    },
    async json() {
      return JSON.parse((await ask({ connect }, "/status.json")).body);
    },
    async metric(line) {
      const { body } = await ask({ connect }, "/metrics");
      const found = body.split("\n").find((each) => each.startsWith(line));
      return Number(found?.slice(line.length) ?? NaN);
    },
  };
}
