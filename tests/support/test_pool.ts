/**
 * A pool whose threads are in the test's hands: they do what they are told.
 */

import { defaultSiteOptions } from "../../lib/site_options.ts";
import { assert } from "@std/assert";
import { setImmediate } from "node:timers";
import { unpackJobs } from "../../lib/packed_jobs.ts";
import type { Exchange, Reply } from "../../lib/dispatch.ts";
import { defaultLimits, type Limits } from "../../lib/limits.ts";
import { type PoolOptions, WorkerPool } from "../../lib/worker_pool.ts";
import {
  type Answers,
  claimsClosed,
  type FromWorker,
  type Jobs,
  type ToWorker,
} from "../../lib/worker_protocol.ts";

/** A job as a thread was given it. */
export interface GivenJob {
  readonly id: number;
  readonly path: string;
}

/** Whether a thread boots; one that hangs does neither. */
export type Boots = boolean | "hangs";

/** A thread in the test's hands. It boots as it is told to and answers pings, but
 * acknowledges a batch only when the test says so. */
export class TestThread {
  onmessage: ((event: { data: FromWorker }) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  onmessageerror: (() => void) | null = null;
  readonly batches: (readonly GivenJob[])[] = [];
  readonly messages: ToWorker[] = [];
  terminated = false;
  /** Whether it answers pings. */
  listens = true;
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
        if (this.listens) queueMicrotask(() => this.say({ kind: "pong" }));
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
    const event = new ErrorEvent("error", {
      message: "it crashed",
      cancelable: true,
    });
    this.onerror!(event);
    assert(event.defaultPrevented, "else the whole process would end");
  }

  terminate(): void {
    this.terminated = true;
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
      answers: answersTo(jobs),
      failures: [],
      costs,
      busyMs,
      heapBytes: null,
    });
  }

  /** Answers jobs of an earlier batch. */
  answer(jobs: readonly GivenJob[]): void {
    this.say({ kind: "answers", answers: answersTo(jobs), failures: [] });
  }

  /** Answers that job with a stream. */
  stream({ id }: GivenJob): void {
    const body = { kind: "stream", length: null } as const;
    this.say({
      kind: "answers",
      answers: { encoded: [], bytes: null, open: [id, 200, "", body] },
      failures: [],
    });
  }
}

/** Answers 200 to each. */
export function answersTo(jobs: readonly GivenJob[]): Answers {
  const open = jobs.flatMap((
    { id },
  ) => [id, 200, "", { kind: "none" } as const]);
  return { encoded: [], bytes: null, open };
}

function readJobs(jobs: Jobs): GivenJob[] {
  return unpackJobs(jobs).map(({ id, lines }) => ({
    id,
    path: lines[0].split(" ")[1],
  }));
}

/** What a pool of so many threads is started with. */
export function poolOptions(
  size: number,
  spawn: () => Worker,
  limits: Partial<Limits> = {},
): PoolOptions {
  return {
    size,
    spawn,
    config: {
      serverName: null,
      root: "/",
      site: defaultSiteOptions,
      app: null,
      handlerTimeoutMs: 100,
      streamWindowBytes: 100,
    },
    limits: { ...defaultLimits, sweepMs: 10, respawnBackoffMs: 20, ...limits },
    cores: size,
    learnCosts: false,
    present: (outcome): Reply => ({
      kind: "open",
      status: outcome.status,
      fieldLines: "",
      body: outcome.kind === "response" ? outcome.stream : null,
    }),
    log: () => {},
    onTooManyLost: () => {},
  };
}

/** A pool of such threads, closed when its scope is left. */
export class TestPool implements Disposable {
  readonly threads: TestThread[] = [];
  readonly spawnedAt: number[] = [];
  readonly log: string[] = [];
  tooManyLost = 0;
  /** Whether threads that are spawned from now on boot. */
  boots: Boots = true;
  pool!: WorkerPool;

  static async start(
    size: number,
    { learnCosts = false, boots = true, cores = size, ...limits }:
      & Partial<Limits>
      & { learnCosts?: boolean; boots?: Boots; cores?: number } = {},
  ): Promise<TestPool> {
    const test = new TestPool();
    test.boots = boots;
    test.pool = await WorkerPool.start({
      ...poolOptions(size, () => test.#spawn(), limits),
      cores,
      learnCosts,
      log: (line) => test.log.push(line),
      onTooManyLost: () => test.tooManyLost++,
    });
    return test;
  }

  #spawn(): Worker {
    const thread = new TestThread(this.boots);
    this.threads.push(thread);
    this.spawnedAt.push(performance.now());
    return thread as unknown as Worker;
  }

  submit(path: string): Exchange {
    return this.pool.submit({
      head: {
        method: "GET",
        target: path,
        authority: "localhost",
        version: "1.1",
        fields: [],
      },
      text: `GET ${path} HTTP/1.1\r\n`,
      body: null,
      peer: "127.0.0.1 4321",
    });
  }

  /** The one thread that was given something, or the first of them. */
  get busy(): TestThread {
    return this.threads.find(({ lastBatch }) => lastBatch.length > 0)!;
  }

  /** The thread that was given that path last. */
  threadWith(path: string): TestThread {
    return this.threads.find(({ lastBatch }) =>
      lastBatch.some((job) => job.path === path)
    )!;
  }

  /** Submits those paths, and lets the pool deal them out. */
  async give(...paths: string[]): Promise<Exchange[]> {
    const exchanges = paths.map((path) => this.submit(path));
    await turn();
    return exchanges;
  }

  [Symbol.dispose](): void {
    this.pool.close();
  }
}

/** A turn of the event loop: what was submitted is dealt out. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What those were answered. */
export async function statuses(
  exchanges: readonly Exchange[],
): Promise<number[]> {
  const replies = await Promise.all(exchanges.map(({ reply }) => reply));
  return replies.map(({ status }) => status);
}
