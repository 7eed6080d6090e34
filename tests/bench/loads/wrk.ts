/**
 * Runs wrk. It has one thread, so that on two cores one is left to the server.
 *
 * @module
 */

import type { Children } from "../children.ts";
import { parseWrkOutput, type WrkFigures } from "../wrk_output.ts";

/** What wrk is told besides the URL and the duration. */
export interface WrkOptions {
  connections: number;
  /** From the server's root, with no slash in front; the root itself unless given. */
  path?: string;
  headers?: Record<string, string>;
  /** A Lua script that makes the requests, instead of one request again and again. */
  script?: { file: string; args: readonly string[] };
}

/** One run of wrk against the server at `url`. */
export async function runWrk(
  url: string,
  options: WrkOptions,
  seconds: number,
  children: Children,
): Promise<WrkFigures> {
  const wrk = children.spawn(["wrk", ...wrkArguments(url, options, seconds)]);
  const code = await wrk.ended;
  // It says on stdout that it cannot connect.
  if (code !== 0) {
    throw new Error(`wrk: ${wrk.stderr.lastWords || wrk.stdout.lastWords}`);
  }
  return parseWrkOutput(wrk.stdout.text);
}

/** The command line after the word `wrk`. */
export function wrkArguments(
  url: string,
  options: WrkOptions,
  seconds: number,
): string[] {
  const headers = Object.entries(options.headers ?? {})
    .flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const fixed = [
    "-t1",
    `-c${options.connections}`,
    `-d${seconds}s`,
    "--latency",
  ];
  const { script } = options;
  return [
    ...fixed,
    ...headers,
    ...(script === undefined ? [] : ["-s", script.file]),
    url + (options.path ?? ""),
    ...(script === undefined ? [] : ["--", ...script.args]),
  ];
}
