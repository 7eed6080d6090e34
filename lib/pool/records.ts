/**
 * What has happened in a pool, counted for the people on call. Must not know how it is
 * shown.
 *
 * @module
 */

import { Histogram } from "../histogram.ts";

/** Why a worker was replaced. */
export type ReplacementReason =
  /** A handler computed for longer than its timeout, and was stopped. */
  | "stopped"
  /** It threw what nobody caught, ended, or sent what cannot be read. */
  | "crash"
  /** The app asked for the end of its process. */
  | "exit"
  /** It has had its number of jobs. */
  | "jobs"
  /** Its heap has grown over the limit. */
  | "heap"
  /** It was using more memory than it may. */
  | "memory"
  /** It computed without end, and did not listen. */
  | "silence"
  /** All were, at a reload. */
  | "reload";

/** Why a request was not run. */
export type RejectionReason = "queue_full" | "queue_timeout" | "no_worker";

/** One worker that was replaced. */
export interface Replacement {
  /** `Date.now()` milliseconds. */
  readonly at: number;
  /** A sentence for the operator. */
  readonly why: string;
}

const waitBounds = [
  ...[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25],
  ...[0.5, 1, 2.5, 5, 10, 30],
];
const maxRecent = 20;

/** The records of one pool. */
export class PoolRecords {
  readonly replacements = new Map<ReplacementReason, number>();
  readonly rejected = new Map<RejectionReason, number>();
  /** Jobs that got 504. */
  handlerTimeouts = 0;
  /** Reloads that gave the pool new workers. */
  reloads = 0;
  /** Seconds in the queue of jobs that were given to a worker. */
  readonly queueWait = new Histogram(waitBounds);
  /** The last replacements, the newest first. */
  readonly recent: Replacement[] = [];

  replaced(reason: ReplacementReason, why: string, count = 1): void {
    add(this.replacements, reason, count);
    this.recent.unshift({ at: Date.now(), why });
    this.recent.length = Math.min(this.recent.length, maxRecent);
  }

  reject(reason: RejectionReason, count = 1): void {
    if (count > 0) add(this.rejected, reason, count);
  }
}

function add<K>(counts: Map<K, number>, key: K, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}
