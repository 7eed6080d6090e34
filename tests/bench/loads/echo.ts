/**
 * The load of WebSocket clients that send a message as soon as the one before has come back; alone, or
 * beside clients that keep the server computing.
 *
 * @module
 */

import { cpuSecondsIfKnown } from "../process_tree.ts";
import type { Column, Load, Run, Running } from "../scenario.ts";
import { showCount, showMs, showUs } from "../units.ts";
import { runWrk } from "./wrk.ts";

const columns: Column[] = [
  { key: "rate", title: "messages/s", show: showCount, ratio: "to skein" },
  { key: "p99", title: "p99", show: showMs, ratio: "p99 to skein" },
  { key: "p50", title: "p50", show: showMs },
  { key: "cpu", title: "CPU", show: showUs },
];

/** Those beside the clients of sockets. */
export interface HeavyClients {
  clients: number;
  path: string;
}

/** The load of so many clients; `heavy` are asked for once a server runs. */
export function echo(
  clients: number,
  heavy: () => HeavyClients | null = () => null,
): Load {
  return {
    columns,
    async measure(server, run) {
      const beside = heavy();
      const [figures] = await Promise.all([
        talk(server, run, clients, beside === null ? 0 : headStartSeconds),
        beside === null ? null : keepBusy(server, run, beside),
      ]);
      return figures;
    },
  };
}

/** By then a server knows which requests are heavy. */
const headStartSeconds = 2;

async function talk(
  { url, pid }: Running,
  { seconds, warmUpSeconds, children }: Run,
  clients: number,
  afterSeconds: number,
) {
  await new Promise((resolve) => setTimeout(resolve, afterSeconds * 1000));
  const before = cpuSecondsIfKnown(pid);
  const program = `${import.meta.dirname}/../programs/echo_client.ts`;
  const client = children.spawn([
    ...[Deno.execPath(), "run", "--no-config", "--allow-net", program],
    ...[url, clients, warmUpSeconds, seconds].map(String),
  ]);
  const [json] = await client.stdout.waitFor(/\{.*\}/);
  await client.ended;
  const { rate, p50, p99, failed } = JSON.parse(json);
  // The warm-up is not counted apart: it is told as if it were as fast.
  const messages = rate * (seconds + warmUpSeconds);
  const cpu = (cpuSecondsIfKnown(pid) - before) / messages * 1e6;
  return { figures: { rate, p50, p99, cpu }, errors: failed };
}

/** Until the others are done. */
function keepBusy(
  { url }: Running,
  { seconds, warmUpSeconds, children }: Run,
  { clients, path }: HeavyClients,
) {
  const all = headStartSeconds + warmUpSeconds + seconds + 1;
  return runWrk(url, { connections: clients, path }, all, children);
}
