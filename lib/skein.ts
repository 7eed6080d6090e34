/**
 * The parts put together: a pool behind a server, for one directory, one app or both.
 * What embeds Skein, or tests it whole, begins here.
 *
 * ```ts
 * import { serve } from "@skein/skein";
 *
 * await using skein = await serve({
 *   app: new URL("../tests/apps/hello.ts", import.meta.url),
 *   workers: 2,
 * });
 * const response = await fetch(skein.url);
 * console.log(await response.text()); // "Hello!"
 * ```
 *
 * With `await using`, Skein ends when the block is left: what was read is responded to
 * first. It ends the same way when an `AbortSignal` says so:
 *
 * ```ts
 * import { serve } from "@skein/skein";
 *
 * const controller = new AbortController();
 * const { finished } = await serve({
 *   root: new URL("../static", import.meta.url),
 *   signal: controller.signal,
 * });
 * controller.abort();
 * await finished;
 * ```
 *
 * Signals of the system and exit codes are the program's. A directory without an app
 * needs `--unstable-worker-options`: its workers have fewer permissions.
 *
 * @module
 */

import { resolve, toFileUrl } from "@std/path";
import {
  defaultStaticOptions,
  type StaticOptions,
} from "./files/static_options.ts";
import { HotFiles } from "./files/hot_files.ts";
import { isPreflight } from "./files/operator_headers.ts";
import { type MediaTypes, readableTypes } from "./files/media_type.ts";
import { ToldSite } from "./files/told_site.ts";
import { refuseMethod } from "./files/file_response.ts";
import type { Gate } from "./auth/gate.ts";
import type {
  Dispatch,
  Proxies,
  RequestEvent,
  RequestListener,
} from "./http/exchange.ts";
import type {
  Field,
  Fields,
  HttpVersion,
  RequestHead,
} from "./http/message.ts";
import { defaultServerName } from "./http/response_head.ts";
import {
  type Inspection,
  inspectPool,
  type RejectionReason,
  type Replacement,
  type ReplacementReason,
  type RouteInspection,
  type RunningRequest,
  type WorkerInspection,
} from "./inspection.ts";
import { Histogram } from "./histogram.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import {
  type BasicAuthOptions,
  checkOptions,
  type SkeinOptions,
  type TlsOptions,
} from "./options.ts";
import type { WorkerConfig } from "./messages/messages.ts";
import { spawnWorker, strictSpawner } from "./messages/spawn.ts";
import { BootError, type Reloaded } from "./pool/boot_error.ts";
import { Pool } from "./pool/pool.ts";
import {
  listen,
  type ListenAddress,
  type Listener,
  stopListening,
} from "./server/listen.ts";
import { type Endpoint, Server } from "./server/server.ts";
import type { Security } from "./tls/security.ts";
import { HotEncoder, type Log, toWireResponse } from "./wire_response.ts";

export { BootError, Histogram };
export type {
  BasicAuthOptions,
  Field,
  Fields,
  HttpVersion,
  Inspection,
  Limits,
  ListenAddress,
  MediaTypes,
  RejectionReason,
  Reloaded,
  Replacement,
  ReplacementReason,
  RequestEvent,
  RequestHead,
  RequestListener,
  RouteInspection,
  RunningRequest,
  SkeinOptions,
  StaticOptions,
  TlsOptions,
  WorkerInspection,
};

/** The listener and its connections, as others may look at them. */
export interface ListeningServer {
  /** Where it listens; with `listen` the first address that is no socket file. */
  readonly address: Deno.NetAddr;
  /** Everywhere that it listens. */
  readonly addresses: readonly (Deno.NetAddr | Deno.UnixAddr)[];
  /** Whether that is TLS. */
  readonly secure: boolean;
  /** How many connections are open. */
  readonly connections: number;
}

/** The workers, as others may look at them. */
export interface WorkerPool {
  /** Number of workers that it keeps running. */
  readonly size: number;
  /** Workers that can be given requests. */
  readonly ready: number;
  /** Requests that wait for a worker. */
  readonly queued: number;
  /** Requests that workers have. */
  readonly inFlight: number;
  /** Threads that could not be stopped. */
  readonly lost: number;
}

/** How long what was read is finished, where nobody says it. */
const defaultDrainMs = 25_000;

/**
 * Starts a Skein: the same as {@linkcode Skein.start}.
 *
 * @throws as that does
 */
export function serve(options: SkeinOptions): Promise<Skein> {
  return Skein.start(options);
}

