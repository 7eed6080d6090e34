/**
 * The parts put together: a pool behind a server, for one directory and perhaps
 * one app. What embeds Skein, or tests it whole, begins here.
 *
 * ```ts
 * import { Skein } from "./skein.ts";
 *
 * const skein = await Skein.start({
 *   root: "static",
 *   app: new URL("../tests/apps/hello.ts", import.meta.url).href,
 * });
 * const { hostname, port } = skein.server.address;
 * const answer = await fetch(`http://${hostname}:${port}/`);
 * console.log(await answer.text()); // "Hello!"
 *
 * const deadline = new Promise((end) => {
 *   AbortSignal.timeout(5000).onabort = end;
 * });
 * await skein.drain(deadline); // 0: nobody was cut off
 * ```
 *
 * It needs the imports and the `unstable` of this project's `deno.json`: a program
 * elsewhere runs with `--config` of it. Signals and exit codes are the program's.
 *
 * @module
 */

import { FileChangedError, openFileBody } from "./files/file_body.ts";
import { refuseMethod } from "./files/static_handler.ts";
import {
  defaultStaticOptions,
  type StaticOptions,
} from "./files/static_options.ts";
import { errorResponse } from "./http/error.ts";
import { type WireResponse, wireResponseOf } from "./http/exchange.ts";
import type { Field, HttpResponse } from "./http/message.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { type Thread, WorkerThread } from "./messages/thread.ts";
import type { Reloaded } from "./pool/boot_error.ts";
import type { Job, JobResponse } from "./pool/job.ts";
import { Pool } from "./pool/pool.ts";
import { Server } from "./server/server.ts";

/** What is served, where, and by how many. */
export interface SkeinOptions {
  /** The directory; it has to be there. */
  readonly root: string;
  /** The URL of an app's module, or `null`. */
  readonly app?: string | null;
  /** What is chosen about the directory. */
  readonly site?: Partial<StaticOptions>;
  /** Defaults to the loopback address. */
  readonly hostname?: string;
  /** 0 means any free port. */
  readonly port?: number;
  /** Number of worker threads; by default one for each core, with an app one more. */
  readonly workers?: number;
  /** Sizes and times. */
  readonly limits?: Partial<Limits>;
  /** Bytes of a request body that is streamed to the app; `null`, the default,
   * where all bodies come whole. */
  readonly maxStreamedBodyBytes?: number | null;
  /** The value of `Server`, or `null` for none. */
  readonly serverName?: string | null;
  /** One line (or a stack) for the operator. */
  readonly log?: (line: string) => void;
  /** More threads than the limit could not be stopped: time to end. */
  readonly onTooManyLost?: () => void;
}

/** A running Skein. */
export class Skein {
  /** The listening half. */
  readonly server: Server;
  /** The working half. */
  readonly pool: Pool;

  #draining = false;

  private constructor(server: Server, pool: Pool) {
    this.server = server;
    this.pool = pool;
  }

  /**
   * Listens, boots the workers, and serves.
   *
   * @throws {Deno.errors.AddrInUse} and the like from `Deno.listen`
   * @throws {Deno.errors.NotFound} where the directory is not there
   * @throws {import('./pool/boot_error.ts').BootError} where the app does not load
   */
  static async start(options: SkeinOptions): Promise<Skein> {
    const limits: Limits = { ...defaultLimits, ...options.limits };
    const log = options.log ?? ((line) => console.error(line));
    const root = await Deno.realPath(options.root);
    // First, for it is what fails most often and costs least.
    const listener = Deno.listen({
      hostname: options.hostname ?? "127.0.0.1",
      port: options.port ?? 0,
    });
    try {
      const pool = await startPool(options, limits, root, log);
      const server = new Server(listener, {
        limits,
        dispatch: (request) => pool.submit(request),
        // An app may want any body; only it knows.
        refuse: options.app ? () => null : refuseMethod,
        maxStreamedBodyBytes: options.app
          ? options.maxStreamedBodyBytes ?? null
          : null,
        serverName: serverNameOf(options),
        onBug: (error) =>
          log(error instanceof Error ? error.stack ?? `${error}` : `${error}`),
      });
      return new Skein(server, pool);
    } catch (error) {
      listener.close();
      throw error;
    }
  }

  /**
   * Serves with new workers, which read the app anew. The old ones answer what they
   * have begun, and go on where the new ones do not boot. Reloads that are asked
   * for during one are one more.
   */
  async reload(): Promise<Reloaded> {
    return this.#draining ? { kind: "ending" } : await this.pool.reload();
  }

