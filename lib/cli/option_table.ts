/**
 * Every option of the command line: a row each, from which parsing, `--help`, the
 * completions of shells and the names of variables are made. Pure: must not know `Deno`,
 * or how a value is read.
 *
 * @module
 */

import { defaultStaticOptions } from "../files/static_options.ts";
import { defaultServerName } from "../http/response_head.ts";
import { defaultLimits } from "../limits.ts";

/** The headings of the help, in its order. */
export const groups = [
  "Serving",
  "Apps",
  "Security",
  "Limits",
  "Operation",
  "Output",
] as const;

/** What the help tells of an option, and what a shell completes. */
export interface Option {
  readonly group: (typeof groups)[number];
  /** Its letter. */
  readonly short?: string;
  /** How the help calls its value; an option without one is true or false. */
  readonly takes?: string;
  /** Whether it may be given several times. */
  readonly repeatable?: true;
  /** Sentences without a period at the end. */
  readonly help: string;
  /** As the help tells it. */
  readonly default?: string;
  /** What a shell offers as its value: these words, or names of such things. */
  readonly values?: readonly string[] | "files" | "limits";
}

/** Where a server listens that is not told where. */
export const loopback = "127.0.0.1";

/** Values that hold where none is given. */
export const defaults = { port: "7878", host: loopback, drain: "25" };

/** The shells that completions are made for. */
export const shells = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof shells)[number];

const mebibyte = 1024 * 1024;