/** What the main thread knows of the directory from its workers. */
interface Told {
  /** `null` where workers respond to all requests. */
  readonly hot: HotFiles | null;
  /** `null` where there is no directory. */
  readonly site: ToldSite | null;
}

/** A running Skein. */
export class Skein implements AsyncDisposable {
  readonly #addresses: readonly (Deno.NetAddr | Deno.UnixAddr)[];
  readonly #limits: Limits;
  readonly #server: Server;
  readonly #pool: Pool;
  readonly #told: Told;
  readonly #options: SkeinOptions;
  readonly #security: Security | null;
  readonly #gate: Gate | null;
  readonly #finished = Promise.withResolvers<number>();
  #drained: Promise<number> | null = null;

  private constructor(
    addresses: readonly (Deno.NetAddr | Deno.UnixAddr)[],
    server: Server,
    pool: Pool,
    told: Told,
    security: Security | null,
    gate: Gate | null,
    options: SkeinOptions,
  ) {
    this.#gate = gate;
    this.#addresses = addresses;
    this.#security = security;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#server = server;
    this.#pool = pool;
    this.#told = told;
    this.#options = options;
    if (options.signal !== undefined) this.#endWith(options.signal);
  }

  #endWith(signal: AbortSignal): void {
    const end = () => void this[Symbol.asyncDispose]();
    if (signal.aborted) return end();
    signal.addEventListener("abort", end, { once: true });
    this.finished.then(() => signal.removeEventListener("abort", end));
  }

  /** Where it can be asked, as a URL without a slash at its end; empty where it listens
   * on socket files only. */
  get url(): string {
    const { hostname, port } = this.server.address;
    if (hostname === "") return "";
    return `${this.server.secure ? "https" : "http"}://${
      hostname.includes(":") ? `[${hostname}]` : hostname
    }:${port}`;
  }

  /** Resolves when it has ended, with how many connections were cut off. */
  get finished(): Promise<number> {
    return this.#finished.promise;
  }

  /** The listener and its connections. */
  get server(): ListeningServer {
    const { connections } = this.#server;
    const addresses = this.#addresses;
    const address = addresses.find((each) => "port" in each) ?? noAddress;
    return { address, addresses, connections, secure: this.#security !== null };
  }

  /** The workers. */
  get pool(): WorkerPool {
    return this.#pool;
  }

  /** Everything that it tells of itself, at this moment. */
  inspect(): Inspection {
    const { connections, states, turnedAway } = this.#server;
    const { maxConnections, maxQueue } = this.#limits;
    return {
      state: this.#drained !== null
        ? "draining"
        : this.#pool.ready === 0
        ? "unavailable"
        : "ready",
      connections: {
        total: connections,
        limit: maxConnections,
        byState: states,
        turnedAway,
      },
      ...inspectPool(this.#pool, maxQueue),
    };
  }

  /**
   * Listens, boots the workers, and serves as soon as one is ready.
   *
   * @throws {Deno.errors.AddrInUse} and the like from `Deno.listen`
   * @throws {Deno.errors.NotFound} where the directory does not exist
   * @throws {RangeError} where a value is none that an option takes
   * @throws {BootError} where the app does not load
   */
  static async start(options: SkeinOptions): Promise<Skein> {
    checkOptions(options);
    const limits: Limits = { ...defaultLimits, ...options.limits };
    const log = options.log ?? ((line) => console.error(line));
    const config = await workerConfig(options, limits);
    const security = await openSecurity(options, limits, log);
    // First, for it is what fails most often and costs least.
    const listeners = await listenAll(options, security).catch(
      async (error) => {
        await security?.close();
        throw error;
      },
    );
    const endpoints: Endpoint[] = listeners.map((listener) => ({ listener }));
    let gate: Gate | null = null;
    try {
      gate = await openGate(options, limits, listeners, log);
      const redirect = await redirectOf(listeners, options);
      if (redirect !== null) endpoints.push(redirect);
      const { root, files, reportsFiles } = config;
      const site = root === null ? null : new ToldSite(root, files, log);
      const hot = reportsFiles ? new HotFiles(root!, files, site!) : null;
      const told = { hot, site };
      const pool = await startPool(options, limits, config, log, told);
      const isAllApp = isAllOfApp(options);
      const responder = {
        dispatch: dispatcher(pool, hot, serverNameOf(options)),
        // An app may want any body; only it knows.
        refuse: isAllApp ? () => null : refuseMethod,
      };
      const server = new Server(endpoints, {
        limits,
        ...gate === null ? responder : gate.guard(responder),
        wantsBodies: isAllApp,
        maxStreamedBodyBytes: isAllApp
          ? options.maxStreamedBodyBytes ?? null
          : null,
        serverName: serverNameOf(options),
        secureLines: security?.fieldLines ?? null,
        onRequest: options.onRequest ?? null,
        proxies: await trustedProxies(options),
        readProxyHeader: options.proxyProtocol
          ? (await import("./proxy/proxy_protocol.ts")).readProxyHeader
          : null,
        onBug: (error) =>
          log(error instanceof Error ? error.stack ?? `${error}` : `${error}`),
      });
      const addresses = listeners.map(({ addr }) => addr);
      return new Skein(
        ...[addresses, server, pool, told, security, gate, options] as const,
      );
    } catch (error) {
      await gate?.close();
      await security?.close();
      endpoints.forEach(({ listener }) => stopListening(listener));
      throw error;
    }
  }

  /**
   * Serves with new workers, which load the app anew. The old ones finish what they
   * have begun, and go on where the new ones do not boot. All calls during a reload
   * are one more reload. Certificates and passwords are read anew. A root that is a link, or lies
   * below one, is looked up anew.
   */
  async reload(): Promise<Reloaded> {
    if (this.#drained !== null) return { kind: "ending" };
    await this.#security?.reload();
    await this.#gate?.reload();
    const options = this.#options;
    try {
      const limits = { ...defaultLimits, ...options.limits };
      const config = await workerConfig(options, limits);
      const result = await this.#pool.reload(config);
      if (result.kind === "reloaded" && config.root !== null) {
        this.#told.site?.moveTo(config.root);
        this.#told.hot?.clear(config.root);
      }
      return result;
    } catch (error) {
      return { kind: "kept", why: (error as Error).message };
    }
  }

  /**
   * Ends: every request that was read gets its response first. A second call waits for
   * the first.
   *
   * @param deadline cuts off what is left when it resolves
   * @returns how many connections were cut off
   */
  drain(deadline: Promise<unknown>): Promise<number> {
    return this.#drained ??= this.#drain(deadline);
  }

  async #drain(deadline: Promise<unknown>): Promise<number> {
    const closed = this.#security?.close();
    const cut = await this.#server.drain(deadline);
    await closed;
    await this.#gate?.close();
    this.#pool.close();
    this.#finished.resolve(cut);
    return cut;
  }

  /** Drains for up to `drainMs`. */
  async [Symbol.asyncDispose](): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#options.drainMs ?? defaultDrainMs);
    });
    await this.drain(deadline);
    clearTimeout(timer);
  }
}

