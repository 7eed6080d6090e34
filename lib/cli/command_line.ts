/**
 * The command line as a value. Pure: must not know `Deno`, or what is done with the
 * options.
 *
 * @module
 */

import { parseArgs } from "node:util";
import type { StaticOptions } from "../files/static_options.ts";
import type { ListenAddress } from "../server/listen.ts";
import { defaultServerName } from "../http/response_head.ts";
import type { Limits } from "../limits.ts";
import {
  type AccessLogFlags,
  readAccessLog,
  readAdmin,
  readDrainDelay,
  readListen,
  readTrustProxy,
} from "./operate_flags.ts";
import {
  mebibyte,
  nonEmpty,
  readCount,
  readLimits,
  readList,
  readSeconds,
  readStaticOptions,
  UsageError,
} from "./flags.ts";
import { type AuthFlags, readAuth } from "./auth_flags.ts";
import { readTls, type TlsFlags } from "./tls_flags.ts";
import { hint } from "./nearest.ts";
import {
  allOptions,
  defaults,
  type GivenValues,
  type Option,
  optionTable,
  type OptionValues,
  type Shell,
  shells,
} from "./option_table.ts";
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
  /** Who may ask, or `null` for everybody. */
  readonly basicAuth: AuthFlags | null;
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

/** What is asked for instead of serving, and needs no settings. */
export type Question =
  /** With the name of an option: about that alone. */
  | { readonly kind: "help"; readonly about: string | null }
  | { readonly kind: "limits" }
  | { readonly kind: "completions"; readonly shell: Shell };

/** What a command line asks for. */
export type Asked =
  | Question
  | { readonly kind: "version" }
  | {
    /** `print-config`: only show the options that hold. */
    readonly kind: "run" | "print-config";
    /** What its flags say. */
    readonly given: FlagValues;
  };

/** Every option that variables and files may name. */
export const options: Flags = {
  root: { type: "string" },
  ...parserOptions(optionTable),
};

function parserOptions(table: Readonly<Record<string, Option>>): Flags {
  return Object.fromEntries(
    Object.entries(table).map(([name, { takes, short, repeatable }]) => [name, {
      type: takes === undefined ? "boolean" : "string",
      ...(short && { short }),
      ...(repeatable && { multiple: true }),
    }]),
  );
}

/** npm wants a `--` before the options of a script, and Deno passes it on. Before a ROOT
 * alone it says that this is no option. */
function withoutSeparator(args: string[]): string[] {
  const [first, second] = args;
  return first === "--" && args.length > 2 && second.startsWith("-")
    ? args.slice(1)
    : args;
}

function optionNamed(word = ""): string | null {
  const name = word.replace(/^--/, "");
  return Object.hasOwn(allOptions, name) ? name : null;
}

/** @throws {UsageError} where the command line is wrong */
export function readFlags(args: string[]): Asked {
  const { values, positionals } = parse(withoutSeparator(args));
  const { "print-config": prints, completions, help, version, ...given } =
    values;
  // A directory of that name is ./help.
  const words = positionals[0] === "help" ? positionals.slice(1) : positionals;
  if (help || words !== positionals) {
    return /^limits?$/.test(words[0] ?? "")
      ? { kind: "limits" }
      : { kind: "help", about: optionNamed(words[0]) };
  }
  if (version) return { kind: "version" };
  if (completions !== undefined) {
    return { kind: "completions", shell: readShell(completions) };
  }
  if (positionals.length > 1) {
    const [, second] = positionals;
    throw new UsageError(
      `Only one ROOT can be served, and "${second}" is a second one${
        modules.test(second) ? `; an app needs --app ${second}` : ""
      }`,
    );
  }
  return {
    kind: prints ? "print-config" : "run",
    given: { ...given, root: nonEmpty("ROOT", positionals[0]) },
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
    return read(settings.values as OptionValues);
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

function read(values: OptionValues): CommandLine {
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
    basicAuth: readAuth(values),
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

function parse(
  args: string[],
): { readonly values: GivenValues; readonly positionals: readonly string[] } {
  try {
    return parseArgs({
      args,
      options: parserOptions(allOptions),
      allowPositionals: true,
      strict: true,
    }) as ReturnType<typeof parse>;
  } catch (error) {
    throw new UsageError(explainParse((error as Error).message));
  }
}

/** What `parseArgs` says of a mistake, and what was perhaps meant. */
function explainParse(message: string): string {
  const [, unknown] = /^Unknown option '(-\S+)'/.exec(message) ?? [];
  if (unknown === undefined) return shorten(message);
  if (optionsOfDeno.test(unknown)) {
    return `${unknown} is an option of Deno: it goes before the module, as in "deno run ${unknown} main.ts"; a task has no place for it`;
  }
  const name = unknown.startsWith("--") ? unknown.slice(2) : "";
  const known = Object.keys(allOptions);
  const positive = name.replace(/^no-/, "");
  const advice = optionsOfOthers[unknown];
  return `Unknown option '${unknown}'${
    advice !== undefined
      ? `; ${advice}`
      : known.includes(positive)
      ? `; leave --${positive} out instead`
      : hint(name, known, { prefix: "--" }) || "; --help prints all options"
  }`;
}

/** What those who know other servers try, and what it is called here. */
const optionsOfOthers: Readonly<Record<string, string>> = {
  "--no-cache": "write --cache off instead",
  "--dir": "write the directory alone",
  "-d": "write the directory alone",
  "-l": "did you mean --port?",
  "-v": "did you mean -V?",
};

/** Names that are no directories: what was meant is `--app`. */
const modules = /\.[cm]?[jt]sx?$/;

const optionsOfDeno = new RegExp(
  "^(?:-[ARNWESIPcr]|--(?:(?:allow|deny|ignore|unstable|unsafely|inspect)" +
    "(?:-.*)?|(?:no-)?(?:prompt|lock|check|remote|npm|config)|reload|frozen|" +
    "cached-only|env-file|import-map|node-modules-dir|v8-flags|location|cert|" +
    "preload|permission-set))$",
);

/** The first sentence of a message of `parseArgs` says what is wrong, the rest explains
 * the parser. A missing value is said in our own words. */
function shorten(message: string): string {
  const ambiguous = /^Option '(\S+)' argument is ambiguous/.exec(message);
  if (ambiguous !== null) {
    return `${ambiguous[1]} needs a value before the next flag`;
  }
  const missing = /^Option '(?:-\S, )?(--\S+) <value>'/.exec(message);
  return missing === null
    ? message.split(/\. |\n/)[0]
    : `${missing[1]} needs a value`;
}

function readShell(value: string): Shell {
  const shell = shells.find((name) => name === value);
  if (shell !== undefined) return shell;
  throw new UsageError(`--completions takes bash, zsh or fish, not "${value}"`);
}

function readWatch(
  values: { watch?: boolean; app?: string; root?: string },
): boolean {
  if (values.watch && values.app === undefined) {
    throw new UsageError(
      modules.test(values.root ?? "")
        ? `"${values.root}" is a module; to serve the app in it, write --app ${values.root}`
        : "--watch needs --app; changed files are served without it",
    );
  }
  return values.watch ?? false;
}

function readOpen({ open, listen = [] }: OptionValues): boolean {
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