/** Options that variables and files may name too. */
export const optionTable = {
  port: {
    group: "Serving",
    short: "p",
    takes: "PORT",
    help: "port to listen on; 0: any free port",
    default: `$PORT, ${defaults.port}`,
  },
  host: {
    group: "Serving",
    takes: "HOST",
    help: "address to listen on; 0.0.0.0: all of this machine",
    default: `$HOST, ${defaults.host}`,
  },
  listen: {
    group: "Serving",
    takes: "ADDRESS",
    repeatable: true,
    help: "where to listen, instead of --host and --port: HOST:PORT, a PORT " +
      "of this machine, unix:PATH, with ,mode=660 behind it if need be, or " +
      "systemd: the sockets that it passes",
    values: ["unix:", "systemd"],
  },
  "reuse-port": {
    group: "Serving",
    help: "other processes may listen on that port too, and each new " +
      "connection goes to one of them",
  },
  workers: {
    group: "Serving",
    short: "w",
    takes: "N",
    help: "worker threads",
    default: "one for each core, plus one with an app",
  },
  spa: {
    group: "Serving",
    short: "s",
    help: "send index.html for a page that does not exist",
  },
  list: {
    group: "Serving",
    help: "list directories that have no index.html",
    default: "on a terminal, for this machine alone",
  },
  zip: {
    group: "Serving",
    help: "with --list: offer each listed directory as an archive too",
  },
  "no-list": { group: "Serving", help: "never list them" },
  cache: {
    group: "Serving",
    takes: "S",
    help: "seconds that caches may use a file before they ask again, except " +
      "pages and names with a hash; 0: caches always ask; off: caches store " +
      "nothing",
    default: `${defaultStaticOptions.cacheSeconds}`,
    values: ["off"],
  },
  cors: { group: "Serving", help: "let pages of other origins read files" },
  header: {
    group: "Serving",
    short: "H",
    takes: "'N: V'",
    repeatable: true,
    help: "add a field to every response from ROOT",
  },
  mime: {
    group: "Serving",
    takes: "EXT=TYPE",
    repeatable: true,
    help: "the media type of files with that extension",
  },
  server: {
    group: "Serving",
    takes: "NAME",
    help: "value of the Server field; empty: leave the field out",
    default: defaultServerName,
  },

  app: {
    group: "Apps",
    takes: "MODULE",
    help: "serve the app that an ES module exports: export default { " +
      "fetch(request, info) }. If fetch returns nothing, Skein looks for a " +
      "file in ROOT",
    values: "files",
  },
  watch: {
    group: "Apps",
    help: "reload the app when its modules change",
  },
  isolation: {
    group: "Apps",
    takes: "MODE",
    help: "strict: run the app in threads that can be stopped whatever they " +
      "do, and end alone where they use more than --max-heap",
    default: "standard",
    values: ["standard", "strict"],
  },
  "stream-body": {
    group: "Apps",
    takes: "MIB",
    help: "stream large request bodies to the app, up to so many MiB",
    default: "read whole",
  },
  "compress-sockets": {
    group: "Apps",
    help: "compress WebSocket messages where the client can " +
      "(permessage-deflate)",
  },

  "tls-cert": {
    group: "Security",
    takes: "FILE",
    repeatable: true,
    help: "speak TLS with that certificate, PEM; a changed file is in force " +
      "within seconds; of several, the server name chooses one",
    values: "files",
  },
  "tls-key": {
    group: "Security",
    takes: "FILE",
    repeatable: true,
    help: "its key, PEM, in the same order",
    values: "files",
  },
  "tls-client-ca": {
    group: "Security",
    takes: "FILE",
    help: "clients have to show a certificate that these authorities have " +
      "signed",
    values: "files",
  },
  "tls-client-optional": {
    group: "Security",
    help: "clients that show no certificate are served too",
  },
  "https-redirect": {
    group: "Security",
    takes: "ADDRESS",
    help: "redirect plain HTTP from there to HTTPS",
  },
  hsts: {
    group: "Security",
    help: "tell clients to come by HTTPS only, for a year " +
      "(Strict-Transport-Security)",
  },
  "basic-auth": {
    group: "Security",
    takes: "FILE",
    help: "ask clients for a name and a password of FILE (htpasswd -B); a " +
      "changed FILE is in force within seconds",
    values: "files",
  },
  "basic-auth-plain": {
    group: "Security",
    help: "allow passwords without TLS, because a proxy in front has the TLS",
  },
  "trust-proxy": {
    group: "Security",
    takes: "NET",
    repeatable: true,
    help: "believe what proxies in NET say of their clients " +
      "(X-Forwarded-For, -Proto and -Host): 10.0.0.0/8, loopback, private " +
      "or unix",
    values: ["loopback", "private", "unix"],
  },
  forwarded: {
    group: "Security",
    help: "read Forwarded (RFC 7239) instead of X-Forwarded-*",
  },
  "proxy-protocol": {
    group: "Security",
    help: "each connection begins with a header of the PROXY protocol, " +
      "version 1 or 2; others are closed",
  },

  timeout: {
    group: "Limits",
    takes: "S",
    help: "seconds that a handler may take; then the client gets a 504",
    default: `${defaultLimits.handlerTimeoutMs / 1000}`,
  },
  queue: {
    group: "Limits",
    takes: "N",
    help: "requests that may wait for a worker; any more get a 503",
    default: `${defaultLimits.maxQueue}`,
  },
  "queue-timeout": {
    group: "Limits",
    takes: "S",
    help: "seconds that a request may wait for a worker; then it gets a 503",
    default: `${defaultLimits.queueTimeoutMs / 1000}`,
  },
  "max-requests": {
    group: "Limits",
    takes: "N",
    help: "replace a worker after N requests, or up to a fifth fewer, at " +
      "random",
    default: `${defaultLimits.maxJobsPerWorker}`,
  },
  "max-heap": {
    group: "Limits",
    takes: "MB",
    help: "replace a worker whose heap is larger",
    default: `${defaultLimits.maxWorkerHeapBytes / mebibyte}`,
  },
  "lost-workers": {
    group: "Limits",
    takes: "N",
    help: "threads that may be lost because they cannot be stopped; with " +
      "more, Skein ends with code 1",
    default: `${defaultLimits.maxLostWorkers}`,
  },
  limit: {
    group: "Limits",
    takes: "NAME=N",
    repeatable: true,
    help: "set any other limit; --help limits prints them all",
    values: "limits",
  },

  drain: {
    group: "Operation",
    takes: "S",
    help: "seconds to finish requests in, after the signal to end",
    default: defaults.drain,
  },
  "drain-delay": {
    group: "Operation",
    takes: "S",
    help: "seconds to serve on after that signal, while /readyz of --admin " +
      "says 503",
    default: "0",
  },
  admin: {
    group: "Operation",
    takes: "ADDRESS",
    help: "health, metrics and a status page on a port of its own: " +
      "HOST:PORT, PORT of this machine, or unix:PATH",
    values: ["unix:"],
  },

  "access-log": {
    group: "Output",
    takes: "FILE",
    help: "write a line for each request to FILE, or to stdout for -; SIGHUP " +
      "opens FILE again",
    values: "files",
  },
  "log-format": {
    group: "Output",
    takes: "F",
    help: "pretty, combined or json",
    default: "combined; pretty on a terminal",
    values: ["pretty", "combined", "json"],
  },
  "log-queries": {
    group: "Output",
    help: "log queries too: they may hold secrets",
  },
  open: { group: "Output", help: "open a browser once Skein serves" },
  quiet: { group: "Output", short: "q", help: "print errors only" },
} satisfies Record<string, Option>;

/** What is asked for instead of serving. */
export const questionTable = {
  "print-config": {
    group: "Output",
    help: "print the options that hold, and where each is from; then end",
  },
  completions: {
    group: "Output",
    takes: "SHELL",
    help: "print the script by which bash, zsh or fish completes options",
    values: shells,
  },
  help: {
    group: "Output",
    short: "h",
    help: "print this help; --help limits: every limit with its reason",
  },
  version: { group: "Output", short: "V", help: "print the version" },
} satisfies Record<string, Option>;

type ValuesOf<Table> = {
  readonly [Name in keyof Table]?: Table[Name] extends { takes: string }
    ? Table[Name] extends { repeatable: true } ? readonly string[] : string
    : boolean;
};

/** The options that were given, by their names. */
export type OptionValues =
  & ValuesOf<typeof optionTable>
  & { readonly root?: string };

/** The same, with what is asked for instead of serving. */
export type GivenValues = OptionValues & ValuesOf<typeof questionTable>;

/** All rows, by their names. */
export const allOptions: Readonly<Record<string, Option>> = {
  ...optionTable,
  ...questionTable,
};
