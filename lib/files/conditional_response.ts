/**
 * The answer to a GET or HEAD that found something: the conditions, then the
 * range, then the content (RFC 9110 section 13.2.2). Pure; must not know where the
 * content came from.
 *
 * @module
 */

import {
  checkConditions,
  type Conditions,
  rangeApplies,
} from "../http/conditional.ts";
import { errorResponse } from "../http/error.ts";
import type { Fields, HttpResponse, ResponseBody } from "../http/message.ts";
import {
  type ByteRange,
  contentRange,
  multipartTexts,
  readRanges,
} from "../http/ranges.ts";
import {
  changeFields,
  type Representation,
  sliceOf,
} from "./representation.ts";

/** What a request says of the content it wants. */
export interface Selection extends Conditions {
  /** Accept-Encoding. */
  readonly acceptEncoding?: string;
  /** Range, of a GET. */
  readonly range?: string;
  /** Whether there is a condition or a range among them at all. */
  readonly isSelective: boolean;
}

type Wish = Exclude<keyof Selection, "isSelective">;

const selection = new Map<string, Wish>([
  ["accept-encoding", "acceptEncoding"],
  ["range", "range"],
  ["if-range", "ifRange"],
  ["if-match", "ifMatch"],
  ["if-none-match", "ifNoneMatch"],
  ["if-modified-since", "ifModifiedSince"],
  ["if-unmodified-since", "ifUnmodifiedSince"],
]);

/**
 * Looks once through the fields of a request. The values of several lines of one
 * name are joined: a list is whole then (section 5.3), and what must be single is
 * not valid any more, and so ignored.
 *
 * @param method a range concerns GET only (section 14.2)
 * @param fields names in lower case
 */
export function readSelection(method: string, fields: Fields): Selection {
  const read: { -readonly [name in Wish]?: string } & { isSelective: boolean } =
    { isSelective: false };
  for (const [name, value] of fields) {
    // "a", "i" and "r": most are something else, and a look into the map is 20 ns.
    const first = name.charCodeAt(0);
    if (first !== 0x61 && first !== 0x69 && first !== 0x72) continue;
    const wish = selection.get(name);
    if (wish === undefined || (wish === "range" && method !== "GET")) continue;
    const earlier = read[wish];
    read[wish] = earlier === undefined ? value : `${earlier}, ${value}`;
    if (wish !== "acceptEncoding") read.isSelective = true;
  }
  return read;
}

/**
 * Answers with content, or with what a request wants instead.
 *
 * @param representation the content
 * @param wishes of the request
 * @param clock tells milliseconds since the epoch
 */
export function answer(
  representation: Representation,
  selection: Selection,
  clock: () => number,
): HttpResponse {
  if (!selection.isSelective) return representation.whole;
  const now = clock();
  switch (checkConditions(selection, representation, now)) {
    case "failed":
      return errorResponse(412, "It is not what you think it is.");
    case "not modified":
      return representation.notModified;
    case "proceed":
      return selection.range !== undefined &&
          rangeApplies(selection.ifRange, representation, now)
        ? answerRange(representation, selection.range)
        : representation.whole;
  }
}

function answerRange(
  representation: Representation,
  value: string,
): HttpResponse {
  const { whole, length } = representation;
  const asked = readRanges(value, length);
  switch (asked.kind) {
    case "whole":
      return whole;
    case "unsatisfiable":
      return errorResponse(416, "There is nothing in that range.", [
        ["Content-Range", `bytes */${length}`],
      ]);
    case "ranges":
      return asked.ranges.length === 1
        ? answerPart(representation, asked.ranges[0])
        : answerParts(representation, asked.ranges);
  }
}

function answerPart(
  { whole, content, length }: Representation,
  range: ByteRange,
): HttpResponse {
  return {
    status: 206,
    fields: changeFields(whole.fields, [
      ["Content-Range", contentRange(range, length)],
    ]),
    body: sliceOf(content, range.first, range.last - range.first + 1),
  };
}

/** Section 15.3.7.2. Of content in a coding everything is sent: the fields of a
 * multipart message would speak of its parts' coding as of its own. */
function answerParts(
  { whole, content, length, type, coding }: Representation,
  ranges: readonly ByteRange[],
): HttpResponse {
  if (coding !== "identity") return whole;
  // Nobody can foresee it, so nobody can have put it into the content.
  const boundary = crypto.randomUUID();
  const texts = multipartTexts(ranges, length, type, boundary);
  const parts: Part[] = [];
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

type Part = Extract<ResponseBody, { kind: "parts" }>["parts"][number];

const encoder = new TextEncoder();
