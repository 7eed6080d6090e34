/**
 * The command line as a value, and the text of `--help`. Pure: must not know `Deno`, or
 * what is done with the options.
 *
 * @module
 */

import { parseArgs, type ParseArgsConfig } from "node:util";
import {
  defaultStaticOptions,
  type StaticOptions,
} from "../files/static_options.ts";
import type { ListenAddress } from "../server/listen.ts";
import { defaultServerName } from "../http/response_head.ts";
import type { Limits } from "../limits.ts";
import {
  type AccessLogFlags,
  loopback,
  operateFlags,
  readAccessLog,
  readAdmin,
  readDrainDelay,
  readListen,
  readTrustProxy,
} from "./operate_flags.ts";
import {
  limitFlags,
  mebibyte,
  nonEmpty,
  readCount,
  readLimits,
  readList,
  readSeconds,
  readStaticOptions,
  staticFlags,
  UsageError,
} from "./flags.ts";
import { readTls, type TlsFlags, tlsFlags } from "./tls_flags.ts";
import { hint } from "./nearest.ts";
import {
  type Environment,
  type Flags,
  type FlagValues,
  mergeSettings,
  type Settings,
  type SettingsFile,
} from "./settings.ts";

export { UsageError };

export interface CommandLine {
  /** The directory, or `null` for the bundled one. */
  readonly root: string | null;
  /** How the files of the directory are served. */
  readonly site: StaticOptions;
  /** Whether directories are listed; `null` where that depends on the terminal. */
  readonly list: boolean | null;
  /** The path or URL of an app's module, or `null`. */
  readonly app: string | null;
  /** How the threads of the app are kept apart. */
  readonly isolation: "standard" | "strict";
  readonly watch: boolean;
  readonly hostname: string;
  /** 0 means any free port. */
  readonly port: number;
  /** Whether other processes may listen on that port too. */
  readonly reusePort: boolean;
  /** Where to listen instead of there; empty for there. */
  readonly listen: readonly (ListenAddress | "systemd")[];
  /** How connections are secured, or `null` for plain HTTP. */
  readonly tls: TlsFlags | null;
  /** Number of worker threads, or `undefined` for the default of this machine. */
  readonly workers: number | undefined;
  /** Bytes that a streamed request body may have, or `null` where all bodies are read
   * whole. */
  readonly maxStreamedBodyBytes: number | null;
  /** Whether the messages of WebSockets are compressed where the client can. */
  readonly compressSockets: boolean;
  readonly drainMs: number;
  /** Networks of proxies whose word counts. */
  readonly trustProxy: readonly string[];
  readonly forwardedFields: "x-forwarded" | "forwarded";
  /** Whether each connection begins with a header of the PROXY protocol. */
  readonly proxyProtocol: boolean;
  /** How long it still serves after the signal to end, while it says that it is not
   * ready. */
  readonly drainDelayMs: number;
  /** Where the people on call ask, or `null`. */
  readonly admin: ListenAddress | null;
  /** `null` for no access log. */
  readonly accessLog: AccessLogFlags | null;
  /** Print errors only. */
  readonly quiet: boolean;
  /** Open a browser once it serves. */
  readonly open: boolean;
  /** The limits that differ from the defaults. */
  readonly limits: Partial<Limits>;
  /** The value of `Server`, or `null` to leave the field out. */
  readonly serverName: string | null;
}

/** What a command line asks for. */
export type Asked =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | {
    /** `print-config`: only show the options that hold. */
    readonly kind: "run" | "print-config";
    /** What its flags say. */
    readonly given: FlagValues;
  };

const defaults = { port: "7878", host: loopback, drain: "25" };

