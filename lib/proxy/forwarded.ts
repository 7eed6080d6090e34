/**
 * The fields in which proxies tell of their clients, read as hops. Garbage in them is
 * never an error. Pure: must not know who is trusted.
 *
 * @module
 */

import { trimOws } from "../http/message.ts";

/** What one proxy said of who had asked it. */
export interface Hop {
  /** `null` where that is no IP address. */
  readonly address: string | null;
  /** `null` where it is not said. */
  readonly port: number | null;
  readonly scheme: "http" | "https" | null;
  readonly host: string | null;
}

/** Tells whether a text is an IP address: 4, 6, or 0. */
export type IsIp = (text: string) => number;

// Longer lists are no proxies' any more.
const maxHops = 32;

/** The values of the three fields. */
export interface XForwarded {
  readonly addresses: string;
  readonly schemes: string;
  readonly hosts: string;
}

/**
 * Reads `X-Forwarded-For`, `-Proto` and `-Host`.
 *
 * @returns the hops, the nearest first
 */
export function readXForwarded(
  { addresses, schemes, hosts }: XForwarded,
  isIp: IsIp,
): Hop[] {
  const ofSchemes = reversed(schemes);
  const ofHosts = reversed(hosts);
  const ofAddresses = reversed(addresses);
  // A proxy may tell the scheme and nothing else.
  const count = Math.max(
    ofAddresses.length,
    ofSchemes.length > 0 || ofHosts.length > 0 ? 1 : 0,
  );
  return Array.from({ length: Math.min(count, maxHops) }, (_, index) => ({
    ...addressOf(ofAddresses[index] ?? "", isIp),
    // Some proxies add to these lists, others set one value: the last that there is.
    scheme: schemeOf(ofSchemes[Math.min(index, ofSchemes.length - 1)] ?? ""),
    host: hostOf(ofHosts[Math.min(index, ofHosts.length - 1)] ?? ""),
  }));
}

function reversed(list: string): string[] {
  if (list === "") return [];
  return list.split(",").reverse().map((each) => trimOws(each));
}

/**
 * Reads `Forwarded` (RFC 7239).
 *
 * @returns the hops, the nearest first
 */
export function readForwarded(value: string, isIp: IsIp): Hop[] {
  if (value === "") return [];
  return splitQuoted(value, ",").reverse().slice(0, maxHops).map((element) => {
    const pairs = new Map<string, string>();
    for (const pair of splitQuoted(element, ";")) {
      const at = pair.indexOf("=");
      if (at < 0) continue;
      const name = trimOws(pair.slice(0, at)).toLowerCase();
      // RFC 7239 section 4: each parameter occurs once.
      if (!pairs.has(name)) pairs.set(name, unquoted(trimOws(pair, at + 1)));
    }
    return {
      ...addressOf(pairs.get("for") ?? "", isIp),
      scheme: schemeOf(pairs.get("proto") ?? ""),
      host: hostOf(pairs.get("host") ?? ""),
    };
  });
}

/** Splits a list, but not within quotes. */
function splitQuoted(text: string, separator: string): string[] {
  const parts: string[] = [];
  let from = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoted && character === "\\") at++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === separator) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

function unquoted(text: string): string {
  return text.length >= 2 && text.startsWith('"') && text.endsWith('"')
    ? text.slice(1, -1).replace(/\\(.)/g, "$1")
    : text;
}

/** `1.2.3.4`, `1.2.3.4:5`, `::1`, `[::1]` or `[::1]:5`. */
function addressOf(text: string, isIp: IsIp): Pick<Hop, "address" | "port"> {
  const [, bracketed, plain, port] =
    /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::([0-9]{1,5}))?$/.exec(text) ?? [];
  const address = bracketed ?? plain ??
    (/^[0-9A-Fa-f:.]+$/.test(text) ? text : "");
  if (isIp(address) === 0) return { address: null, port: null };
  return { address, port: port === undefined ? null : Number(port) };
}

function schemeOf(text: string): Hop["scheme"] {
  const scheme = text.toLowerCase();
  return scheme === "http" || scheme === "https" ? scheme : null;
}

/** A name or an address with a port; anything else is no host that a URL could have. */
function hostOf(text: string): string | null {
  return text.length <= 255 &&
      /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?$/.test(text)
    ? text
    : null;
}
