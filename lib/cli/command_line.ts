/**
 * The command line as a value. Pure: must not know `Deno`, or what is done with
 * what it says.
 *
 * @module
 */

import { parseArgs, type ParseArgsConfig } from "node:util";
import {
  defaultStaticOptions,
  type StaticOptions,
} from "../files/static_options.ts";
import type { Limits } from "../limits.ts";
import {
  limitFlags,
  readCount,
  readLimits,
  readSeconds,
  readStaticOptions,
  staticFlags,
  UsageError,
} from "./flags.ts";

/** What the server was told to do. */
export interface CommandLine {
  /** The directory, or `null` for the bundled one. */
  readonly root: string | null;
  /** What was chosen about it. */
  readonly site: StaticOptions;
  /** The path or URL of an app's module, or `null`. */
  readonly app: string | null;
  /** Reload the app when its modules change. */
  readonly watch: boolean;
  /** An address or a name of this machine. */
  readonly hostname: string;
  /** 0 means any free port. */
  readonly port: number;
  /** Number of worker threads, or `undefined` for as many as the machine wants. */
  readonly workers: number | undefined;
  /** Bytes of a request body that is streamed to the app, or `null` where all
   * bodies come whole. */
  readonly maxStreamedBodyBytes: number | null;
  /** How long a drain may take. */
  readonly drainMs: number;
  /** Say nothing but what is wrong. */
  readonly quiet: boolean;
  /** Those that were named. */
  readonly limits: Partial<Limits>;
  /** The value of `Server`, or `null` for none. */
  readonly serverName: string | null;
}

/** What a command line asks for. */
export type Parsed =
  | { readonly kind: "run"; readonly options: CommandLine }
  | { readonly kind: "help" }
  | { readonly kind: "version" };

export { UsageError };

const defaults = { port: "7878", host: "127.0.0.1", drain: "25" };

/** What `--help` prints. */
export const usage =
  `Skein serves a directory, and apps, on a pool of worker threads.

Usage: skein [options] [ROOT]

ROOT is the directory to serve; without one it is Skein's own hello page.

  -p, --port PORT      port to listen on; 0 for any free one  [$PORT, ${defaults.port}]
      --host HOST      address to listen on                   [$HOST, ${defaults.host}]
  -w, --workers N      worker threads  [one for each core; with an app one more]
      --app MODULE     answer with the ES module's
                       export default { fetch(request, info) };
                       what it answers with nothing, ROOT does
  -s, --spa            a page that is not there is index.html
      --list           list directories that have no index.html
      --cache S        seconds that caches may use a file unasked,
                       where it is no page and its name has no
                       hash; 0: never; off: nothing is kept   [${defaultStaticOptions.cacheSeconds}]
      --cors           pages of other origins may read what
                       ROOT answers
  -H, --header 'N: V'  one more field in what ROOT answers
                       (repeatable)
      --stream-body MIB
                       hand the app large request bodies as
                       they come, of so many MiB at most      [whole ones only]
      --watch          reload the app when its modules change
      --queue N        requests that may wait for a worker;
                       past it the answer is 503              [4096]
      --queue-timeout S
                       seconds that one may wait; past it the
                       answer is 503, and it is not run       [30]
      --timeout S      seconds that a handler may take;
                       past it the answer is 504              [30]
      --max-requests N requests after which a worker is
                       replaced, less up to a fifth at random [1000000]
      --max-heap MB    heap past which a worker is replaced   [512]
      --lost-workers N threads that cannot be stopped; past
                       it Skein ends, with code 1             [4]
      --drain S        seconds to finish in, once told to end [${defaults.drain}]
      --limit NAME=N   any other limit, by its name in the
                       README (repeatable)
      --server NAME    what the Server field says; empty
                       leaves it out                          [Skein]
  -q, --quiet          print nothing but what is wrong
  -h, --help           print this
  -V, --version        print the version`;

const flags = {
  port: { type: "string", short: "p" },
  host: { type: "string" },
  workers: { type: "string", short: "w" },
  app: { type: "string" },
  ...staticFlags,
  "stream-body": { type: "string" },
  watch: { type: "boolean" },
  ...limitFlags,
  drain: { type: "string" },
  server: { type: "string" },
  quiet: { type: "boolean", short: "q" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
} satisfies ParseArgsConfig["options"];

/**
 * Parses the arguments.
 *
 * @param args without the program's name
 * @param env looks up an environment variable
 * @throws {UsageError} where they are wrong
 */
export function parseCommandLine(
  args: string[],
  env: (name: string) => string | undefined,
): Parsed {
  const { values, positionals } = parse(args);
  if (values.help) return { kind: "help" };
  if (values.version) return { kind: "version" };
  if (positionals.length > 1) {
    throw new UsageError(
      `Only one ROOT can be served, and "${positionals[1]}" is a second one`,
    );
  }
  return {
    kind: "run",
    options: {
      root: nonEmpty("ROOT", positionals[0]) ?? null,
      site: readStaticOptions(values),
      app: nonEmpty("--app", values.app) ?? null,
      watch: readWatch(values),
      hostname: nonEmpty("--host", values.host) ??
        (env("HOST") || defaults.host),
      port: readPort(values.port, env("PORT")),
      workers: readCount("--workers", values.workers, 1, 256),
      maxStreamedBodyBytes: readStreamBody(values["stream-body"], values.app),
      drainMs: readSeconds("--drain", values.drain ?? defaults.drain),
      quiet: values.quiet ?? false,
      limits: readLimits(values),
      serverName: readServerName(values.server),
    },
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: flags,
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    throw new UsageError(inOurWords((error as Error).message));
  }
}

/** The parser's messages go on to explain the parser; their first sentence is ours
 * too, but for one that says nothing without the others. */
function inOurWords(message: string): string {
  const ambiguous = /^Option '(\S+)' argument is ambiguous/.exec(message);
  return ambiguous === null
    ? message.split(/\. |\n/)[0]
    : `${ambiguous[1]} needs a value before the next flag`;
}

function readWatch(values: { watch?: boolean; app?: string }): boolean {
  if (values.watch && values.app === undefined) {
    throw new UsageError("--watch needs an --app; files are always read anew");
  }
  return values.watch ?? false;
}

const mebibyte = 1024 * 1024;

function readStreamBody(
  value: string | undefined,
  app: string | undefined,
): number | null {
  // Terabytes: past it a double would not count single bytes.
  const count = readCount("--stream-body", value, 1, 1 << 23);
  if (count === undefined) return null;
  if (app === undefined) {
    throw new UsageError("--stream-body is for an app; name one with --app");
  }
  return count * mebibyte;
}

function readServerName(value: string | undefined): string | null {
  if (value === undefined) return "Skein";
  if (!/^[\x20-\x7e]*$/.test(value)) {
    throw new UsageError("--server takes printable ASCII characters only");
  }
  return value === "" ? null : value;
}

function nonEmpty(flag: string, value: string | undefined): string | undefined {
  if (value === "") throw new UsageError(`${flag} needs a value`);
  return value;
}

function readPort(
  flag: string | undefined,
  variable: string | undefined,
): number {
  if (flag !== undefined) return readCount("--port", flag, 0, 65_535)!;
  return readCount("$PORT", variable || defaults.port, 0, 65_535)!;
}