/** What `--help` prints. */
export const usage =
  `Skein serves a directory, and apps, with a pool of worker threads.

Usage: skein [options] [ROOT]

ROOT is the directory to serve. Without ROOT and --app, Skein serves its own
hello page. Every option may also stand in a variable (SKEIN_MAX_HEAP=256), or
in skein.json or under "skein" in deno.json ({"max-heap": 256}).

  -p, --port PORT      port to listen on; 0: any free port    [$PORT, ${defaults.port}]
      --host HOST      address to listen on                   [$HOST, ${defaults.host}]
      --listen ADDRESS where to listen, instead of that:
                       HOST:PORT, PORT of this machine,
                       unix:PATH, with ,mode=660 behind it
                       if need be, or systemd: the sockets
                       that it passes (repeatable)
      --reuse-port     other processes may listen on that
                       port too, and each new connection goes
                       to one of them
      --tls-cert FILE  speak TLS with that certificate, PEM; a
                       changed file is in force within seconds
                       (repeatable: chosen by server name)
      --tls-key FILE   its key, PEM, in the same order
      --tls-client-ca FILE
                       clients have to show a certificate that
                       these authorities have signed
      --tls-client-optional
                       clients without one are served too
      --https-redirect ADDRESS
                       redirect plain HTTP from there to HTTPS
      --hsts           tell clients to come by HTTPS only, for
                       a year (Strict-Transport-Security)
  -w, --workers N      worker threads  [one for each core, plus one with an app]
      --app MODULE     serve the app that an ES module exports:
                       export default { fetch(request, info) }.
                       If fetch returns nothing, Skein looks
                       for a file
  -s, --spa            send index.html for a page that does not
                       exist
      --list           list directories that have no index.html
                       [on a terminal, for this machine alone]
      --no-list        never list them
      --cache S        seconds that caches may use a file before
                       they ask again, except pages and names
                       with a hash; 0: caches always ask;
                       off: caches store nothing              [${defaultStaticOptions.cacheSeconds}]
      --cors           let pages of other origins read files
  -H, --header 'N: V'  add a field to every response from ROOT
                       (repeatable)
      --mime EXT=TYPE  the media type of files with that
                       extension (repeatable)
      --stream-body MIB
                       stream large request bodies to the app,
                       up to so many MiB                      [read whole]
      --compress-sockets
                       compress WebSocket messages where the
                       client can (permessage-deflate)
      --isolation MODE strict: run the app in threads that can
                       be stopped whatever they do, and end
                       alone where they use more than
                       --max-heap                             [standard]
      --watch          reload the app when its modules change
      --access-log FILE
                       write a line for each request to FILE,
                       or to stdout for -; SIGHUP opens FILE
                       again
      --log-format F   pretty, combined or json
                                  [combined; pretty on a terminal]
      --log-queries    log queries too: they may hold secrets
      --queue N        requests that may wait for a worker;
                       any more get a 503                     [4096]
      --queue-timeout S
                       seconds that a request may wait for a
                       worker; then it gets a 503             [30]
      --timeout S      seconds that a handler may take; then
                       the client gets a 504                  [30]
      --max-requests N replace a worker after N requests, or
                       up to a fifth fewer, at random         [1000000]
      --max-heap MB    replace a worker whose heap is larger  [512]
      --lost-workers N threads that may be lost because they
                       cannot be stopped; with more, Skein
                       ends with code 1                       [4]
      --drain S        seconds to finish requests in, after
                       the signal to end                      [${defaults.drain}]
      --drain-delay S  seconds to serve on after that signal,
                       while /readyz of --admin says 503      [0]
      --admin ADDRESS  health, metrics and a status page for
                       the people on call, on HOST:PORT,
                       PORT of this machine, or unix:PATH
      --trust-proxy NET
                       believe what proxies in NET say of their
                       clients (X-Forwarded-For, -Proto and
                       -Host): 10.0.0.0/8, loopback, private
                       or unix (repeatable)
      --forwarded      believe them in Forwarded (RFC 7239)
                       instead
      --proxy-protocol each connection begins with a header
                       of the PROXY protocol, version 1 or 2;
                       others are closed
      --limit NAME=N   set any other limit; the README lists
                       the names (repeatable)
      --server NAME    value of the Server field; empty:
                       leave the field out                    [${defaultServerName}]
      --open           open a browser once Skein serves
  -q, --quiet          print errors only
      --print-config   print the options that hold, and where
                       each is from; then end
  -h, --help           print this help
  -V, --version        print the version`;

