/**
 * The status of a server as plain data: what `/status.json` says and the status page
 * shows. Pure.
 *
 * @module
 */

import type { Inspection } from "../skein.ts";
import type { Moment } from "./latency_window.ts";
import { activeRequests, type ProcessFigures } from "./metrics.ts";
import type { Traffic } from "./traffic.ts";

/** What a status is made of. */
export interface StatusSource {
  readonly version: string;
  readonly inspection: Inspection;
  readonly traffic: Traffic;
  readonly process: ProcessFigures;
  /** Lines of the access log that were lost. */
  readonly droppedLines: number;
  /** Why the server is not ready; `null` where it is. */
  readonly notReady: string | null;
}

/** A request that is under way. */
export interface LongRequest {
  readonly request: string;
  readonly forMs: number;
  readonly worker: number | null;
}

/** The status at one moment. */
export interface Status {
  readonly version: string;
  readonly startedAt: string;
  readonly now: string;
  readonly state: Inspection["state"];
  readonly why: string | null;
  readonly connections: Inspection["connections"];
  readonly queue: {
    readonly length: number;
    readonly limit: number;
    readonly oldestMs: number;
  };
  readonly workers: Inspection["workers"];
  readonly replacements: readonly {
    readonly at: string;
    readonly why: string;
  }[];
  readonly lostThreads: number;
  readonly reloads: number;
  readonly requests: {
    readonly total: number;
    readonly active: number;
    readonly perSecond: number;
    readonly p50Ms: number;
    readonly p90Ms: number;
    readonly p99Ms: number;
    readonly statuses: Readonly<Record<string, number>>;
    readonly rejected: Readonly<Record<string, number>>;
  };
  readonly longest: readonly LongRequest[];
  readonly routes: Inspection["routes"];
  readonly history: readonly Moment[];
  readonly process: {
    readonly rssBytes: number;
    readonly eventLoopDelayMs: number;
  };
  readonly log: { readonly dropped: number };
}

const maxLongest = 10;

/** The status at this moment. */
export function statusOf(source: StatusSource): Status {
  const { inspection, traffic, process, notReady } = source;
  const { queue, recentReplacements, connections, rejected } = inspection;
  return {
    version: source.version,
    startedAt: new Date(process.startedAt).toISOString(),
    now: new Date().toISOString(),
    state: notReady === null || inspection.state !== "ready"
      ? inspection.state
      : "draining",
    why: notReady,
    connections,
    queue: {
      length: queue.length,
      limit: queue.limit,
      oldestMs: queue.oldestMs,
    },
    workers: inspection.workers,
    replacements: recentReplacements.map(({ at, why }) => ({
      at: new Date(at).toISOString(),
      why,
    })),
    lostThreads: inspection.lostThreads,
    reloads: inspection.reloads,
    requests: {
      total: traffic.total,
      active: activeRequests(inspection),
      ...traffic.recent.latency,
      statuses: traffic.statuses,
      rejected: {
        ...Object.fromEntries(rejected),
        ...(connections.turnedAway > 0
          ? { too_many_connections: connections.turnedAway }
          : {}),
      },
    },
    longest: longestOf(inspection),
    routes: inspection.routes,
    history: traffic.recent.history,
    process: {
      rssBytes: process.rssBytes,
      eventLoopDelayMs: process.eventLoopDelayMs,
    },
    log: { dropped: source.droppedLines },
  };
}

function longestOf({ workers }: Inspection): LongRequest[] {
  return workers
    .flatMap(({ id, running }) =>
      running.map((each) => ({ ...each, worker: id }))
    )
    .sort((a, b) => b.forMs - a.forMs)
    .slice(0, maxLongest);
}
