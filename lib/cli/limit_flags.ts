/**
 * The flags that are limits, and how numbers are read from flags. Pure: must not
 * know `Deno`, or what the limits are for.
 *
 * @module
 */

import type { ParseArgsConfig } from "node:util";
import { defaultLimits, type Limits } from "../limits.ts";
import { UsageError } from "./usage_error.ts";

/** Their names, as the parser of arguments wants them. */
export const limitFlags = {
  queue: { type: "string" },
  "queue-timeout": { type: "string" },
  timeout: { type: "string" },
  "max-requests": { type: "string" },
  "max-heap": { type: "string" },
  "lost-workers": { type: "string" },
  limit: { type: "string", multiple: true },
} satisfies ParseArgsConfig["options"];

/** What the parser has made of them. */
export type LimitFlagValues =
  & { readonly limit?: readonly string[] }
  & { readonly [name in Exclude<keyof typeof limitFlags, "limit">]?: string };

const mebibyte = 1024 * 1024;

/**
 * Reads them; a limit's own flag is a clearer word than `--limit`.
 *
 * @throws {UsageError} where one is wrong
 */
export function readLimits(values: LimitFlagValues): Partial<Limits> {
  const count = (flag: keyof LimitFlagValues, least: number, most: number) =>
    readCount(`--${flag}`, values[flag] as string | undefined, least, most);
  const span = (flag: keyof LimitFlagValues) => {
    const value = values[flag] as string | undefined;
    return value === undefined ? value : readSeconds(`--${flag}`, value);
  };
  const heap = count("max-heap", 16, mebibyte);
  const named = {
    maxQueue: count("queue", 0, 1_000_000),
    queueTimeoutMs: span("queue-timeout"),
    handlerTimeoutMs: span("timeout"),
    maxJobsPerWorker: count("max-requests", 1, Number.MAX_SAFE_INTEGER),
    maxWorkerHeapBytes: heap === undefined ? heap : heap * mebibyte,
    maxLostWorkers: count("lost-workers", 0, 256),
  };
  return {
    ...Object.fromEntries((values.limit ?? []).map(readLimit)),
    ...Object.fromEntries(
      Object.entries(named).filter(([, value]) => value !== undefined),
    ),
  };
}

function readLimit(assignment: string): [string, number] {
  const [name] = assignment.split("=", 1);
  const value = assignment.slice(name.length + 1);
  if (!Object.hasOwn(defaultLimits, name)) {
    throw new UsageError(
      `--limit knows no "${name}"; the README lists all names`,
    );
  }
  return [
    name,
    readCount(`--limit ${name}=`, value, 1, Number.MAX_SAFE_INTEGER)!,
  ];
}

/**
 * A whole number.
 *
 * @param name how the message calls it
 * @throws {UsageError} where it is none, or not within its bounds
 */
export function readCount(
  name: string,
  value: string | undefined,
  least: number,
  most: number,
): number | undefined {
  if (value === undefined) return undefined;
  const count = Number(value);
  if (!/^[0-9]+$/.test(value) || count < least || count > most) {
    throw new UsageError(
      `${name} takes a whole number from ${least} to ${most}, and "${value}" is none`,
    );
  }
  return count;
}

/**
 * A span of time, told in seconds.
 *
 * @param name how the message calls it
 * @returns milliseconds
 * @throws {UsageError} where it is none, or none that makes sense
 */
export function readSeconds(name: string, value: string): number {
  const seconds = Number(value);
  if (
    !/^[0-9]+(\.[0-9]+)?$/.test(value) || seconds < 0.01 || seconds > 86_400
  ) {
    throw new UsageError(
      `${name} takes seconds from 0.01 to 86400, and "${value}" is none`,
    );
  }
  return seconds * 1000;
}