const flags = {
  port: { type: "string", short: "p" },
  host: { type: "string" },
  workers: { type: "string", short: "w" },
  app: { type: "string" },
  ...staticFlags,
  "stream-body": { type: "string" },
  "compress-sockets": { type: "boolean" },
  isolation: { type: "string" },
  watch: { type: "boolean" },
  ...limitFlags,
  ...operateFlags,
  ...tlsFlags,
  drain: { type: "string" },
  server: { type: "string" },
  quiet: { type: "boolean", short: "q" },
  open: { type: "boolean" },
} satisfies ParseArgsConfig["options"];

/** What is asked for instead of serving. */
const questions = {
  "print-config": { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
} satisfies ParseArgsConfig["options"];

/** Every option that variables and files may name. */
export const options: Flags = { root: { type: "string" }, ...flags };

/** @throws {UsageError} where the command line is wrong */
export function readFlags(args: string[]): Asked {
  const { values, positionals } = parse(args);
  const { "print-config": prints, help, version, ...rest } = values;
  if (help) return { kind: "help" };
  if (version) return { kind: "version" };
  if (positionals.length > 1) {
    const [, second] = positionals;
    throw new UsageError(
      `Only one ROOT can be served, and "${second}" is a second one${
        /\.[cm]?[jt]sx?$/.test(second) ? `; an app needs --app ${second}` : ""
      }`,
    );
  }
  return {
    kind: prints ? "print-config" : "run",
    given: { ...rest, root: nonEmpty("ROOT", positionals[0]) },
  };
}

/**
 * Puts the flags together with variables and a file.
 *
 * @throws {UsageError} where one of them is wrong
 */
export function readSettings(
  given: FlagValues,
  environment: Environment,
  file: SettingsFile | null,
): Settings {
  return mergeSettings(given, options, environment, file);
}

/**
 * Reads what the options say.
 *
 * @throws {UsageError} where a value is wrong
 */
export function readCommandLine(settings: Settings): CommandLine {
  try {
    return read(settings.values as Values);
  } catch (error) {
    if (error instanceof UsageError) throw named(error, settings);
    throw error;
  }
}

/** An error says which place the wrong value is from. */
function named({ message }: UsageError, { origins }: Settings): UsageError {
  const [start, option = "root"] = /^(?:--([\w-]+)|ROOT)/.exec(message) ?? [];
  const origin = origins.get(option);
  return new UsageError(
    start === undefined || origin === undefined
      ? message
      : `${origin}${message.slice(start.length)}`,
  );
}

type Values = ReturnType<typeof parse>["values"] & { readonly root?: string };

function read(values: Values): CommandLine {
  return {
    root: nonEmpty("ROOT", values.root) ?? null,
    site: readStaticOptions(values),
    list: readList(values),
    app: nonEmpty("--app", values.app) ?? null,
    isolation: readIsolation(values),
    watch: readWatch(values),
    hostname: nonEmpty("--host", values.host) ?? defaults.host,
    port: readCount("--port", values.port ?? defaults.port, 0, 65_535)!,
    reusePort: values["reuse-port"] ?? false,
    listen: readListen(values),
    tls: readTls(values),
    workers: readCount("--workers", values.workers, 1, 256),
    maxStreamedBodyBytes: readStreamBody(values["stream-body"], values.app),
    compressSockets: readCompressSockets(values),
    drainMs: readSeconds("--drain", values.drain ?? defaults.drain),
    trustProxy: readTrustProxy(values["trust-proxy"], values.forwarded),
    forwardedFields: values.forwarded ? "forwarded" : "x-forwarded",
    proxyProtocol: values["proxy-protocol"] ?? false,
    drainDelayMs: readDrainDelay(values["drain-delay"]),
    admin: readAdmin(values.admin),
    accessLog: readAccessLog(values),
    quiet: values.quiet ?? false,
    open: readOpen(values),
    limits: readLimits(values),
    serverName: readServerName(values.server),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: { ...flags, ...questions },
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    throw new UsageError(explainParse((error as Error).message));
  }
}

/** What `parseArgs` says of a mistake, and what was perhaps meant. */
function explainParse(message: string): string {
  const [, unknown] = /^Unknown option '(-\S+)'/.exec(message) ?? [];
  if (unknown === undefined) return shorten(message);
  if (isOptionOfDeno(unknown)) {
    return `${unknown} is an option of Deno: it goes before the module, as in "deno run ${unknown} ..."`;
  }
  const known = Object.keys({ ...flags, ...questions })
    .map((name) => `--${name}`);
  return `Unknown option '${unknown}'${hint(unknown, known)}`;
}

function isOptionOfDeno(option: string): boolean {
  return /^(?:-[ARNWES]|--(?:(?:allow|deny|unstable)-.*|no-prompt|env-file|config|inspect.*|v8-flags))$/
    .test(option);
}

/** The first sentence of a message of `parseArgs` says what is wrong; the rest explains
 * the parser. Only for an ambiguous value the first sentence is not enough. */
function shorten(message: string): string {
  const ambiguous = /^Option '(\S+)' argument is ambiguous/.exec(message);
  return ambiguous === null
    ? message.split(/\. |\n/)[0]
    : `${ambiguous[1]} needs a value before the next flag`;
}

function readWatch(values: { watch?: boolean; app?: string }): boolean {
  if (values.watch && values.app === undefined) {
    throw new UsageError(
      "--watch needs --app; changed files are served without it",
    );
  }
  return values.watch ?? false;
}

function readOpen({ open, listen = [] }: Values): boolean {
  if (
    open && listen.length > 0 && listen.every((each) => /^unix:/.test(each))
  ) {
    throw new UsageError("--open needs a port: browsers open no socket file");
  }
  return open ?? false;
}

/** Whether only clients on this machine can reach all that is listened on. */
export function isForThisMachine(
  { listen, hostname }: Pick<CommandLine, "listen" | "hostname">,
): boolean {
  const names = listen.length === 0
    ? [hostname]
    : listen.map((each) =>
      typeof each === "object" && "hostname" in each ? each.hostname : ""
    );
  return names.every((name) =>
    /^(?:127(?:\.\d+){3}|::1|localhost)$/.test(name)
  );
}

function readIsolation(
  { isolation, app }: { isolation?: string; app?: string },
): CommandLine["isolation"] {
  if (isolation === undefined) return "standard";
  if (isolation !== "standard" && isolation !== "strict") {
    throw new UsageError(
      `--isolation takes "standard" or "strict", not "${isolation}"`,
    );
  }
  if (app === undefined) {
    throw new UsageError("--isolation is for an app; name one with --app");
  }
  return isolation;
}

function readStreamBody(
  value: string | undefined,
  app: string | undefined,
): number | null {
  // 8 TiB, far below the number up to which a double counts single bytes.
  const count = readCount("--stream-body", value, 1, 1 << 23);
  if (count === undefined) return null;
  if (app === undefined) {
    throw new UsageError("--stream-body is for an app; name one with --app");
  }
  return count * mebibyte;
}

function readCompressSockets(
  values: { "compress-sockets"?: boolean; app?: string },
): boolean {
  const compresses = values["compress-sockets"] ?? false;
  if (compresses && values.app === undefined) {
    throw new UsageError(
      "--compress-sockets is for an app; name one with --app",
    );
  }
  return compresses;
}

function readServerName(value: string | undefined): string | null {
  if (value === undefined) return defaultServerName;
  if (!/^[\x20-\x7e]*$/.test(value)) {
    throw new UsageError("--server takes printable ASCII characters only");
  }
  return value === "" ? null : value;
}
