/**
 * The load of connections that do nothing: what each of them costs the server in memory.
 *
 * @module
 */

import { residentBytes } from "../process_tree.ts";
import {
  Absent,
  type Column,
  type Load,
  type Run,
  type Running,
} from "../scenario.ts";
import { showBytes } from "../units.ts";
import { warmUpSeconds } from "./warm_up.ts";
import { runWrk } from "./wrk.ts";

/** The first requests cost memory that no later connection costs again. */
const warmUp = { connections: 64 };

const idleSeconds = 20;

const columns: Column[] = [
  { key: "bytes", title: "per connection", show: showBytes },
];

/** The load of `connections` that have had one answer each, and wait. */
export function idle(connections: number): Load {
  return {
    columns,
    async measure(server, run) {
      await runWrk(server.url, warmUp, warmUpSeconds, run.children);
      const before = await settledMemory(server);
      const opener = open(server, connections, run);
      const [, stillOpen] = await opener.stdout.waitFor(/still open: (\d+)\s/);
      const after = await settledMemory(server);
      await opener.stop();
      return {
        figures: { bytes: (after - before) / connections },
        errors: connections - Number(stillOpen),
      };
    },
  };
}

function open(server: Running, connections: number, run: Run) {
  const program = `${import.meta.dirname}/../programs/idle_opener.ts`;
  const command = [
    Deno.execPath(),
    "run",
    "--no-config",
    "--allow-net",
    program,
  ];
  return run.children.spawn([...command, server.url, String(connections)]);
}

/** What stays: a heap that has just been busy holds garbage, some 50 MB of it, until it
 * has been idle for about ten seconds. */
async function settledMemory(server: Running): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, idleSeconds * 1000));
  return memory(server);
}

function memory(server: Running): number {
  try {
    return residentBytes(server.pid);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Absent("memory is read from /proc, which only Linux has");
  }
}
