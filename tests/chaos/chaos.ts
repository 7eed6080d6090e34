/**
 * Chaos: handlers that die in every way, at random, beside good requests. Whatever
 * happens, each request has the one answer that is right for it, and what is left
 * in the end is the server that was there in the beginning.
 *
 * @module
 */

import { Random } from "../fuzz/random.ts";
import { instances } from "../support/clients.ts";
import { until } from "../support/in_time.ts";
import { type ChaosAnswer, ChaosClient, complaint } from "./client.ts";
import { ChaosLog } from "./log.ts";
import {
  anyRequest,
  type ChaosRequest,
  losing,
  promptRequest,
} from "./requests.ts";
import { type ChaosServer, startChaosServer } from "./server.ts";

/** How much of it. */
export interface ChaosOptions {
  /** What is random is the same for the same seed, but for how the requests of
   * several clients meet. */
  readonly seed: number;
  /** How long the clients go on. */
  readonly ms: number;
  /** Threads that are made to spin until the process ends. Each takes a core from
   * then on, so they come last. */
  readonly lost: number;
}

/** What came of it. */
export interface ChaosResult {
  /** Answers that were looked at, by kind. */
  readonly answers: ReadonlyMap<string, number>;
  /** Requests whose answer was wrong, and what was. */
  readonly complaints: readonly string[];
  /** Lines of the log that nothing explains. */
  readonly unexpected: readonly string[];
  /** Errors that were answered with a number that is not in the log. */
  readonly unlogged: readonly string[];
  /** Workers that were replaced, or lost. */
  readonly replaced: number;
  /** Bytes by which the memory grew, from one fresh set of workers to another;
   * `null` where that is not known. */
  readonly grownBytes: number | null;
}

const workers = 2;
const clients = 16;
// On a busy machine a new worker takes some 100 ms for its first file.
const timeoutMs = 1500;
/** A worker is replaced when its heap is that large. */
const heapBytes = 96 * 1024 * 1024;

const args = [
  ...["--workers", `${workers}`, "--timeout", `${timeoutMs / 1000}`],
  ...["--limit", `maxWorkerHeapBytes=${heapBytes}`, "--limit", "sweepMs=50"],
  ...["--limit", "workerSilenceMs=100", "--limit", "workerGraceMs=400"],
  ...["--limit", "maxLostWorkers=64"],
  // Where it looks for what the app does not have.
  "static",
];

/** Lets it loose. */
export async function chaos(options: ChaosOptions): Promise<ChaosResult> {
  const log = new ChaosLog();
  await using server = await startChaosServer(args, log.read);
  const run = new ChaosRun(server, options);
  await run.crowd(options.ms / 5, anyRequest);
  const before = await run.settle();
  await run.crowd(options.ms, anyRequest);
  const after = await run.settle();
  await run.lose(options.lost);
  await until(() => run.failures.every((number) => log.failures.has(number)))
    .catch(() => {});
  return {
    answers: run.answers,
    complaints: run.complaints,
    unexpected: log.unexpected,
    unlogged: run.failures.filter((number) => !log.failures.has(number)),
    replaced: log.replaced,
    grownBytes: before === null || after === null ? null : after - before,
  };
}

/** The clients' side. */
class ChaosRun {
  readonly answers = new Map<string, number>();
  readonly complaints: string[] = [];
  /** The numbers of requests that were answered with 500. */
  readonly failures: string[] = [];
  readonly #server: ChaosServer;
  readonly #seed: number;
  #words = 0;

  constructor(server: ChaosServer, { seed }: ChaosOptions) {
    this.#server = server;
    this.#seed = seed;
  }

  /** Many clients at the same time, for so long. */
  async crowd(
    ms: number,
    next: (random: Random, word: string) => ChaosRequest,
  ): Promise<void> {
    const end = performance.now() + ms;
    await this.#crowdWhile(() => performance.now() < end, next);
  }

  async #crowdWhile(
    goOn: () => boolean,
    next: (random: Random, word: string) => ChaosRequest,
  ): Promise<void> {
    const crowd = Array.from({ length: clients }, async (_, index) => {
      const random = new Random(this.#seed + index);
      using client = new ChaosClient(() => this.#server.connect());
      while (goOn()) {
        const word = `w${this.#seed}-${index}-${this.#words++}`;
        await this.#ask(client, next(random, word));
      }
    });
    await Promise.all(crowd);
  }

  async #ask(client: ChaosClient, request: ChaosRequest): Promise<void> {
    const { kind, path } = request;
    this.answers.set(kind, (this.answers.get(kind) ?? 0) + 1);
    try {
      const answer = await client.ask(request);
      const wrong = complaint(request, answer);
      if (wrong !== null) this.complaints.push(`${kind} ${path}: ${wrong}`);
      this.#note(answer);
    } catch (error) {
      client[Symbol.dispose]();
      this.complaints.push(`${kind} ${path}: ${error}`);
    }
  }

  #note({ status, content }: ChaosAnswer): void {
    if (status !== 500) return;
    const number = /\(([0-9a-f]{8})\)/.exec(content)?.[1];
    this.failures.push(number ?? `none: ${content}`);
  }

  /** Replaces every worker by a fresh one, and takes the memory then. */
  async settle(): Promise<number | null> {
    const old = await this.#instances("/instance-until-left");
    await until(async () =>
      // One that is about to exit may be asked once more.
      old.isDisjointFrom(await this.#instances("/instance").catch(() => old))
    );
    return this.#server.residentBytes();
  }

  /** As many workers as there have to be. */
  #instances(path: string): Promise<Set<string>> {
    return instances(this.#server, workers, path);
  }

  /** Loses threads, one after the other, amid good requests. */
  async lose(count: number): Promise<void> {
    if (count === 0) return;
    let going = true;
    const crowd = this.#crowdWhile(() => going, promptRequest);
    using client = new ChaosClient(() => this.#server.connect());
    for (let lost = 0; lost < count; lost++) await this.#ask(client, losing);
    going = false;
    await crowd;
    await this.#instances("/instance");
  }
}
