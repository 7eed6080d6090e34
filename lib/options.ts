/**
 * What a Skein is started with. Must not know how an option is put into effect.
 *
 * @module
 */

import type { StaticOptions } from "./files/static_options.ts";
import type { RequestListener } from "./http/exchange.ts";
import { defaultServerName } from "./http/response_head.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import type { ListenAddress } from "./server/listen.ts";

/** How connections are secured. */
export interface TlsOptions {
  /** Paths of certificates and their keys, PEM. The pair is chosen by the name of the
   * server that a client asks for; all others are shown the first. Where a file changes,
   * the new pair is in force within seconds. */
  readonly pairs: readonly { readonly cert: string; readonly key: string }[];
  /** The path of the certificates of authorities, PEM: clients have to show a certificate
   * that one of them has signed. */
  readonly clientCa?: string | null;
  /** Whether clients without a certificate are served too. */
  readonly clientOptional?: boolean;
  /** Where plain HTTP is answered by a redirect to HTTPS. */
  readonly redirectFrom?: ListenAddress | null;
  /** Whether responses say that clients are to come by HTTPS only, for a year
   * (`Strict-Transport-Security`, RFC 6797). */
  readonly hsts?: boolean;
}

/** Who may ask. */
export interface BasicAuthOptions {
  /** The path of a file of names and hashes, as htpasswd makes it: bcrypt, SHA-256 or
   * SHA-512. Where it changes, the new one is in force within seconds. */
  readonly file: string;
  /** Whether passwords may cross a network in plain text, to a proxy in front that has
   * the TLS. */
  readonly plain?: boolean;
}

/** What is served, where, and by how many workers. */
export interface SkeinOptions {
  /** The directory, a path or a `file:` URL; it has to exist. Not needed where there is
   * an app. */
  readonly root?: string | URL | null;
  /** The app's module, a URL or a path, or `null`. What is relative is so to the current
   * directory. */
  readonly app?: string | URL | null;
  /** The only paths that the app is asked for, with `GET` and `HEAD`: everything else is
   * files of the directory, and as fast as without an app. By default the app is asked
   * for everything. */
  readonly appPaths?: readonly string[] | null;
  /** How the files of the directory are served. */
  readonly files?: Partial<StaticOptions>;
  /** The address to listen on; by default the loopback address. */
  readonly hostname?: string;
  /** The port to listen on; 0, the default, means any free one. */
  readonly port?: number;
  /** Where to listen instead of there: addresses, and socket files. */
  readonly listen?: readonly ListenAddress[];
  /** Whether other processes may listen on those ports too, and the kernel gives each new
   * connection to one of them. Deno wants `--unstable-net` for it. */
  readonly reusePort?: boolean;
  /** Certificates; where they are named, all that listens speaks TLS. */
  readonly tls?: TlsOptions | null;
  /** Asks every client for a name and a password (HTTP Basic, RFC 7617). Without TLS it
   * has to listen on the loopback address or on socket files. */
  readonly basicAuth?: BasicAuthOptions | null;
  /** Whether the messages of WebSockets are compressed, where the client can
   * (permessage-deflate, RFC 7692); by default not, for it costs more than most messages
   * save. */
  readonly compressSockets?: boolean;
  /** Number of worker threads; by default one for each core, with an app one more. */
  readonly workers?: number;
  /** Sizes and times that differ from the defaults. */
  readonly limits?: Partial<Limits>;
  /** Bytes of a request body that is streamed to the app; `null`, the default,
   * where all bodies are read whole. */
  readonly maxStreamedBodyBytes?: number | null;
  /** How long it finishes requests when it ends, and how long the WebSockets of a worker
   * that was replaced may go on; by default 25 s. */
  readonly drainMs?: number;
  /** The value of `Server`, or `null` for none. */
  readonly serverName?: string | null;
  /** Networks of proxies whose word counts, for who the client is and what it has asked
   * for: `10.0.0.0/8`, `::1`, `loopback`, `private`, `unix`. */
  readonly trustProxy?: readonly string[];
  /** The fields in which they tell: `X-Forwarded-For`, `-Proto` and `-Host`, the
   * default, or `Forwarded` (RFC 7239). */
  readonly forwardedFields?: "x-forwarded" | "forwarded";
  /** Whether every connection begins with a header of the PROXY protocol (version 1 or
   * 2), which says who the client is. One without it is closed. */
  readonly proxyProtocol?: boolean;
  /** Whether each request is a span (OpenTelemetry), where the runtime exports them
   * (`OTEL_DENO=true`). */
  readonly traces?: boolean;
  /** Whether a client is shown the error that its request has caused, with the stack:
   * what the log is told; and a browser that of a reload that has failed. For development; never in production, for it tells strangers
   * what the app is like. */
  readonly showErrors?: boolean;
  /** Ends it when it aborts, as `await using` does. */
  readonly signal?: AbortSignal;
  /** Receives an event for every request, once it is over: what an access log and
   * metrics are made of. */
  readonly onRequest?: RequestListener;
  /** Receives one line (or a stack) for the operator; by default `console.error`. */
  readonly log?: (line: string) => void;
  /** Receives what the app prints on its console, with its line breaks; by default it
   * is written to stdout or stderr. */
  readonly print?: (text: string, isError: boolean) => void;
  /** How the threads of an app are kept apart: `"standard"`, the default, in Web
   * Workers; `"strict"` in threads that can be stopped whatever they do, and whose heap
   * has a wall. */
  readonly isolation?: "standard" | "strict";
  /** Called when more threads than the limit could not be stopped: time to end. */
  readonly onTooManyLost?: () => void;
  /** Called when a thread that cannot be stopped takes so much memory that the process
   * will be aborted: time to end within seconds. */
  readonly onOutOfMemory?: () => void;
}

