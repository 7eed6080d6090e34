/**
 * Content as it can be sent, in one coding, with the fields that describe it and
 * the answers that can be made of it beforehand. Pure; must not know how it was
 * chosen, or what a request asks of it.
 *
 * @module
 */

import type { Coding } from "../http/negotiate.ts";
import type {
  Field,
  Fields,
  FileIdentity,
  HttpResponse,
  ResponseBody,
} from "../http/message.ts";
import { withOperatorHeaders } from "./operator_headers.ts";
import type { StaticOptions } from "./static_options.ts";

/** Where content is: in memory, or in a file. */
export type Content =
  | Uint8Array<ArrayBuffer>
  | { readonly path: string; readonly identity: FileIdentity };

/** What is known of content that is about to be sent. */
export interface Description {
  /** The value of Content-Type. */
  readonly type: string;
  /** What it is in. */
  readonly coding: Coding | "identity";
  /** Tells it from other content in the same coding. */
  readonly tag: string;
  /** Whether that can be relied upon. */
  readonly tagIsStrong: boolean;
  /** When it was last changed, in milliseconds since the epoch, or `null`. */
  readonly mtimeMs: number | null;
  /** The value of Cache-Control. */
  readonly cacheControl: string;
  /** The value of Vary, or `null` where nothing else could have been sent. */
  readonly vary: string | null;
}

/** Content that can be sent. */
export interface Representation {
  /** Where it is. */
  readonly content: Content;
  /** Its number of bytes. */
  readonly length: number;
  /** The value of Content-Type. */
  readonly type: string;
  /** What it is in. */
  readonly coding: Coding | "identity";
  /** Its entity tag (RFC 9110 section 8.8.3). */
  readonly etag: string;
  /** When it was last changed, to the second; `null` where that is not said. */
  readonly lastModifiedMs: number | null;
  /** The answer with all of it. The same object each time: its fields are encoded
   * once. */
  readonly whole: HttpResponse;
  /** The answer without it, to who has it. */
  readonly notModified: HttpResponse;
}

const acceptRanges: Field = ["Accept-Ranges", "bytes"];
const noSniffing: Field = ["X-Content-Type-Options", "nosniff"];

/**
 * Makes one.
 *
 * @param content what would be sent
 * @param description what is known of it
 * @param options the operator's
 * @param now in milliseconds since the epoch
 */
export function represent(
  content: Content,
  description: Description,
  options: StaticOptions,
  now: number,
): Representation {
  const { type, coding } = description;
  const etag = entityTag(description);
  const lastModifiedMs = lastModified(description.mtimeMs, now);
  // Section 15.4.5: those a cache may have to update; it has the others.
  const kept: Field[] = [
    ["ETag", etag],
    ["Cache-Control", description.cacheControl],
  ];
  if (description.vary !== null) kept.push(["Vary", description.vary]);
  const fields: Field[] = [["Content-Type", type]];
  if (coding !== "identity") fields.push(["Content-Encoding", coding]);
  if (lastModifiedMs !== null) {
    fields.push(["Last-Modified", new Date(lastModifiedMs).toUTCString()]);
  }
  fields.push(...kept, acceptRanges, noSniffing);
  return {
    content,
    length: lengthOf(content),
    type,
    coding,
    etag,
    lastModifiedMs,
    whole: {
      status: 200,
      fields: withOperatorHeaders(fields, options),
      body: bodyOf(content),
    },
    notModified: {
      status: 304,
      fields: withOperatorHeaders(kept, options),
      body: { kind: "none" },
    },
  };
}

/** Each coding has its own (section 8.8.3.3): a part of one is no part of another. */
function entityTag({ tag, tagIsStrong, coding }: Description): string {
  const opaque = coding === "identity" ? tag : `${tag}-${coding}`;
  return `${tagIsStrong ? "" : "W/"}"${opaque}"`;
}

/** Section 8.8.2.1: never later than the answer itself. */
function lastModified(mtimeMs: number | null, now: number): number | null {
  if (mtimeMs === null || mtimeMs > now || mtimeMs < 0) return null;
  return mtimeMs - mtimeMs % 1000;
}

function lengthOf(content: Content): number {
  return content instanceof Uint8Array ? content.length : content.identity.size;
}

/** The content as a body. */
export function bodyOf(content: Content): ResponseBody {
  if (content instanceof Uint8Array) return { kind: "bytes", bytes: content };
  return sliceOf(content, 0, content.identity.size);
}

/** Some bytes of the content as a body. */
export function sliceOf(
  content: Content,
  offset: number,
  length: number,
):
  | Extract<ResponseBody, { kind: "file" }>
  | Extract<ResponseBody, { kind: "bytes" }> {
  if (content instanceof Uint8Array) {
    // A copy: a view would take all of it along to the other thread.
    return { kind: "bytes", bytes: content.slice(offset, offset + length) };
  }
  const { path, identity } = content;
  return { kind: "file", path, identity, offset, length };
}

/**
 * Fields without those of these names, and with others behind them.
 *
 * @param fields of a whole answer
 * @param changes the others; a value of `null` only takes away
 */
export function changeFields(
  fields: Fields,
  changes: readonly (readonly [string, string | null])[],
): Fields {
  const gone = new Set(changes.map(([name]) => name.toLowerCase()));
  return [
    ...fields.filter(([name]) => !gone.has(name.toLowerCase())),
    ...changes.flatMap(([name, value]): Field[] =>
      value === null ? [] : [[name, value]]
    ),
  ];
}
