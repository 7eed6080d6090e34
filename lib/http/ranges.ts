/**
 * Range requests (RFC 9110 section 14): the requested bytes, and the parts of a
 * multipart response. Pure; must not know files.
 *
 * @module
 */

export interface ByteRange {
  readonly first: number;
  /** Part of the range. */
  readonly last: number;
}

/** What a Range field requests. */
export type RangeAnswer =
  /** The field is ignored: the whole representation is sent. */
  | { readonly kind: "whole" }
  /** All ranges are outside the representation: 416. */
  | { readonly kind: "unsatisfiable" }
  /** At least one. They do not overlap, and are in the order of the field. */
  | { readonly kind: "ranges"; readonly ranges: readonly ByteRange[] };

const whole: RangeAnswer = { kind: "whole" };

// Section 14.2: many ranges in one request are an attack. A viewer of a large PDF
// requests about twenty.
const maxRanges = 64;
// About the length of the head of a part: sending a smaller gap costs less (section
// 15.3.7.2).
const maxGapBytes = 128;

/**
 * Parses the value of Range.
 *
 * ```ts
 * import { readRanges } from "./ranges.ts";
 *
 * readRanges("bytes=-100", 1000); // ranges: [{ first: 900, last: 999 }]
 * ```
 *
 * @param length of the representation, in bytes
 */
export function readRanges(value: string, length: number): RangeAnswer {
  const match = /^bytes=(.*)$/i.exec(value);
  // Section 14.2: other units and malformed values are ignored.
  if (match === null) return whole;
  const specs = match[1].split(",").map((spec) => spec.trim())
    .filter((spec) => spec !== "");
  if (specs.length === 0 || specs.length > maxRanges) return whole;
  const ranges: ByteRange[] = [];
  for (const spec of specs) {
    const range = parseRange(spec, length);
    if (range === "invalid") return whole;
    if (range !== null) ranges.push(range);
  }
  // A suffix range of an empty representation is satisfiable (section 14.1.2).
  if (length === 0 && specs.some((spec) => /^-0*[1-9]/.test(spec))) {
    return whole;
  }
  if (ranges.length === 0) return { kind: "unsatisfiable" };
  return { kind: "ranges", ranges: coalesce(ranges) };
}

/** @returns `null` for a range that is outside the representation */
function parseRange(
  spec: string,
  length: number,
): ByteRange | null | "invalid" {
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

/** Merges ranges that overlap or almost touch. The result has the place of the first of
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
 * Makes the text before each part of a `multipart/byteranges` (section 14.6), and the
 * text after the last part.
 *
 * @param length of the whole representation
 * @param boundary must not occur in the representation
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
