/**
 * The pool, from the options: how many workers, in which threads, with how much memory,
 * and what they are told to serve. Must not know where requests come from.
 *
 * @module
 */

import { resolve, toFileUrl } from "@std/path";
import { readableTypes } from "../files/media_type.ts";
import {
  defaultStaticOptions,
  type StaticOptions,
} from "../files/static_options.ts";
import type { WorkerConfig } from "../messages/messages.ts";
import { spawnWorker, strictSpawner } from "../messages/spawn.ts";
import { type FullOptions, isAllOfApp } from "../options.ts";
import { Pool } from "../pool/pool.ts";
import { toWireResponse } from "../wire_response.ts";
import type { DirectoryNews } from "./responder.ts";

/**
 * What workers are told. A root that is a link, or lies below one, is looked up.
 *
 * @throws {Deno.errors.NotFound} where the directory does not exist
 */
export async function workerConfig(
  options: FullOptions,
): Promise<WorkerConfig> {
  const { limits, serverName } = options;
  return {
    serverName,
    root: await rootOf(options),
    files: fileOptions(options),
    archiveBounds: {
      maxArchiveEntries: limits.maxArchiveEntries,
      maxArchiveBytes: limits.maxArchiveBytes,
    },
    app: appOf(options),
    appPaths: options.appPaths ?? null,
    traces: options.traces ?? false,
    // Of a request that no worker sees there is no span.
    reportsFiles: !isAllOfApp(options) && !options.traces,
    handlerTimeoutMs: limits.handlerTimeoutMs,
    sockets: { ...limits, compress: options.compressSockets ?? false },
    streamWindowBytes: limits.streamWindowBytes,
  };
}

/**
 * Starts the pool; its first worker is ready when this resolves.
 *
 * @param onNews receives what workers tell of the directory
 * @throws {import("../pool/boot_error.ts").BootError} where the app does not load
 */
export async function startPool(
  options: FullOptions,
  config: WorkerConfig,
  onNews: (news: DirectoryNews) => void,
): Promise<Pool> {
  const { limits, log, drainMs, print = printNow } = options;
  const hasApp = config.app !== null;
  const isStrict = hasApp && options.isolation === "strict";
  const pool: Pool = await Pool.start({
    size: options.workers ?? defaultWorkers(hasApp),
    spawn: isStrict ? await strictSpawner(limits) : spawnWorker,
    ...{ config, limits, drainMs, log },
    cores: navigator.hardwareConcurrency,
    learnCosts: hasApp,
    toWireResponse: toWireResponse({
      log,
      runAgain: (request) => pool.submit(request).response,
      showErrors: options.showErrors ?? false,
    }),
    onNews: (news) =>
      news.kind === "printed" ? print(news.text, news.isError) : onNews(news),
    onTooManyLost: options.onTooManyLost ?? (() => {}),
    memory: hasApp
      ? {
        maxBytes: isStrict ? limits.maxWorkerHeapBytes : await safeHeapBytes(),
        processBytes: () => Deno.memoryUsage().rss,
      }
      : null,
    onOutOfMemory: options.onOutOfMemory ?? (() => {}),
  });
  return pool;
}

/** One that computes for each core, and with an app one for light requests meanwhile:
 * beside two clients that ask for 200 ms of computing 2 workers on 2 cores do 17 of
 * those in 3 s, and 3, 4 or 6 do 30. More than 3 bring nothing. */
function defaultWorkers(app: boolean): number {
  return navigator.hardwareConcurrency + (app ? 1 : 0);
}

/** The real path of the directory. */
async function rootOf({ root, app }: FullOptions): Promise<string | null> {
  if (root) {
    const path = await Deno.realPath(root instanceof URL ? root : `${root}`);
    if ((await Deno.stat(path)).isDirectory) return path;
    throw new Deno.errors.NotADirectory(`${root} is not a directory`);
  }
  if (app) return null;
  throw new TypeError("Skein needs a root, an app or both");
}

/** The URL of the app. */
function appOf({ app }: FullOptions): string | null {
  if (!app) return null;
  const text = `${app}`;
  return URL.canParse(text) ? text : toFileUrl(resolve(text)).href;
}

function fileOptions({ files, basicAuth }: FullOptions): StaticOptions {
  const all = {
    ...defaultStaticOptions,
    ...files,
    ...basicAuth ? { isPrivate: true } : {},
  };
  if (!all.list) return all;
  return { ...all, mediaTypes: { ...readableTypes, ...all.mediaTypes } };
}

function printNow(text: string, isError: boolean): void {
  (isError ? Deno.stderr : Deno.stdout).writeSync(
    new TextEncoder().encode(text),
  );
}

/** Up to here V8 is far from aborting the process. */
async function safeHeapBytes(): Promise<number> {
  const { getHeapStatistics } = await import("node:v8");
  return getHeapStatistics().heap_size_limit * 0.6;
}
