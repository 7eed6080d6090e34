/**
 * The flags that are about the site, as its options. Pure: must not know `Deno`, or
 * what is done with them.
 *
 * @module
 */

import type { ParseArgsConfig } from "node:util";
import { isWritersOwn } from "../http/response_fields.ts";
import type { Field } from "../http/message.ts";
import {
  defaultSiteOptions,
  type SiteOptions,
} from "../files/static_options.ts";
import { UsageError } from "./usage_error.ts";

/** Their names, as the parser of arguments wants them. */
export const siteFlags = {
  list: { type: "boolean" },
  spa: { type: "boolean", short: "s" },
  cache: { type: "string" },
  cors: { type: "boolean" },
  header: { type: "string", short: "H", multiple: true },
} satisfies ParseArgsConfig["options"];

/** What the parser has made of them. */
export interface SiteFlagValues {
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
export function readSiteOptions(values: SiteFlagValues): SiteOptions {
  return {
    list: values.list ?? false,
    spa: values.spa ?? false,
    cors: values.cors ?? false,
    cacheSeconds: readCache(values.cache),
    headers: (values.header ?? []).map(readHeader),
  };
}

function readCache(value: string | undefined): number | null {
  if (value === undefined) return defaultSiteOptions.cacheSeconds;
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
  if (isWritersOwn(lower) || handlersOwn.has(lower)) {
    throw new UsageError(
      `--header ${name}: Skein works that out for every answer itself`,
    );
  }
}