/** What stands for an address where there are only socket files. */
const noAddress: Deno.NetAddr = { transport: "tcp", hostname: "", port: 0 };

/** Its modules of the runtime take a while to load. */
async function openSecurity(
  { tls }: SkeinOptions,
  { certificateCheckMs: checkMs, handshakeTimeoutMs: timeoutMs }: Limits,
  log: Log,
): Promise<Security | null> {
  if (!tls) return null;
  const { Security } = await import("./tls/security.ts");
  return await Security.open(tls, { timeoutMs, checkMs, log });
}

/** @throws {Error} where its file cannot be used, or passwords could be read by others */
async function openGate(
  { basicAuth, tls, files, app }: SkeinOptions,
  limits: Limits,
  listeners: readonly Listener[],
  log: Log,
): Promise<Gate | null> {
  if (!basicAuth) return null;
  if (!tls && !basicAuth.plain) {
    const { requireLocal } = await import("./auth/exposure.ts");
    requireLocal(listeners.map(({ addr }) => addr));
  }
  const { Gate } = await import("./auth/gate.ts");
  // What an app does with a preflight nobody knows.
  const opensPreflights = !!files?.cors && !app;
  return await Gate.open({
    file: basicAuth.file,
    isExempt: ({ method, fields }) =>
      opensPreflights && method === "OPTIONS" && isPreflight(fields),
    limits,
    log,
  });
}

/** The port that only sends clients to HTTPS. */
async function redirectOf(
  listeners: readonly Listener[],
  { tls, reusePort }: SkeinOptions,
): Promise<Endpoint | null> {
  if (!tls?.redirectFrom) return null;
  const [port = 443] = listeners.flatMap(({ addr }) =>
    "port" in addr ? [addr.port] : []
  );
  const { RedirectError, redirectTo } = await import("./tls/redirect.ts");
  const listener = await listen(tls.redirectFrom, reusePort).catch((error) => {
    throw new RedirectError(error);
  });
  return { listener, responder: redirectTo(port) };
}