  /**
   * Ends: every request that was read is answered first.
   *
   * @param deadline cuts off what is left when it resolves
   * @returns how many connections were cut off
   */
  async drain(deadline: Promise<unknown>): Promise<number> {
    this.#draining = true;
    const cut = await this.server.drain(deadline);
    this.pool.close();
    return cut;
  }
}

function serverNameOf({ serverName }: SkeinOptions): string | null {
  return serverName === undefined ? "Skein" : serverName;
}

/** One that computes for each core, and with an app one for light requests meanwhile:
 * beside two clients that ask for 200 ms of computing 2 workers on 2 cores do 17 of
 * those in 3 s, and 3, 4 or 6 do 30. More than 3 bring nothing. */
function defaultWorkers(app: boolean): number {
  return navigator.hardwareConcurrency + (app ? 1 : 0);
}

function startPool(
  options: SkeinOptions,
  limits: Limits,
  root: string,
  log: (line: string) => void,
): Promise<Pool> {
  const app = options.app ?? null;
  return Pool.start({
    size: options.workers ?? defaultWorkers(app !== null),
    spawn: () => spawnWorker(app === null ? [root] : "inherit"),
    config: {
      serverName: serverNameOf(options),
      root,
      site: { ...defaultStaticOptions, ...options.site },
      app,
      handlerTimeoutMs: limits.handlerTimeoutMs,
      streamWindowBytes: limits.streamWindowBytes,
    },
    limits,
    cores: navigator.hardwareConcurrency,
    learnCosts: app !== null,
    present: (outcome, job) => present(outcome, job, log),
    log,
    onTooManyLost: options.onTooManyLost ?? (() => {}),
  });
}

/** A worker of a plain site may read its root and nothing else. */
function spawnWorker(read: string[] | "inherit"): Thread {
  const worker = new Worker(new URL("./worker/entry.ts", import.meta.url), {
    type: "module",
    deno: { permissions: read === "inherit" ? "inherit" : { read } },
  });
  return new WorkerThread(worker);
}

/** How a job's end looks to the client. */
function present(
  outcome: JobResponse,
  job: Job,
  log: (line: string) => void,
): WireResponse | Promise<WireResponse> {
  if (outcome.kind === "encoded") return outcome;
  if (outcome.kind === "failure") return presentFailure(outcome, job, log);
  const { status, fieldLines, body, stream } = outcome;
  const open = { kind: "open", status, fieldLines } as const;
  if (body instanceof Uint8Array) return { ...open, body };
  switch (body.kind) {
    case "none":
      return { ...open, body: null };
    case "omitted":
      return { ...open, body };
    case "stream":
      return { ...open, body: stream };
    case "file":
      return presentFiles(status, fieldLines, [body], log);
    case "parts":
      return presentFiles(status, fieldLines, body.parts, log);
  }
}

const retryAfter: Field = ["Retry-After", "1"];

function presentFailure(
  outcome: JobResponse & { kind: "failure" },
  { title }: Job,
  log: (line: string) => void,
): WireResponse {
  switch (outcome.status) {
    case 500: {
      const id = crypto.randomUUID().slice(0, 8);
      log(`Request ${id} (${title}) failed: ${outcome.trace}`);
      return wireResponseOf(
        errorResponse(500, `The server made a mistake (${id}).`),
      );
    }
    case 503:
      return wireResponseOf(
        errorResponse(503, "The server is busy.", [retryAfter]),
      );
    case 504:
      log(`Request timed out: ${title}`);
      return wireResponseOf(
        errorResponse(504, "The server took too long over this."),
      );
  }
}

async function presentFiles(
  status: number,
  fieldLines: string,
  parts: Parameters<typeof openFileBody>[0],
  log: (line: string) => void,
): Promise<WireResponse> {
  try {
    const body = await openFileBody(parts, log);
    return { kind: "open", status, fieldLines, body };
  } catch (error) {
    return wireResponseOf(fileFailure(error, log));
  }
}

/** What became of a file between the look at it and its opening. */
function fileFailure(
  error: unknown,
  log: (line: string) => void,
): HttpResponse {
  if (error instanceof Deno.errors.NotFound) {
    return errorResponse(404, "It is gone.");
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return errorResponse(403, "The server may not read that.");
  }
  if (error instanceof FileChangedError) {
    return errorResponse(503, "That is being changed right now.", [retryAfter]);
  }
  log(`A file cannot be opened: ${(error as Error).message}`);
  return errorResponse(500, "The server cannot read that.");
}
