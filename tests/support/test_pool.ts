/**
 * A pool whose threads are in the test's hands: they do what they are told.
 */

import { defaultStaticOptions } from "../../lib/files/static_options.ts";
import { setImmediate } from "node:timers";
import type { Exchange, WireResponse } from "../../lib/http/exchange.ts";
import { defaultLimits, type Limits } from "../../lib/limits.ts";
import type { Thread } from "../../lib/messages/thread.ts";
import { Pool, type PoolOptions } from "../../lib/pool/pool.ts";
import { until } from "./in_time.ts";
import { type Boots, TestThread } from "./test_thread.ts";

/** What a pool of so many threads is started with. */
export function poolOptions(
  size: number,
  spawn: () => Thread,
  limits: Partial<Limits> = {},
): PoolOptions {
  return {
    size,
    spawn,
    config: {
      serverName: null,
      root: "/",
      files: defaultStaticOptions,
      archiveBounds: defaultLimits,
      reportsFiles: false,
      appPaths: null,
      app: null,
      traces: false,
      handlerTimeoutMs: 100,
      sockets: { ...defaultLimits, compress: false },
      streamWindowBytes: 100,
    },
    limits: { ...defaultLimits, sweepMs: 10, respawnBackoffMs: 20, ...limits },
    cores: size,
    drainMs: 1000,
    learnCosts: false,
    toWireResponse: (response): WireResponse => ({
      kind: "open",
      status: response.status,
      fieldLines: "",
      body: response.kind === "response" ? response.stream : null,
    }),
    log: () => {},
    onNews: () => {},
    onTooManyLost: () => {},
    memory: null,
    onOutOfMemory: () => {},
  };
}

/** A pool of such threads, closed when its scope is left. */
export class TestPool implements Disposable {
  readonly threads: TestThread[] = [];
  readonly spawnedAt: number[] = [];
  readonly log: string[] = [];
  tooManyLost = 0;
  outOfMemory = 0;
  /** Bytes that the process holds, as far as the pool knows. */
  processBytes = 0;
  /** Whether threads that are spawned from now on boot. */
  boots: Boots = true;
  pool!: Pool;

  static async start(
    size: number,
    { learnCosts = false, boots = true, cores = size, maxBytes, ...limits }:
      & Partial<Limits>
      & {
        learnCosts?: boolean;
        boots?: Boots;
        cores?: number;
        /** Of memory, for each worker. */
        maxBytes?: number;
      } = {},
  ): Promise<TestPool> {
    const test = new TestPool();
    test.boots = boots;
    test.pool = await Pool.start({
      ...poolOptions(size, () => test.#spawn(), limits),
      cores,
      learnCosts,
      log: (line) => test.log.push(line),
      onTooManyLost: () => test.tooManyLost++,
      memory: maxBytes === undefined
        ? null
        : { maxBytes, processBytes: () => test.processBytes },
      onOutOfMemory: () => test.outOfMemory++,
    });
    await until(() => test.pool.ready === size);
    return test;
  }

  #spawn(): Thread {
    const thread = new TestThread(this.boots);
    this.threads.push(thread);
    this.spawnedAt.push(performance.now());
    return thread;
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
      persistent: true,
      origin: null,
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
  const replies = await Promise.all(exchanges.map(({ response }) => response));
  return replies.map(({ status }) => status);
}
