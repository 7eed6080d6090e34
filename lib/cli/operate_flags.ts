/**
 * The flags for where a server listens, who is believed, and what the people on call
 * see, read as options. Pure: must not know `Deno`, or how an option is put into effect.
 *
 * @module
 */

import type { LineOptions, LogFormat } from "../operate/log_line.ts";
import type { ListenAddress } from "../server/listen.ts";
import { nonEmpty, readSeconds, UsageError } from "./flags.ts";
import { loopback, optionTable, type OptionValues } from "./option_table.ts";

/** Where and how requests are logged. */
export interface AccessLogFlags {
  /** A path, or `-` for stdout. */
  readonly target: string;
  /** `null`: pretty on a terminal, else combined. */
  readonly format: LogFormat | null;
  readonly queries: boolean;
}

/** Whether a network exists is found out at the start. */
export function readTrustProxy(
  networks: readonly string[] = [],
  forwarded: boolean | undefined,
): readonly string[] {
  if (forwarded && networks.length === 0) {
    throw new UsageError("--forwarded needs --trust-proxy");
  }
  for (const network of networks) {
    if (/^(loopback|private|unix|[0-9a-fA-F.:]+(\/[0-9]+)?)$/.test(network)) {
      continue;
    }
    throw new UsageError(notANetwork(network));
  }
  return networks;
}

export function notANetwork(network: string): string {
  return `--trust-proxy takes a network such as 10.0.0.0/8, or loopback, private or unix, not "${network}"`;
}

export function readDrainDelay(value: string | undefined): number {
  return value === undefined || value === "0"
    ? 0
    : readSeconds("--drain-delay", value);
}

export function readListen(
  { listen = [], port, host, "reuse-port": reusePort }: OptionValues,
): readonly (ListenAddress | "systemd")[] {
  if (listen.length > 0 && (port !== undefined || host !== undefined)) {
    throw new UsageError(
      "--listen says the whole address; leave out --host and --port",
    );
  }
  const addresses = listen.map((address) =>
    address === "systemd" ? address : readAddress("--listen", address)
  );
  const noPort = listen.length > 0 &&
    !addresses.some((address) => address !== "systemd" && "port" in address);
  if (reusePort && noPort) {
    throw new UsageError("--reuse-port needs a port to listen on");
  }
  return addresses;
}

export function readAdmin(value: string | undefined): ListenAddress | null {
  return value === undefined ? null : readAddress("--admin", value);
}

/** @throws {UsageError} where it is no address */
export function readAddress(flag: string, value: string): ListenAddress {
  const [, path, mode] = /^unix:([^,]+)(?:,mode=([0-7]{3,4}))?$/.exec(value) ??
    [];
  if (path !== undefined) {
    return mode === undefined ? { path } : { path, mode: parseInt(mode, 8) };
  }
  const [, host, port] = /^(?:(.+):)?([0-9]+)$/.exec(value) ?? [];
  if (
    port === undefined || Number(port) > 65_535 || value.startsWith("unix:")
  ) {
    throw new UsageError(
      `${flag} takes HOST:PORT, a port or unix:PATH, not "${value}"`,
    );
  }
  const hostname = host?.replace(/^\[(.*)\]$/, "$1") ?? loopback;
  return { hostname, port: Number(port) };
}

const logFormats: readonly string[] = optionTable["log-format"].values;

export function readAccessLog(values: OptionValues): AccessLogFlags | null {
  const target = nonEmpty("--access-log", values["access-log"]);
  const format = values["log-format"];
  const queries = values["log-queries"];
  if (target === undefined) {
    if (format === undefined && !queries) return null;
    throw new UsageError(
      `--log-${format === undefined ? "queries" : "format"} needs --access-log`,
    );
  }
  if (format !== undefined && !logFormats.includes(format)) {
    throw new UsageError(
      `--log-format takes pretty, combined or json, not "${format}"`,
    );
  }
  return {
    target,
    format: format as LogFormat | undefined ?? null,
    queries: queries ?? false,
  };
}

/** How an access log is written. */
export interface AccessLogPlan {
  /** A path, or `-` for stdout. */
  readonly target: string;
  readonly line: LineOptions;
  /** Lines in a second; `undefined` for all. */
  readonly maxInSecond: number | undefined;
}

/** Lines that a person reads in a second. */
const maxLinesInSecond = 200;

/**
 * Where nobody has asked for an access log, a person on a terminal sees one.
 *
 * @returns `null` for none
 */
export function planAccessLog(
  flags: AccessLogFlags | null,
  quiet: boolean,
  { isTerminal, isColored }: { isTerminal: boolean; isColored: boolean },
): AccessLogPlan | null {
  if (flags === null && (quiet || !isTerminal)) return null;
  const { target = "-", format = null, queries = false } = flags ?? {};
  const isForPerson = target === "-" && isTerminal;
  return {
    target,
    line: {
      format: format ?? (isForPerson ? "pretty" : "combined"),
      queries,
      color: isForPerson && isColored,
    },
    maxInSecond: flags === null ? maxLinesInSecond : undefined,
  };
}
