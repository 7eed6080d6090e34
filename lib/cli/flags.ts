/**
 * The flags for static files and for limits, read as options. Pure: must not know
 * `Deno`, or how an option is put into effect.
 *
 * @module
 */

import {
  defaultStaticOptions,
  type StaticOptions,
} from "../files/static_options.ts";
import { type Field, isToken, trimOws } from "../http/message.ts";
import { isFieldOfFiles } from "../http/response_fields.ts";
import { defaultLimits, type Limits } from "../limits.ts";
import { hint } from "./nearest.ts";
import type { OptionValues } from "./option_table.ts";

/** The command line is wrong. The message is one sentence for the operator. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

/** A number given in MiB on the command line counts so many bytes. */
export const mebibyte = 1024 * 1024;

/** A year. RFC 9111 section 1.2.2 lets caches cut larger values. */
const maxCacheSeconds = 31_536_000;

/** @throws {UsageError} where a value is wrong */
export function readStaticOptions(values: OptionValues): StaticOptions {
  if (values.zip && !values.list) {
    throw new UsageError("--zip needs --list: it sends what a listing shows");
  }
  return {
    list: readList(values) ?? false,
    zip: values.zip ?? false,
    spa: values.spa ?? false,
    cors: values.cors ?? false,
    cacheSeconds: readCache(values.cache),
    isPrivate: false,
    headers: (values.header ?? []).map(readHeader),
    mediaTypes: Object.fromEntries((values.mime ?? []).map(readMediaType)),
  };
}

/** @returns `null` where that depends on the terminal */
export function readList(values: OptionValues): boolean | null {
  if (values.list && values["no-list"]) {
    throw new UsageError("--list and --no-list say the opposite");
  }
  return values["no-list"] ? false : values.list ?? null;
}

function readCache(value: string | undefined): number | null {
  if (value === undefined) return defaultStaticOptions.cacheSeconds;
  if (value === "off") return null;
  if (!/^[0-9]{1,8}$/.test(value) || Number(value) > maxCacheSeconds) {
    throw new UsageError(
      `--cache takes whole seconds up to ${maxCacheSeconds} or "off", not "${value}"`,
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
  const value = trimOws(text, at + 1);
  if (!isToken(name)) {
    throw new UsageError(`--header: "${name}" is not a field name`);
  }
  if (!/^[\t\x20-\x7e]*$/.test(value)) {
    throw new UsageError(
      `--header ${name}: the value takes printable ASCII characters only`,
    );
  }
  const lower = name.toLowerCase();
  if (lower === "server") {
    throw new UsageError("--header Server: use --server instead");
  }
  // One media type for all files would be wrong for most.
  if (isFieldOfFiles(lower) || lower === "content-type") {
    throw new UsageError(
      `--header ${name}: Skein sets this field itself in every response`,
    );
  }
  return [name, value];
}

// RFC 9110 section 8.3.1, without quoted values.
const mediaTypePattern =
  /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(; ?[\w!#$&^.+-]+=[\w!#$&^.+-]+)*$/;

/** @returns the extension and its type */
function readMediaType(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 0) {
    throw new UsageError(
      `--mime takes EXT=TYPE, such as glb=model/gltf-binary, not "${text}"`,
    );
  }
  const extension = text.slice(0, at).replace(/^\./, "").toLowerCase();
  const type = text.slice(at + 1);
  if (!/^[^./\\\0]+$/.test(extension)) {
    throw new UsageError(
      `--mime: "${text.slice(0, at)}" is not the extension of a file name`,
    );
  }
  if (!mediaTypePattern.test(type)) {
    throw new UsageError(`--mime ${extension}: "${type}" is not a media type`);
  }
  return [extension, type];
}

/**
 * Reads the limits. A limit's own flag takes precedence over `--limit`.
 *
 * @throws {UsageError} where a value is wrong
 */
export function readLimits(values: OptionValues): Partial<Limits> {
  type Flag =
    | "queue"
    | "queue-timeout"
    | "timeout"
    | "max-requests"
    | "max-heap"
    | "lost-workers";
  const count = (flag: Flag, min: number, max: number) =>
    readCount(`--${flag}`, values[flag], min, max);
  const milliseconds = (flag: Flag) => {
    const value = values[flag];
    return value === undefined ? value : readSeconds(`--${flag}`, value);
  };
  const heap = count("max-heap", 16, 1 << 20);
  const limits = {
    maxQueue: count("queue", 0, 1_000_000),
    queueTimeoutMs: milliseconds("queue-timeout"),
    handlerTimeoutMs: milliseconds("timeout"),
    maxJobsPerWorker: count("max-requests", 1, Number.MAX_SAFE_INTEGER),
    maxWorkerHeapBytes: heap === undefined ? heap : heap * mebibyte,
    maxLostWorkers: count("lost-workers", 0, 256),
  };
  return {
    ...Object.fromEntries((values.limit ?? []).map(readLimit)),
    ...Object.fromEntries(
      Object.entries(limits).filter(([, value]) => value !== undefined),
    ),
  };
}

function readLimit(assignment: string): [string, number] {
  const [name] = assignment.split("=", 1);
  const value = assignment.slice(name.length + 1);
  if (!Object.hasOwn(defaultLimits, name)) {
    throw new UsageError(
      `--limit: there is no limit "${name}"${
        hint(name, Object.keys(defaultLimits), { most: 3 }) ||
        "; --help limits prints them all"
      }`,
    );
  }
  const max = Number.MAX_SAFE_INTEGER;
  return [name, readCount(`--limit ${name}=`, value, 1, max)!];
}

/**
 * Reads a whole number.
 *
 * @param name what the error message calls the value
 * @throws {UsageError} where the value is not a whole number from `min` to `max`
 */
export function readCount(
  name: string,
  value: string | undefined,
  min: number,
  max: number,
): number | undefined {
  if (value === undefined) return undefined;
  const count = Number(value);
  if (!/^[0-9]+$/.test(value) || count < min || count > max) {
    throw new UsageError(
      `${name} takes a whole number from ${min} to ${max}, not "${value}"`,
    );
  }
  return count;
}

/**
 * Reads seconds, with decimals.
 *
 * @param name what the error message calls the value
 * @returns milliseconds
 * @throws {UsageError} where the value is not from 10 ms to a day
 */
export function readSeconds(name: string, value: string): number {
  const seconds = Number(value);
  if (
    !/^[0-9]+(\.[0-9]+)?$/.test(value) || seconds < 0.01 || seconds > 86_400
  ) {
    throw new UsageError(
      `${name} takes seconds from 0.01 to 86400, not "${value}"`,
    );
  }
  return seconds * 1000;
}

/** @throws {UsageError} where the value is empty */
export function nonEmpty(
  flag: string,
  value: string | undefined,
): string | undefined {
  if (value === "") throw new UsageError(`${flag} needs a value`);
  return value;
}
