/**
 * Content negotiation (RFC 9110 section 12.5): the weights in Accept-Encoding and
 * Accept, and the choice of a coding. Pure; must not know files.
 *
 * @module
 */

/** A content coding other than `identity`. */
export type Coding = "br" | "zstd" | "gzip";

/** The coding that compresses best comes first. */
export const codings: readonly Coding[] = ["br", "zstd", "gzip"];

/** The suffix of a file that holds another file in a coding. */
export const suffixes: Readonly<Record<Coding, string>> = {
  br: ".br",
  zstd: ".zst",
  gzip: ".gz",
};

/** The weight of each coding for a client, from 0 (not acceptable) to 1. */
export interface Preferences {
  readonly identity: number;
  readonly codings: Readonly<Record<Coding, number>>;
}

const identityOnly: Preferences = {
  identity: 1,
  codings: { br: 0, zstd: 0, gzip: 0 },
};

/** Browsers send the same few values again and again: a look-up takes 30 ns, parsing
 * 2 us. The map is cleared when it is full, so that clients cannot fill the memory. */
const known = new Map<string, Preferences>();
const maxKnown = 256;
const maxKnownLength = 256;

/**
 * Parses Accept-Encoding (section 12.5.3). Equal texts usually give the same object.
 *
 * @param value of all its field lines
 */
export function preferences(value: string | undefined): Preferences {
  if (value === undefined) return identityOnly;
  let result = known.get(value);
  if (result === undefined) {
    result = parsePreferences(value);
    if (value.length > maxKnownLength) return result;
    if (known.size >= maxKnown) known.clear();
    known.set(value, result);
  }
  return result;
}

function parsePreferences(value: string): Preferences {
  const weights = parseWeights(value);
  const others = weights.get("*") ?? 0;
  const weightOf = (name: string) => weights.get(name) ?? others;
  return {
    // A client that does not mention `identity` accepts it, as the last choice.
    identity: weights.get("identity") ?? (weights.get("*") === 0 ? 0 : 0.0001),
    codings: {
      br: weightOf("br"),
      zstd: weightOf("zstd"),
      // Section 8.4.1.3: x-gzip is another name of gzip.
      gzip: weights.get("gzip") ?? weightOf("x-gzip"),
    },
  };
}

/** No client needs more, and 32 KiB of weights would take the main thread 20 ms for each
 * request. What is cut off is a preference (section 12.5.1 allows to disregard it). */
const maxListLength = 2048;

/** The weight of each member of a list, names in lower case. Members with a malformed
 * weight are ignored. */
function parseWeights(value: string): Map<string, number> {
  const weights = new Map<string, number>();
  const list = value.length <= maxListLength
    ? value
    : value.slice(0, Math.max(value.lastIndexOf(",", maxListLength), 0));
  for (const member of list.split(",")) {
    const [name, ...parameters] = member.split(";");
    const weight = parseWeight(parameters);
    const key = name.trim().toLowerCase();
    if (key !== "" && weight !== null) weights.set(key, weight);
  }
  return weights;
}

/** Section 12.4.2; 1 where there is no weight, `null` where it is malformed. */
function parseWeight(parameters: string[]): number | null {
  for (const parameter of parameters) {
    const match = /^\s*q\s*=(.*)$/i.exec(parameter);
    if (match === null) continue;
    const text = match[1].trim();
    return /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(text) ? Number(text) : null;
  }
  return 1;
}

/** The codings in which a representation can be sent, the best first. */
export interface Offer {
  readonly codings: readonly Coding[];
  /** Codings that are offered only to clients that do not accept `identity`. */
  readonly inNeed: readonly Coding[];
}

export const plainOffer: Offer = { codings: [], inNeed: [] };

/**
 * Chooses the coding with the highest weight; where weights are equal, the first one.
 *
 * @returns `null` where no coding is acceptable
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
 * Whether a client prefers JSON to HTML (section 12.5.1). Where their weights are
 * equal, the one that the client names more precisely is preferred: most libraries send
 * `application/json, *\/*`.
 */
export function prefersJson(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  const weights = parseWeights(accept);
  const json = weightOfType(weights, "application/json");
  const html = weightOfType(weights, "text/html");
  return json.weight > html.weight ||
    (json.weight > 0 && json.weight === html.weight &&
      json.precision > html.precision);
}

/** The forms in which a client can be told of an error. */
export type ErrorForm = "page" | "problem" | "text";

const knownForms = new Map<string, ErrorForm>();

/**
 * The form that a client prefers. A page or JSON is only for those that name it: for
 * `*\/*`, which curl, scripts and pictures send, and for what nothing suits, there is
 * text (section 12.4.1 allows that).
 *
 * @param accept of all its field lines
 */
export function preferredForm(accept: string | undefined): ErrorForm {
  if (accept === undefined) return "text";
  let form = knownForms.get(accept);
  if (form === undefined) {
    form = chooseForm(accept);
    if (accept.length > maxKnownLength) return form;
    if (knownForms.size >= maxKnown) knownForms.clear();
    knownForms.set(accept, form);
  }
  return form;
}

/** Where their weights are equal, the first one counts. */
const namedForms: readonly (readonly [type: string, form: ErrorForm])[] = [
  ["text/html", "page"],
  ["application/problem+json", "problem"],
  ["application/json", "problem"],
];

function chooseForm(accept: string): ErrorForm {
  const weights = parseWeights(accept);
  let form: ErrorForm = "text";
  let best = 0;
  for (const [type, named] of namedForms) {
    const weight = weights.get(type) ?? 0;
    if (weight > best) {
      best = weight;
      form = named;
    }
  }
  return weightOfType(weights, "text/plain").weight > best ? "text" : form;
}

/** Whether HTML is acceptable. */
export function acceptsPage(accept: string | undefined): boolean {
  return accept === undefined ||
    weightOfType(parseWeights(accept), "text/html").weight > 0;
}

/** The weight of a type, and how precise the most specific range for it is. */
function weightOfType(
  weights: Map<string, number>,
  type: string,
): { weight: number; precision: number } {
  const [kind] = type.split("/");
  const ranges = ["*/*", `${kind}/*`, type];
  const precision = ranges.findLastIndex((range) => weights.has(range));
  return { weight: weights.get(ranges[precision]) ?? 0, precision };
}
