/**
 * The response to a GET or HEAD request for a representation: first the conditions,
 * then the range, then the body (RFC 9110 section 13.2.2). Pure; must not know where
 * the representation comes from.
 *
 * @module
 */

import {
  checkConditions,
  type Conditions,
  rangeApplies,
} from "../http/conditional.ts";
import { errorResponse } from "../http/error.ts";
import type { Fields, FileSlice, HttpResponse } from "../http/message.ts";
import {
  type ByteRange,
  contentRange,
  multipartTexts,
  readRanges,
} from "../http/ranges.ts";
import { natives } from "../natives.ts";
import {
  changeFields,
  type Representation,
  sliceOf,
} from "./representation.ts";

/** What a request selects: conditions, range, coding. */
export interface Selection extends Conditions {
  /** Accept-Encoding. */
  readonly acceptEncoding?: string;
  /** Range; only of a GET request. */
  readonly range?: string;
  /** Whether the request has a condition or a range. */
  readonly isSelective: boolean;
}

type SelectionKey = Exclude<keyof Selection, "isSelective">;

const selectionKeys = new Map<string, SelectionKey>([
  ["accept-encoding", "acceptEncoding"],
  ["range", "range"],
  ["if-range", "ifRange"],
  ["if-match", "ifMatch"],
  ["if-none-match", "ifNoneMatch"],
  ["if-modified-since", "ifModifiedSince"],
  ["if-unmodified-since", "ifUnmodifiedSince"],
]);

/**
 * Reads the fields of a request in one pass. The values of several lines with the same
 * name are joined: a list is complete then (section 5.3), and a field that must be
 * single becomes invalid, and so is ignored.
 *
 * @param method a range concerns GET only (section 14.2)
 * @param fields names in lower case
 */
export function readSelection(method: string, fields: Fields): Selection {
  const selection:
    & { -readonly [key in SelectionKey]?: string }
    & { isSelective: boolean } = { isSelective: false };
  for (const [name, value] of fields) {
    // "a", "i" and "r": most names begin otherwise, and a map lookup costs 20 ns.
    const first = name.charCodeAt(0);
    if (first !== 0x61 && first !== 0x69 && first !== 0x72) continue;
    const key = selectionKeys.get(name);
    if (key === undefined || (key === "range" && method !== "GET")) continue;
    const earlier = selection[key];
    selection[key] = earlier === undefined ? value : `${earlier}, ${value}`;
    if (key !== "acceptEncoding") selection.isSelective = true;
  }
  return selection;
}

/**
 * The response with the representation, or with what the selection makes of it: 206,
 * 304, 412 or 416.
 *
 * @param clock returns milliseconds since the epoch
 */
export function conditionalResponse(
  representation: Representation,
  selection: Selection,
  clock: () => number,
): HttpResponse {
  if (!selection.isSelective) return representation.whole;
  const now = clock();
  switch (checkConditions(selection, representation, now)) {
    case "failed":
      return errorResponse(412, "Precondition failed.");
    case "not modified":
      return representation.notModified;
    case "proceed":
      return selection.range !== undefined &&
          rangeApplies(selection.ifRange, representation, now)
        ? rangeResponse(representation, selection.range)
        : representation.whole;
  }
}

function rangeResponse(
  representation: Representation,
  value: string,
): HttpResponse {
  const { whole, content, length } = representation;
  const result = readRanges(value, length);
  if (result.kind === "whole") return whole;
  if (result.kind === "unsatisfiable") {
    return errorResponse(416, "The content has no bytes in this range.", [
      ["Content-Range", `bytes */${length}`],
    ]);
  }
  if (result.ranges.length > 1) return multipart(representation, result.ranges);
  const [range] = result.ranges;
  return {
    status: 206,
    fields: changeFields(whole.fields, [
      ["Content-Range", contentRange(range, length)],
    ]),
    body: sliceOf(content, range.first, range.last - range.first + 1),
  };
}

/** Section 15.3.7.2. A representation in a content coding is sent whole: in a multipart
 * message, Content-Encoding would apply to the message and not to its parts. */
function multipart(
  { whole, content, length, type, coding }: Representation,
  ranges: readonly ByteRange[],
): HttpResponse {
  if (coding !== "identity") return whole;
  // Random, so no author of a file can put the boundary into it.
  const boundary = crypto.randomUUID();
  const texts = multipartTexts(ranges, length, type, boundary);
  const encoder = new natives.TextEncoder();
  const parts: (Uint8Array<ArrayBuffer> | FileSlice)[] = [];
  for (const [index, { first, last }] of ranges.entries()) {
    const slice = sliceOf(content, first, last - first + 1);
    parts.push(
      encoder.encode(texts.heads[index]),
      slice.kind === "bytes" ? slice.bytes : slice,
    );
  }
  parts.push(encoder.encode(texts.end));
  return {
    status: 206,
    fields: changeFields(whole.fields, [
      ["Content-Type", `multipart/byteranges; boundary=${boundary}`],
    ]),
    body: { kind: "parts", parts },
  };
}
