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

const openedAll = /still open: (\d+)\s/;
const warmUpConnections = 500;
// A server without a collected heap is below it.
const leastHeapBytes = 50 * 1024 * 1024;
// V8 takes 25 to 30 s to find that nothing goes on.
const maxCollectionMs = 40_000;

const columns: Column[] = [
  { key: "bytes", title: "per connection", show: showBytes, ratio: "to skein" },
];

/** The load of `connections` that have had one answer each, and wait. */
export function idle(connections: number): Load {
  return {
    columns,
    async measure(server, run) {
      const before = await memoryAfterWarmUp(server, run);
      const opener = open(server, connections, run);
      const [, stillOpen] = await opener.stdout.waitFor(openedAll);
      const after = await memoryAfterCollection(server, before);
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

/** The first requests cost memory that no later connection costs again. They are few,
 * for many would leave garbage behind that the connections could hide in. */
async function memoryAfterWarmUp(server: Running, run: Run): Promise<number> {
  const opener = open(server, warmUpConnections, run);
  await opener.stdout.waitFor(openedAll);
  await opener.stop();
  return memory(server);
}

/** What stays: the answers leave garbage in a heap, which is collected when it has
 * been idle for long. */
async function memoryAfterCollection(
  server: Running,
  before: number,
): Promise<number> {
  const most = memory(server);
  const deadline = performance.now() + maxCollectionMs;
  while (
    before > leastHeapBytes && memory(server) > most * 0.95 &&
    performance.now() < deadline
  ) await new Promise((resolve) => setTimeout(resolve, 500));
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
