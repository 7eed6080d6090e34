/**
 * Where a redirect or a rewrite leads: reads the target of a rule, and fills in what
 * its placeholders stand for. Nothing that a client sends can choose the host, end the
 * field line, or add a parameter to the query. Must not know rules.
 *
 * @module
 */

import { natives } from "../../natives.ts";
import { type Captures, plainPath, shown } from "./patterns.ts";

/** A target that was read; its texts contain placeholders. */
export interface Target {
  /** `https://host`; empty for this site. */
  readonly origin: string;
  readonly path: string;
  /** Without the question mark; `null` where it has none. */
  readonly query: string | null;
  /** With its `#`; empty where it has none. */
  readonly fragment: string;
}

export type ReadTarget =
  | { readonly kind: "target"; readonly target: Target }
  | { readonly kind: "mistake"; readonly why: string };

// RFC 3986 section 3.2, without user names: those in a link are for deceiving people.
const authority = /^([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?$/i;

/** @param names that the path and the query of the rule capture */
export function readTarget(
  text: string,
  names: ReadonlySet<string>,
): ReadTarget {
  if (plainPath.test(text) && !text.startsWith("//")) {
    const target = { origin: "", path: text, query: null, fragment: "" };
    return { kind: "target", target };
  }
  const ascii = text.replace(/[^\x21-\x7e]+/gu, encodeURIComponent);
  if (ascii.includes("\\")) return mistake("a target has no backslash in it");
  if (ascii.startsWith("//")) {
    return mistake("a target that begins with // leads to another host");
  }
  const [, origin, path, query, fragment = ""] =
    /^([a-z]+:\/\/[^/?#]*)?([^?#]*)(?:\?([^#]*))?(#.*)?$/i.exec(ascii)!;
  if (origin === undefined && !path.startsWith("/")) {
    return mistake(
      `${shown(ascii)} is neither a path nor an http or https URL`,
    );
  }
  if (origin !== undefined) {
    const [scheme, host] = origin.split("://");
    if (!/^https?$/i.test(scheme)) {
      return mistake(`${shown(`${scheme}:`)} is neither http: nor https:`);
    }
    if (!authority.test(host)) {
      return mistake(
        `${shown(host)} is not a host, which takes no placeholder`,
      );
    }
  }
  const unknown = path.split("/").map((part) => /^:([A-Za-z]\w*)$/.exec(part))
    .find((found) => found && !names.has(found[1]));
  if (unknown) {
    return mistake(`nothing in front of the target is named ${unknown[0]}`);
  }
  const target = { origin: origin ?? "", path, query: query ?? null, fragment };
  return { kind: "target", target };
}

function mistake(why: string): ReadTarget {
  return { kind: "mistake", why };
}

/** Fills in a text; what is no captured name stays as it is. */
export function fill(
  text: string,
  captures: Captures,
  encode: (value: string, name: string) => string,
): string {
  if (captures.size === 0 || !text.includes(":")) return text;
  return text.replace(/:([A-Za-z]\w*)/g, (whole, name) => {
    const value = captures.get(name);
    return value === undefined ? whole : encode(value, name);
  });
}

// RFC 3986 section 3.3: these may stand in a segment as they are.
const plainInPath = /%(21|24|26|27|28|29|2A|2B|2C|3A|3B|3D|40)/g;

/** What a placeholder stands for, as part of a path: one segment, whatever is in it. A
 * splat keeps its slashes. */
export function encodeInPath(value: string, name: string): string {
  const encoded = encodeURIComponent(value)
    .replace(plainInPath, decodeURIComponent);
  return name === "splat" ? encoded.replaceAll("%2F", "/") : encoded;
}

/** The same as part of a field: nothing in it delimits a parameter or a member of a
 * list (RFC 9110 section 5.6). */
export function encodeInField(value: string, name: string): string {
  const encoded = encodeURIComponent(value);
  return name === "splat" ? encoded.replaceAll("%2F", "/") : encoded;
}

/** The path of a target. One slash in front: `//host` would lead to another host, where
 * a placeholder stands for nothing. */
export function filledPath(
  { origin, path }: Target,
  captures: Captures,
): string {
  const filled = fill(path, captures, encodeInPath);
  return origin === "" ? filled.replace(/^\/{2,}/, "/") : filled;
}

/**
 * The value of Location.
 *
 * @param query of the request, without the question mark
 * @param consumed the parameters that the rule has taken from there
 */
export function locationOf(
  target: Target,
  captures: Captures,
  query: string,
  consumed: ReadonlySet<string>,
): string {
  const own = target.query === null
    ? null
    : fill(target.query, captures, encodeURIComponent);
  const replaced = new Set([...consumed, ...namesIn(own ?? "")]);
  const sent = pairsOf(query);
  const passedOn = replaced.size === 0
    ? sent
    : sent.filter((pair) => !replaced.has(nameOf(pair)));
  const pairs = own === null || own === "" ? passedOn : [own, ...passedOn];
  const fragment = fill(target.fragment, captures, encodeURIComponent);
  return target.origin + filledPath(target, captures) +
    (pairs.length > 0 || own !== null ? `?${pairs.join("&")}` : "") + fragment;
}

/** The pairs of a query as they were sent, but for what cannot stand in a field. */
function pairsOf(query: string): string[] {
  return query.split("&").filter((pair) => pair !== "").map((pair) =>
    // Each character of a request is one byte.
    pair.replace(
      /[^\x21-\x7e]/g,
      (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, "0")}`,
    )
  );
}

/** Most names are just text: a query has up to 4000, and parsing one takes 10 us. */
function nameOf(pair: string): string {
  const [name] = pair.split("=", 1);
  return /[%+]/.test(name) ? namesIn(name)[0] ?? "" : name;
}

function namesIn(query: string): string[] {
  return [...new natives.URLSearchParams(query).keys()];
}
