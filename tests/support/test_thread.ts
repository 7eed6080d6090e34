/**
 * A thread in the test's hands: it does what it is told.
 */

import { assert } from "@std/assert";
import { unpackJobs } from "../../lib/messages/jobs.ts";
import type { Thread } from "../../lib/messages/thread.ts";
import {
  claimsClosed,
  type FromWorker,
  type Jobs,
  type PackedResponses,
  type ToWorker,
} from "../../lib/messages/messages.ts";

/** A job as a thread was given it. */
export interface GivenJob {
  readonly id: number;
  readonly path: string;
}

/** Whether a thread boots; one that hangs does neither. */
export type Boots = boolean | "hangs";

/** A thread in the test's hands. It boots as it is told to and answers pings, but
 * acknowledges a batch only when the test says so. */
export class TestThread implements Thread {
  onmessage: ((event: { data: FromWorker }) => void) | null = null;
  oncrash: ((why: string) => void) | null = null;
  stoppable = false;
  /** When the test says that a stoppable thread is gone. */
  readonly gone = Promise.withResolvers<void>();
  readonly batches: (readonly GivenJob[])[] = [];
  readonly messages: ToWorker[] = [];
  terminated = false;
  /** Whether it answers pings. */
  listens = true;
  /** Bytes that it says to use. */
  heapBytes = 1;
  /** How many jobs of a batch it claims at once. */
  claimed = Infinity;
  #claims!: Int32Array;
  readonly #boots: Boots;

  constructor(boots: Boots) {
    this.#boots = boots;
  }

  postMessage(message: ToWorker): void {
    assert(!this.terminated, "nothing is posted to a thread that has ended");
    this.messages.push(message);
    switch (message.kind) {
      case "boot":
        this.#claims = new Int32Array(message.claims);
        queueMicrotask(() => this.#boot());
        break;
      case "batch": {
        const jobs = readJobs(message.jobs);
        this.batches.push(jobs);
        Atomics.store(this.#claims, 0, Math.min(this.claimed, jobs.length));
        break;
      }
      case "ping":
        if (this.listens) {
          queueMicrotask(() =>
            this.say({ kind: "pong", heapBytes: this.heapBytes })
          );
        }
        break;
    }
  }

  #boot(): void {
    if (this.#boots === "hangs") return;
    this.say(
      this.#boots
        ? { kind: "ready" }
        : { kind: "boot-failed", reason: "told not to" },
    );
  }

  /** Says that. */
  say(message: FromWorker): void {
    if (!this.terminated) this.onmessage?.({ data: message });
  }

  crash(): void {
    this.oncrash!("it crashed");
  }

  terminate(): Promise<void> | null {
    this.terminated = true;
    return this.stoppable ? this.gone.promise : null;
  }

  /** Whether the pool has taken back what it had not claimed. */
  get takenBack(): boolean {
    return Atomics.load(this.#claims, 0) === claimsClosed;
  }

  get lastBatch(): readonly GivenJob[] {
    return this.batches.at(-1) ?? [];
  }

  /** The paths of every batch. */
  get paths(): string[][] {
    return this.batches.map((jobs) => jobs.map(({ path }) => path));
  }

  /** Acknowledges the last batch with answers to those jobs: all, or none. */
  acknowledge(
    jobs = this.lastBatch,
    { costs = [], busyMs = 100 }: {
      costs?: readonly number[];
      busyMs?: number;
    } = {},
  ): void {
    this.say({
      kind: "batch-done",
      responses: responsesTo(jobs),
      failures: [],
      costs,
      busyMs,
      heapBytes: null,
    });
  }

  /** Answers jobs of the last batch, which goes on. */
  answerEarly(jobs: readonly GivenJob[]): void {
    this.say({
      kind: "early-responses",
      responses: responsesTo(jobs),
      failures: [],
    });
  }

  /** Answers jobs of an earlier batch. */
  answer(jobs: readonly GivenJob[]): void {
    this.say({
      kind: "late-responses",
      responses: responsesTo(jobs),
      failures: [],
    });
  }

  /** Answers that job with a stream. */
  stream({ id }: GivenJob): void {
    const body = { kind: "stream", length: null } as const;
    this.say({
      kind: "late-responses",
      responses: { encoded: [], bytes: null, open: [id, 200, "", body] },
      failures: [],
    });
  }
}

/** Answers 200 to each. */
export function responsesTo(jobs: readonly GivenJob[]): PackedResponses {
  const open = jobs.flatMap((
    { id },
  ) => [id, 200, "", { kind: "none" } as const]);
  return { encoded: [], bytes: null, open };
}

function readJobs(jobs: Jobs): GivenJob[] {
  return unpackJobs(jobs).map(({ id, target }) => ({ id, path: target }));
}