/** The same, with the defaults that more than one part needs to know. */
export interface FullOptions extends SkeinOptions {
  readonly limits: Limits;
  readonly log: (line: string) => void;
  readonly drainMs: number;
  readonly serverName: string | null;
}

const defaultDrainMs = 25_000;

/**
 * Checks the options, and completes them.
 *
 * @throws {TypeError} where an option lacks another one
 * @throws {RangeError} where a value is none that an option takes
 */
export function completeOptions(options: SkeinOptions): FullOptions {
  checkOptions(options);
  const { limits, log, drainMs = defaultDrainMs, serverName } = options;
  return {
    ...options,
    limits: { ...defaultLimits, ...given(limits ?? {}) },
    log: log ?? ((line) => console.error(line)),
    drainMs,
    serverName: serverName === undefined ? defaultServerName : serverName,
  };
}

/** Without what is `undefined`: that stands for the default, as elsewhere. */
function given(limits: Partial<Limits>): Partial<Limits> {
  return Object.fromEntries(
    Object.entries(limits).filter(([, value]) => value !== undefined),
  );
}

/** Whether the app decides about every request. */
export function isAllOfApp({ app, appPaths }: SkeinOptions): boolean {
  return !!app && !appPaths;
}

/** Checks what types do not say. */
function checkOptions(
  { root, app, appPaths, workers, isolation, limits = {} }: SkeinOptions,
): void {
  if (appPaths && !(root && app)) {
    throw new TypeError("appPaths needs a root and an app");
  }
  if (workers !== undefined && !(Number.isInteger(workers) && workers > 0)) {
    throw new RangeError(`workers takes a whole number from 1, not ${workers}`);
  }
  if (
    isolation !== undefined && isolation !== "standard" &&
    isolation !== "strict"
  ) {
    throw new RangeError(
      `isolation takes "standard" or "strict", not ${
        JSON.stringify(isolation)
      }`,
    );
  }
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(defaultLimits, name)) {
      throw new RangeError(`There is no limit ${name}`);
    }
    // No queue, no lost worker: a maximum of nothing has a meaning.
    const least = name.startsWith("max") ? 0 : 1;
    if (value === undefined || value >= least) continue;
    throw new RangeError(
      `limits.${name} takes a number from ${least}, not ${value}`,
    );
  }
}
