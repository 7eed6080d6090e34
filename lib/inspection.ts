/**
 * What a running Skein tells of itself, as one plain value: what a status page and
 * metrics are made of. Must not know how it is shown.
 *
 * @module
 */

import type { Histogram } from "./histogram.ts";
import type { Pool } from "./pool/pool.ts";
import type {
  RejectionReason,
  Replacement,
  ReplacementReason,
} from "./pool/records.ts";
import type { WorkerHandle } from "./pool/worker_handle.ts";

export type { RejectionReason, Replacement, ReplacementReason };

/** A request that is being handled. */
export interface RunningRequest {
  /** Method and path; a query may hold secrets. */
  readonly request: string;
  /** Since its worker has it. */
  readonly forMs: number;
}

/** One worker. */
export interface WorkerInspection {
  /** Grows from worker to worker. */
  readonly id: number;
  /** `retiring`: it gets no more requests. */
  readonly state: "booting" | "ready" | "retiring";
  /** Since its thread was started. */
  readonly ageMs: number;
  /** Requests that it was given so far. */
  readonly jobs: number;
  /** Memory that it uses, as it last told. */
  readonly heapBytes: number;
  /** Requests that it has. */
  readonly inFlight: number;
  /** How long its batch runs; `null` where it has none. */
  readonly busyForMs: number | null;
  /** Some of its requests, the longest first. */
  readonly running: readonly RunningRequest[];
}

/** What the requests of a route cost. */
export interface RouteInspection {
  /** A path, with its method where that is not GET. */
  readonly route: string;
  /** Requests that were measured. */
  readonly jobs: number;
  /** Milliseconds of its worker, on average. */
  readonly meanMs: number;
  /** Whether its requests go to a worker alone. */
  readonly heavy: boolean;
}

/** A running Skein at one moment. */
export interface Inspection {
  /** `unavailable`: no worker can serve. */
  readonly state: "ready" | "draining" | "unavailable";
  /** Of clients. */
  readonly connections: {
    readonly total: number;
    readonly limit: number;
    readonly byState: Readonly<Record<string, number>>;
    /** Connections that got 503 because their address had too many. */
    readonly turnedAway: number;
  };
  /** Requests that wait for a worker. */
  readonly queue: {
    readonly length: number;
    readonly limit: number;
    readonly oldestMs: number;
    /** Seconds that requests have waited. */
    readonly wait: Histogram;
  };
  /** Those that have not ended. */
  readonly workers: readonly WorkerInspection[];
  /** The last workers that were replaced, the newest first. */
  readonly recentReplacements: readonly Replacement[];
  /** How many workers were replaced, by why. */
  readonly replacements: ReadonlyMap<ReplacementReason, number>;
  /** How many requests were not run, by why. */
  readonly rejected: ReadonlyMap<RejectionReason, number>;
  /** Requests whose handler took too long. */
  readonly handlerTimeouts: number;
  /** Threads that could not be stopped. */
  readonly lostThreads: number;
  /** Reloads that gave the pool new workers. */
  readonly reloads: number;
  /** The costliest routes of an app. */
  readonly routes: readonly RouteInspection[];
}

const maxRunning = 5;
const maxRoutes = 20;

/** What a pool tells of itself. */
export function inspectPool(
  pool: Pool,
  maxQueue: number,
): Omit<Inspection, "state" | "connections"> {
  const now = performance.now();
  const { records } = pool;
  return {
    queue: {
      length: pool.queued,
      limit: maxQueue,
      oldestMs: pool.oldestMs(now),
      wait: records.queueWait,
    },
    workers: [...pool.workers].flatMap((worker) => inspectWorker(worker, now)),
    recentReplacements: records.recent,
    replacements: records.replacements,
    rejected: records.rejected,
    handlerTimeouts: records.handlerTimeouts,
    lostThreads: pool.lost,
    reloads: records.reloads,
    routes: (pool.routes?.costliest(maxRoutes) ?? []).map((route) => ({
      route: route.key,
      jobs: route.count,
      meanMs: route.totalMs / route.count,
      heavy: route.isHeavy,
    })),
  };
}

function inspectWorker(worker: WorkerHandle, now: number): WorkerInspection[] {
  const { id, state, startedAt, heapBytes, inFlight } = worker;
  if (state === "ended") return [];
  return [{
    id,
    state,
    ageMs: now - startedAt,
    jobs: inFlight.given,
    heapBytes,
    inFlight: inFlight.size,
    busyForMs: inFlight.batch === null ? null : now - inFlight.batch.sentAt,
    running: inFlight.running.slice(0, maxRunning).map((job) => ({
      request: job.title,
      forMs: now - job.sentAt,
    })),
  }];
}