async function listenAll(
  { hostname = "127.0.0.1", port = 0, listen: addresses = [], reusePort }:
    SkeinOptions,
  security: Security | null,
): Promise<Listener[]> {
  const listeners: Listener[] = [];
  try {
    for (
      const address of addresses.length > 0 ? addresses : [{ hostname, port }]
    ) listeners.push(await listen(address, reusePort, security?.listen));
    return listeners;
  } catch (error) {
    listeners.forEach(stopListening);
    throw error;
  }
}

/** @throws {RangeError} where a network is none */
async function trustedProxies(
  { trustProxy = [], forwardedFields = "x-forwarded" }: SkeinOptions,
): Promise<Proxies | null> {
  if (trustProxy.length === 0) return null;
  // Its modules of the runtime take a while to load.
  const { TrustedProxies } = await import("./proxy/trusted_proxies.ts");
  return new TrustedProxies(trustProxy, forwardedFields);
}

function serverNameOf({ serverName }: SkeinOptions): string | null {
  return serverName === undefined ? defaultServerName : serverName;
}

/** One that computes for each core, and with an app one for light requests meanwhile:
 * beside two clients that ask for 200 ms of computing 2 workers on 2 cores do 17 of
 * those in 3 s, and 3, 4 or 6 do 30. More than 3 bring nothing. */
function defaultWorkers(app: boolean): number {
  return navigator.hardwareConcurrency + (app ? 1 : 0);
}

/** The real path of the directory. */
async function rootOf({ root, app }: SkeinOptions): Promise<string | null> {
  if (root) {
    const path = await Deno.realPath(root instanceof URL ? root : `${root}`);
    if ((await Deno.stat(path)).isDirectory) return path;
    throw new Deno.errors.NotADirectory(`${root} is not a directory`);
  }
  if (app) return null;
  throw new TypeError("Skein needs a root, an app or both");
}

/** Whether the app decides about every request. */
function isAllOfApp({ app, appPaths }: SkeinOptions): boolean {
  return !!app && !appPaths;
}

/** The URL of the app. */
function appOf({ app }: SkeinOptions): string | null {
  if (!app) return null;
  const text = `${app}`;
  return URL.canParse(text) ? text : toFileUrl(resolve(text)).href;
}

function fileOptions({ files, basicAuth }: SkeinOptions): StaticOptions {
  const all = {
    ...defaultStaticOptions,
    ...files,
    ...basicAuth ? { isPrivate: true } : {},
  };
  if (!all.list) return all;
  return { ...all, mediaTypes: { ...readableTypes, ...all.mediaTypes } };
}

async function workerConfig(
  options: SkeinOptions,
  limits: Limits,
): Promise<WorkerConfig> {
  return {
    serverName: serverNameOf(options),
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

async function startPool(
  options: SkeinOptions,
  limits: Limits,
  config: WorkerConfig,
  log: Log,
  { hot, site }: Told,
): Promise<Pool> {
  const { print = printNow } = options;
  const hasApp = config.app !== null;
  const isStrict = hasApp && options.isolation === "strict";
  const spawn = isStrict ? await strictSpawner(limits) : spawnWorker;
  const pool: Pool = await Pool.start({
    size: options.workers ?? defaultWorkers(hasApp),
    spawn,
    config,
    limits,
    drainMs: options.drainMs ?? defaultDrainMs,
    cores: navigator.hardwareConcurrency,
    learnCosts: hasApp,
    toWireResponse: toWireResponse({
      log,
      runAgain: (request) => pool.submit(request).response,
      showErrors: options.showErrors ?? false,
    }),
    log,
    onNews: (news) => {
      switch (news.kind) {
        case "hot-file":
          return hot?.add(news.file);
        case "site-rules":
          return void site?.take(news.rules);
        case "printed":
          return print(news.text, news.isError);
      }
    },
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

/** Responds from memory where it can, else with the pool. */
function dispatcher(
  pool: Pool,
  hot: HotFiles | null,
  serverName: string | null,
): Dispatch {
  if (hot === null) return (request) => pool.submit(request);
  const encoder = new HotEncoder(serverName);
  return (request) => {
    const response = request.body === null ? hot.respond(request.head) : null;
    return response === null
      ? pool.submit(request)
      : encoder.exchange(response, request);
  };
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
