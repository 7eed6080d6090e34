/**
 * Range requests (RFC 9110 section 14): which bytes are asked for, and the parts
 * of a multipart answer. Pure; must not know files.
 *
 * @module
 */

/** Some bytes of a content. */
export interface ByteRange {
  /** The first. */
  readonly first: number;
  /** The last; it is part of it. */
  readonly last: number;
}

/** What a Range field asks for. */
export type RangeAnswer =
  /** Nothing that can be made sense of: everything is sent. */
  | { readonly kind: "whole" }
  /** Something that is not there: 416. */
  | { readonly kind: "unsatisfiable" }
  /** At least one, none of which overlap, in the order asked for. */
  | { readonly kind: "ranges"; readonly ranges: readonly ByteRange[] };

const whole: RangeAnswer = { kind: "whole" };
const unsatisfiable: RangeAnswer = { kind: "unsatisfiable" };

// Section 14.2: an attack asks for many. A reader of a large PDF asks for some
// twenty at a time.
const maxRanges = 64;
// The head of a part is about as long as that: a smaller gap is cheaper sent
// (section 15.3.7.2).
const maxGapBytes = 128;

/**
 * Reads the value of Range.
 *
 * ```ts
 * import { readRanges } from "./ranges.ts";
 *
 * readRanges("bytes=-100", 1000); // { kind: "ranges", ranges: [{ first: 900, last: 999 }] }
 * ```
 *
 * @param value of all its lines
 * @param length of the content that would be sent
 */
export function readRanges(value: string, length: number): RangeAnswer {
  const match = /^bytes=(.*)$/i.exec(value);
  // Section 14.2: another unit is ignored, and so is what cannot be read.
  if (match === null) return whole;
  const specs = match[1].split(",").map((spec) => spec.trim())
    .filter((spec) => spec !== "");
  if (specs.length === 0 || specs.length > maxRanges) return whole;
  const ranges: ByteRange[] = [];
  for (const spec of specs) {
    const range = readRange(spec, length);
    if (range === "invalid") return whole;
    if (range !== null) ranges.push(range);
  }
  // The last bytes of nothing can be had, and have no place (section 14.1.2).
  if (length === 0 && specs.some((spec) => /^-0*[1-9]/.test(spec))) {
    return whole;
  }
  if (ranges.length === 0) return unsatisfiable;
  return { kind: "ranges", ranges: coalesce(ranges) };
}

/** @returns `null` for one that is not there */
function readRange(spec: string, length: number): ByteRange | null | "invalid" {
  const match = /^(\d*)-(\d*)$/.exec(spec);
  if (match === null || spec === "-") return "invalid";
  const [, from, to] = match;
  if (from === "") {
    const first = Math.max(0, length - Number(to));
    return first < length ? { first, last: length - 1 } : null;
  }
  const first = Number(from);
  if (to !== "" && Number(to) < first) return "invalid";
  if (first >= length) return null;
  const last = to === "" ? length - 1 : Math.min(Number(to), length - 1);
  return { first, last };
}

/** Those that overlap, or almost touch, become one, in the place of the first of
 * them (section 15.3.7.2). */
function coalesce(ranges: readonly ByteRange[]): ByteRange[] {
  const ordered = ranges.map((range, place) => ({ ...range, place }))
    .sort((a, b) => a.first - b.first);
  const merged: typeof ordered = [];
  for (const range of ordered) {
    const previous = merged.at(-1);
    if (
      previous === undefined || range.first > previous.last + 1 + maxGapBytes
    ) {
      merged.push(range);
      continue;
    }
    merged[merged.length - 1] = {
      first: previous.first,
      last: Math.max(previous.last, range.last),
      place: Math.min(previous.place, range.place),
    };
  }
  return merged.sort((a, b) => a.place - b.place)
    .map(({ first, last }) => ({ first, last }));
}

/** The value of Content-Range for a part (section 14.4). */
export function contentRange(
  { first, last }: ByteRange,
  length: number,
): string {
  return `bytes ${first}-${last}/${length}`;
}

/**
 * What stands between the parts of a `multipart/byteranges` (section 14.6): the text
 * before each of them, and the text after the last.
 *
 * @param ranges the parts
 * @param length of the whole content
 * @param type its media type
 * @param boundary which must not be in the content
 */
export function multipartTexts(
  ranges: readonly ByteRange[],
  length: number,
  type: string,
  boundary: string,
): { readonly heads: readonly string[]; readonly end: string } {
  const heads = ranges.map((range, index) =>
    `${index === 0 ? "" : "\r\n"}--${boundary}\r\n` +
    `Content-Type: ${type}\r\n` +
    `Content-Range: ${contentRange(range, length)}\r\n\r\n`
  );
  return { heads, end: `\r\n--${boundary}--\r\n` };
}
