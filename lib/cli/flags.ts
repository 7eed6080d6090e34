/**
 * The flags that are about the site, as its options. Pure: must not know `Deno`, or
 * what is done with them.
 *
 * @module
 */

import type { ParseArgsConfig } from "node:util";
import {
  defaultStaticOptions,
  type StaticOptions,
} from "../files/static_options.ts";
import type { Field } from "../http/message.ts";
import { isReservedField } from "../http/response_fields.ts";
import { defaultLimits, type Limits } from "../limits.ts";

/** The command line is wrong; the message says where, in one sentence. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

/** Their names, as the parser of arguments wants them. */
export const staticFlags = {
  list: { type: "boolean" },
  spa: { type: "boolean", short: "s" },
  cache: { type: "string" },
  cors: { type: "boolean" },
  header: { type: "string", short: "H", multiple: true },
} satisfies ParseArgsConfig["options"];

/** What the parser has made of them. */
export interface StaticFlagValues {
  /** `--list`. */
  readonly list?: boolean;
  /** `--spa`. */
  readonly spa?: boolean;
  /** `--cache`. */
  readonly cache?: string;
  /** `--cors`. */
  readonly cors?: boolean;
  /** Each `--header`. */
  readonly header?: readonly string[];
}

// They say what is sent, which depends on the file and the request.
const handlersOwn = new Set([
  "accept-ranges",
  "allow",
  "content-encoding",
  "content-range",
  "content-type",
  "etag",
  "last-modified",
  "location",
]);

/** A year: more means nothing (RFC 9111 section 1.2.2 allows it to be cut). */
const maxCacheSeconds = 31_536_000;

/**
 * Reads them.
 *
 * @throws {UsageError} where one is wrong
 */
export function readStaticOptions(values: StaticFlagValues): StaticOptions {
  return {
    list: values.list ?? false,
    spa: values.spa ?? false,
    cors: values.cors ?? false,
    cacheSeconds: readCache(values.cache),
    headers: (values.header ?? []).map(readHeader),
  };
}

function readCache(value: string | undefined): number | null {
  if (value === undefined) return defaultStaticOptions.cacheSeconds;
  if (value === "off") return null;
  if (!/^[0-9]{1,8}$/.test(value) || Number(value) > maxCacheSeconds) {
    throw new UsageError(
      `--cache takes whole seconds up to ${maxCacheSeconds} or "off", and "${value}" is neither`,
    );
  }
  return Number(value);
}

function readHeader(text: string): Field {
  const at = text.indexOf(":");
  if (at < 0) {
    throw new UsageError(
      `--header takes 'Name: value', and "${text}" has no colon`,
    );
  }
  const name = text.slice(0, at);
  const value = text.slice(at + 1).replace(/^[ \t]+|[ \t]+$/g, "");
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) {
    throw new UsageError(`--header: "${name}" is no name of a field`);
  }
  if (!/^[\t\x20-\x7e]*$/.test(value)) {
    throw new UsageError(
      `--header ${name}: the value takes printable ASCII characters only`,
    );
  }
  refuseOurs(name);
  return [name, value];
}

function refuseOurs(name: string): void {
  const lower = name.toLowerCase();
  if (lower === "server") {
    throw new UsageError("--header Server: that is what --server is for");
  }
  if (isReservedField(lower) || handlersOwn.has(lower)) {
    throw new UsageError(
      `--header ${name}: Skein works that out for every answer itself`,
    );
  }
}

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
