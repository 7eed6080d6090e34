/**
 * Starts, reloads and ends a Skein: a pool behind a server, for one directory, one app or
 * both. What embeds Skein, or tests it whole, begins here.
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

import { FailedReload } from "./assembly/failed_reload.ts";
import { Entrance } from "./assembly/entrance.ts";
import { KnownDirectory, responderOf } from "./assembly/responder.ts";
import { startPool, workerConfig } from "./assembly/workers.ts";
import type { MediaTypes } from "./files/media_type.ts";
import type { StaticOptions } from "./files/static_options.ts";
import type { RequestEvent, RequestListener } from "./http/exchange.ts";
import type {
  Field,
  Fields,
  HttpVersion,
  RequestHead,
} from "./http/message.ts";
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
import type { Limits } from "./limits.ts";
import {
  type BasicAuthOptions,
  completeOptions,
  type FullOptions,
  type SkeinOptions,
  type TlsOptions,
} from "./options.ts";
import { BootError, type Reloaded } from "./pool/boot_error.ts";
import type { Pool } from "./pool/pool.ts";
import type { ListenAddress } from "./server/listen.ts";
import type { Server } from "./server/server.ts";

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

/**
 * Starts a Skein: the same as {@linkcode Skein.start}.
 *
 * @throws as that does
 */
export function serve(options: SkeinOptions): Promise<Skein> {
  return Skein.start(options);
}

/** What it is made of. */
interface Parts {
  readonly options: FullOptions;
  readonly entrance: Entrance;
  readonly directory: KnownDirectory;
  readonly pool: Pool;
  readonly server: Server;
  /** `null` where clients are not shown errors. */
  readonly failedReload: FailedReload | null;
  /** Closes all but the server, the last first. */
  readonly opened: AsyncDisposable;
}

/** A running Skein. */
export class Skein implements AsyncDisposable {
  readonly #parts: Parts;
  readonly #finished = Promise.withResolvers<number>();
  #drained: Promise<number> | null = null;

  private constructor(parts: Parts) {
    this.#parts = parts;
    const { signal } = parts.options;
    if (signal !== undefined) this.#endWith(signal);
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
    const { server: { connections }, entrance } = this.#parts;
    const { addresses, secure } = entrance;
    const address = addresses.find((each) => "port" in each) ?? noAddress;
    return { address, addresses, connections, secure };
  }

  /** The workers. */
  get pool(): WorkerPool {
    return this.#parts.pool;
  }

  /** Everything that it tells of itself, at this moment. */
  inspect(): Inspection {
    const { server, pool, options } = this.#parts;
    const { connections, states, turnedAway } = server;
    const { maxConnections, maxQueue } = options.limits;
    return {
      state: this.#drained !== null
        ? "draining"
        : pool.ready === 0
        ? "unavailable"
        : "ready",
      connections: {
        total: connections,
        limit: maxConnections,
        byState: states,
        turnedAway,
      },
      ...inspectPool(pool, maxQueue),
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
    const full = completeOptions(options);
    const config = await workerConfig(full);
    await using opened = new AsyncDisposableStack();
    // First, for it is what fails most often and costs least.
    const entrance = opened.use(await Entrance.open(full));
    const directory = new KnownDirectory(config, full.log);
    const pool = opened.adopt(
      await startPool(full, config, (news) => directory.take(news)),
      (pool) => pool.close(),
    );
    const responder = responderOf(full, directory, pool);
    const failedReload = full.showErrors ? new FailedReload() : null;
    const server = await entrance.serve(
      failedReload?.before(responder) ?? responder,
    );
    return new Skein({
      ...{ options: full, entrance, directory, pool, server, failedReload },
      opened: opened.move(),
    });
  }

  /**
   * Serves with new workers, which load the app anew. The old ones finish what they
   * have begun, and go on where the new ones do not boot. All calls during a reload
   * are one more reload. Certificates and passwords are read anew. A root that is a link,
   * or lies below one, is looked up anew.
   */
  async reload(): Promise<Reloaded> {
    if (this.#drained !== null) return { kind: "ending" };
    const reloaded = await this.#reload();
    this.#parts.failedReload?.take(reloaded);
    return reloaded;
  }

  async #reload(): Promise<Reloaded> {
    const { entrance, options, pool, directory } = this.#parts;
    await entrance.reload();
    try {
      const config = await workerConfig(options);
      const result = await pool.reload(config);
      if (result.kind === "reloaded" && config.root !== null) {
        directory.moveTo(config.root);
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
    const { entrance, server, opened } = this.#parts;
    const stopped = entrance.stopRenewal();
    const cut = await server.drain(deadline);
    await stopped;
    await opened[Symbol.asyncDispose]();
    this.#finished.resolve(cut);
    return cut;
  }

  /** Drains for up to `drainMs`. */
  async [Symbol.asyncDispose](): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#parts.options.drainMs);
    });
    await this.drain(deadline);
    clearTimeout(timer);
  }
}

/** What stands for an address where there are only socket files. */
const noAddress: Deno.NetAddr = { transport: "tcp", hostname: "", port: 0 };
