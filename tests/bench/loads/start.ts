/**
 * The load of a start: how long it takes from a command to the first answer, and what the server holds
 * in memory when nothing follows.
 *
 * @module
 */

import { residentBytes } from "../process_tree.ts";
import type { Column, Load, Running } from "../scenario.ts";
import { showMiB, showMs } from "../units.ts";
import { checkAnswer, type Expected } from "./answers.ts";

const columns: Column[] = [
  { key: "first", title: "first answer", show: showMs, ratio: "to skein" },
  {
    key: "memory",
    title: "idle memory",
    show: showMiB,
    ratio: "memory to skein",
  },
];

/** By then all threads have started, and the rest of the start is over. */
const settleMs = 2000;

const request = new TextEncoder().encode(
  "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
);

/** The load; the answer to `/` has to be that one. */
export function start(expected: Expected): Load {
  return {
    columns,
    async measure(server, run) {
      await firstBytes(server);
      const first = performance.now() - server.startedAt;
      await checkAnswer(server, run, {}, expected);
      await new Promise((resolve) => setTimeout(resolve, settleMs));
      return { figures: { first, memory: memoryOf(server) }, errors: 0 };
    },
  };
}

/** Without `fetch`, whose own first use takes a while. */
async function firstBytes({ url }: Running): Promise<void> {
  const { hostname, port } = new URL(url);
  using conn = await Deno.connect({ hostname, port: Number(port) });
  await conn.write(request);
  await conn.read(new Uint8Array(1024));
}

function memoryOf({ pid }: Running): number {
  try {
    return residentBytes(pid);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return NaN;
    throw error;
  }
}
