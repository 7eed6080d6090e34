/**
 * A representation in one coding: its bytes or its file, the fields that describe it,
 * and the responses that can be made beforehand. Pure; must not know how it was
 * chosen, or the conditions and ranges of a request.
 *
 * @module
 */

import type { Validators } from "../http/conditional.ts";
import type {
  Field,
  Fields,
  FileIdentity,
  FileSlice,
  FormedResponse,
  ResponseBody,
} from "../http/message.ts";
import type { Coding } from "../http/negotiate.ts";
import { natives } from "../natives.ts";
import { withOperatorHeaders } from "./operator_headers.ts";
import type { StaticOptions } from "./static_options.ts";

/** Content in memory, or in a file. */
export type Content =
  | Uint8Array<ArrayBuffer>
  | { readonly path: string; readonly identity: FileIdentity };

/** What the fields of a representation are made of. */
export interface Description {
  /** The value of Content-Type. */
  readonly type: string;
  readonly coding: Coding | "identity";
  /** Differs from the tag of any other content in the same coding. */
  readonly tag: string;
  readonly tagIsStrong: boolean;
  /** In milliseconds since the epoch; `null` for no Last-Modified. */
  readonly mtimeMs: number | null;
  /** The value of Cache-Control. */
  readonly cacheControl: string;
  /** The value of Vary; `null` where the response depends on no request field. */
  readonly vary: string | null;
}

/** Content that can be sent. */
export interface Representation
  extends Validators, Pick<Description, "type" | "coding"> {
  readonly content: Content;
  /** In bytes. */
  readonly length: number;
  /** The 200 response. The same object each time: its fields are encoded once. */
  readonly whole: FormedResponse;
  /** The 304 response. */
  readonly notModified: FormedResponse;
}

/** @param now in milliseconds since the epoch */
export function represent(
  content: Content,
  description: Description,
  options: StaticOptions,
  now: number,
): Representation {
  const { type, coding } = description;
  const etag = entityTag(description);
  const lastModifiedMs = lastModified(description.mtimeMs, now);
  // Section 15.4.5: a 304 response has only the fields that a cache may have to update.
  const kept: Field[] = [
    ["ETag", etag],
    ["Cache-Control", description.cacheControl],
  ];
  if (description.vary !== null) kept.push(["Vary", description.vary]);
  const fields: Field[] = [["Content-Type", type]];
  if (coding !== "identity") fields.push(["Content-Encoding", coding]);
  if (lastModifiedMs !== null) {
    fields.push([
      "Last-Modified",
      new natives.Date(lastModifiedMs).toUTCString(),
    ]);
  }
  fields.push(
    ...kept,
    ["Accept-Ranges", "bytes"],
    ["X-Content-Type-Options", "nosniff"],
  );
  const isInMemory = content instanceof Uint8Array;
  const length = isInMemory ? content.length : content.identity.size;
  return {
    content,
    length,
    type,
    coding,
    etag,
    lastModifiedMs,
    whole: {
      status: 200,
      fields: withOperatorHeaders(fields, options),
      body: isInMemory
        ? { kind: "bytes", bytes: content }
        : sliceOf(content, 0, length),
    },
    notModified: {
      status: 304,
      fields: withOperatorHeaders(kept, options),
      body: { kind: "none" },
    },
  };
}

/** Each coding has its own tag (section 8.8.3.3): a client must not join parts of two
 * codings. */
function entityTag({ tag, tagIsStrong, coding }: Description): string {
  const opaque = coding === "identity" ? tag : `${tag}-${coding}`;
  return `${tagIsStrong ? "" : "W/"}"${opaque}"`;
}

/** Never later than the response itself (section 8.8.2.1). */
function lastModified(mtimeMs: number | null, now: number): number | null {
  if (mtimeMs === null || mtimeMs > now || mtimeMs < 0) return null;
  return mtimeMs - mtimeMs % 1000;
}

/** Some bytes of the content as a body. */
export function sliceOf(
  content: Content,
  offset: number,
  length: number,
): FileSlice | Extract<ResponseBody, { kind: "bytes" }> {
  if (content instanceof Uint8Array) {
    // A copy: of a view, the whole buffer would be sent to the other thread.
    return { kind: "bytes", bytes: content.slice(offset, offset + length) };
  }
  const { path, identity } = content;
  return { kind: "file", path, identity, offset, length };
}

/** Replaces the fields that have these names, and puts the new ones last. A value of
 * `null` only removes the field. */
export function changeFields(
  fields: Fields,
  changes: readonly (readonly [string, string | null])[],
): Fields {
  const names = new Set(changes.map(([name]) => name.toLowerCase()));
  return [
    ...fields.filter(([name]) => !names.has(name.toLowerCase())),
    ...changes.flatMap(([name, value]): Field[] =>
      value === null ? [] : [[name, value]]
    ),
  ];
}
