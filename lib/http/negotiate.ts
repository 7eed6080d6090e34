/**
 * What a client would rather have (RFC 9110 section 12.5): Accept-Encoding and
 * Accept, their weights, and the choice among what there is. Pure; must not know
 * what is chosen for.
 *
 * @module
 */

/** A content coding that is not `identity`. */
export type Coding = "br" | "zstd" | "gzip";

/** All of them; the one that makes the least of a page comes first. */
export const codings: readonly Coding[] = ["br", "zstd", "gzip"];

/** What is put behind the name of a file for its content in a coding. */
export const suffixes: Readonly<Record<Coding, string>> = {
  br: ".br",
  zstd: ".zst",
  gzip: ".gz",
};

/** How much a client wants each coding: from 0, not at all, to 1. */
export interface Preferences {
  /** Of content as it is. */
  readonly identity: number;
  /** Of each coding. */
  readonly codings: Readonly<Record<Coding, number>>;
}

/** Where it is as good as another and nothing was said about it, content as it is
 * is the last choice (it is always acceptable, unless it was ruled out). */
const unmentioned = 0.0001;
const identityOnly: Preferences = {
  identity: 1,
  codings: { br: 0, zstd: 0, gzip: 0 },
};

/** Browsers send the same few values all day: a look costs 30 ns, reading one 2 us.
 * It is emptied when it is full, so that nobody fills a thread's memory. */
const known = new Map<string, Preferences>();
const maxKnown = 256;
const maxKnownLength = 256;

/**
 * Reads Accept-Encoding (section 12.5.3). The same text gives the same object.
 *
 * @param value of all its lines, or `undefined` where there is none
 */
export function preferences(value: string | undefined): Preferences {
  if (value === undefined) return identityOnly;
  let result = known.get(value);
  if (result === undefined) {
    result = readPreferences(value);
    if (value.length > maxKnownLength) return result;
    if (known.size >= maxKnown) known.clear();
    known.set(value, result);
  }
  return result;
}

function readPreferences(value: string): Preferences {
  const weights = readWeights(value);
  const others = weights.get("*") ?? 0;
  const weightOf = (name: string) => weights.get(name) ?? others;
  return {
    identity: weights.get("identity") ??
      (weights.get("*") === 0 ? 0 : unmentioned),
    codings: {
      br: weightOf("br"),
      zstd: weightOf("zstd"),
      // Section 8.4.1.3: another name of the same.
      gzip: weights.get("gzip") ?? weightOf("x-gzip"),
    },
  };
}

/**
 * The weight of each member of a list of names with parameters, names in lower
 * case. One with a weight that is none is as if it were not there.
 */
export function readWeights(value: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const member of value.split(",")) {
    const [name, ...parameters] = member.split(";");
    const weight = weightAmong(parameters);
    const key = name.trim().toLowerCase();
    if (key !== "" && weight !== null) weights.set(key, weight);
  }
  return weights;
}

/** Section 12.4.2; 1 where there is none, `null` where it cannot be read. */
function weightAmong(parameters: string[]): number | null {
  for (const parameter of parameters) {
    const match = /^\s*q\s*=(.*)$/i.exec(parameter);
    if (match === null) continue;
    const text = match[1].trim();
    return /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(text) ? Number(text) : null;
  }
  return 1;
}

/** What can be had of something, in the order in which it should rather be sent. */
export interface Offer {
  /** Codings. */
  readonly codings: readonly Coding[];
  /** Those that can be had as well, where content as it is is ruled out. */
  readonly inNeed: readonly Coding[];
}

/** Nothing but content as it is. */
export const plainOffer: Offer = { codings: [], inNeed: [] };

/**
 * Chooses: what the client wants most, and of several the first that is offered.
 *
 * @returns `null` where nothing is acceptable
 */
export function chooseCoding(
  wanted: Preferences,
  offer: Offer,
): Coding | "identity" | null {
  const best = bestOf(offer.codings, wanted);
  if (best !== null && wanted.codings[best] >= wanted.identity) return best;
  if (wanted.identity > 0) return "identity";
  return bestOf(offer.inNeed, wanted);
}

function bestOf(
  offered: readonly Coding[],
  wanted: Preferences,
): Coding | null {
  let best: Coding | null = null;
  let weight = 0;
  for (const coding of offered) {
    if (wanted.codings[coding] > weight) {
      best = coding;
      weight = wanted.codings[coding];
    }
  }
  return best;
}

/**
 * Whether a program asks: JSON is wanted more than a page (section 12.5.1), or as
 * much and by its name, as by `application/json` and anything else (what most libraries send).
 *
 * @param accept the value of Accept, or `undefined` where there is none
 */
export function prefersJson(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  const weights = readWeights(accept);
  const json = wishFor(weights, "application/json");
  const page = wishFor(weights, "text/html");
  return json.weight > page.weight ||
    (json.weight > 0 && json.weight === page.weight &&
      json.precision > page.precision);
}

/** Whether a page is among what is wanted. */
export function acceptsPage(accept: string | undefined): boolean {
  return accept === undefined ||
    wishFor(readWeights(accept), "text/html").weight > 0;
}

/** How much a type is wanted, and how precisely it is named: the most specific range
 * that holds it counts. */
function wishFor(
  weights: Map<string, number>,
  type: string,
): { weight: number; precision: number } {
  const [kind] = type.split("/");
  const ranges = ["*/*", `${kind}/*`, type];
  const precision = ranges.findLastIndex((range) => weights.has(range));
  return { weight: weights.get(ranges[precision]) ?? 0, precision };
}
