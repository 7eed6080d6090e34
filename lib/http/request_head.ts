/**
 * Parses the lines of a request head (RFC 9112 sections 3 and 5). Pure; must not know
 * streams, bytes, or how long anything may be.
 *
 * @module
 */

import { HttpError } from "./error.ts";
import {
  type Field,
  type HttpVersion,
  isToken,
  type RequestHead,
  trimOws,
} from "./message.ts";

/** The parts of a request line, the target still in the form it came in. */
export interface RequestLine {
  readonly method: string;
  readonly rawTarget: string;
  readonly version: HttpVersion;
}

// Exactly one SP between the parts: RFC 9112 section 3 allows a server to accept other
// white space, and warns that this makes request smuggling possible.
// `|`, `^`, `{`, `}`, `"`, `<`, `>`, `\` and the backtick are not URI characters, but
// browsers send some of them raw. They delimit nothing, so they do no harm; `#` does.
const requestLine =
  /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+ [!"$-~]+ HTTP\/[0-9]\.[0-9]$/;

/**
 * Parses a request line (RFC 9112 section 3).
 *
 * @example
 * ```ts
 * import { parseRequestLine } from "./request_head.ts";
 *
 * parseRequestLine("GET /a?b HTTP/1.1").rawTarget; // "/a?b"
 * ```
 *
 * @throws {HttpError} 400, or 505 for a major version other than 1
 */
export function parseRequestLine(line: string): RequestLine {
  if (!requestLine.test(line)) throw malformedRequestLine(line);
  const methodEnd = line.indexOf(" ");
  const targetEnd = line.length - " HTTP/1.1".length;
  if (line[line.length - 3] !== "1") {
    throw new HttpError(
      505,
      "This server supports only HTTP/1.1 and HTTP/1.0.",
    );
  }
  return {
    method: line.slice(0, methodEnd),
    rawTarget: line.slice(methodEnd + 1, targetEnd),
    // RFC 9110 section 2.5: a later minor version counts as the latest known one.
    version: line.endsWith("0") ? "1.0" : "1.1",
  };
}

function malformedRequestLine(line: string): HttpError {
  return /^[A-Z]+ (?!HTTP\/)[!-~]+$/.test(line)
    ? new HttpError(
      505,
      "HTTP/0.9 is not supported: the request line has no version.",
    )
    : new HttpError(
      400,
      "The request line is not a method, a target and a version.",
    );
}

/** Names that nearly every request has. Looking up a name is three times faster than
 * checking it and making it lower case (30 ns against 95 ns). */
const knownNames = new Map<string, string>(
  [
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Cache-Control",
    "Connection",
    "Content-Length",
    "Content-Type",
    "Cookie",
    "Host",
    "If-Modified-Since",
    "If-None-Match",
    "Origin",
    "Range",
    "Referer",
    "Sec-Fetch-Dest",
    "Sec-Fetch-Mode",
    "Sec-Fetch-Site",
    "Sec-Fetch-User",
    "Upgrade-Insecure-Requests",
    "User-Agent",
  ].flatMap((name) => {
    const lower = name.toLowerCase();
    return [[name, lower], [lower, lower]];
  }),
);

// CR, LF and NUL were refused when the end of the head was found; the other control
// characters are refused here (RFC 9110 section 5.5).
// deno-lint-ignore no-control-regex
const forbiddenInValue = /[\x00-\x08\x0a-\x1f\x7f]/;

/**
 * Parses a field line (RFC 9112 section 5). Proxies disagree about white space before
 * the colon and about folded lines, so both are refused.
 *
 * @throws {HttpError} 400
 */
export function parseFieldLine(line: string): Field {
  const colon = line.indexOf(":");
  if (colon < 1) throw new HttpError(400, "A field line has no name.");
  const sent = line.slice(0, colon);
  let name = knownNames.get(sent);
  if (name === undefined) {
    if (!isToken(sent)) {
      throw new HttpError(400, "A field name is not a token.");
    }
    name = sent.toLowerCase();
  }
  const value = trimOws(line, colon + 1);
  if (forbiddenInValue.test(value)) {
    throw new HttpError(400, "A field value has a control character.");
  }
  return [name, value];
}

/** Parses a line that was checked before. */
export function reparseFieldLine(line: string): Field {
  const colon = line.indexOf(":");
  const sent = line.slice(0, colon);
  return [knownNames.get(sent) ?? sent.toLowerCase(), trimOws(line, colon + 1)];
}

/**
 * Parses the lines of a head, without the empty line that ends it.
 *
 * @throws {HttpError} 400, 501 for CONNECT, or 505
 */
export function parseRequestHead(lines: readonly string[]): RequestHead {
  const { method, rawTarget, version } = parseRequestLine(lines[0]);
  const fields: Field[] = [];
  let host: string | undefined;
  for (let i = 1; i < lines.length; i++) {
    const field = parseFieldLine(lines[i]);
    fields.push(field);
    if (field[0] === "host") {
      // RFC 9112 section 3.2: this is 400 even if their values are equal.
      if (host !== undefined) {
        throw new HttpError(400, "There is more than one Host.");
      }
      host = field[1];
    }
  }
  checkHost(host, version);
  const { target, authority } = resolveTarget(method, rawTarget, host ?? "");
  return { method, target, authority, version, fields };
}

// RFC 9110 section 4.2.1: an http URI with an empty host is invalid. The host is an
// IPv6 address in brackets, or a reg-name of RFC 3986, which includes IPv4 addresses.
const authorityForm =
  /^(?:\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z\-._~%!$&'()*+,;=]+)(?::[0-9]{0,5})?$/;
const maxPort = 65_535;

function isAuthority(text: string): boolean {
  if (!authorityForm.test(text)) return false;
  const colon = text.lastIndexOf(":");
  // An IPv6 address has colons of its own.
  return colon < 0 || text.endsWith("]") ||
    Number(text.slice(colon + 1)) <= maxPort;
}

function checkHost(host: string | undefined, version: HttpVersion): void {
  if (host === undefined) {
    if (version === "1.0") return;
    throw new HttpError(400, "An HTTP/1.1 request needs a Host.");
  }
  if (!isAuthority(host)) {
    throw new HttpError(400, "The Host field is not a valid host and port.");
  }
}

/** Makes one form of the four forms of a target (RFC 9112 section 3.2). */
function resolveTarget(
  method: string,
  raw: string,
  host: string,
): { target: string; authority: string } {
  if (method === "CONNECT") {
    throw new HttpError(
      501,
      "This server is not a proxy: CONNECT is not supported.",
    );
  }
  if (raw.startsWith("/")) return { target: raw, authority: host };
  if (raw === "*") {
    if (method === "OPTIONS") return { target: "*", authority: host };
    throw new HttpError(400, "The target * is for OPTIONS only.");
  }
  return resolveAbsolute(method, raw);
}

const absoluteForm = /^https?:\/\/([^/?]*)([^]*)$/i;

/** RFC 9112 section 3.2.2: the target's authority wins over Host. */
function resolveAbsolute(
  method: string,
  raw: string,
): { target: string; authority: string } {
  const match = absoluteForm.exec(raw);
  // RFC 9110 section 4.2.4: an authority with userinfo is refused.
  if (match === null || !isAuthority(match[1])) {
    throw new HttpError(400, "The target is neither a path nor an http URI.");
  }
  const [, authority, rest] = match;
  if (rest.startsWith("/")) return { target: rest, authority };
  // RFC 9112 section 3.2.4: OPTIONS without path and query asks about the server.
  if (rest === "") {
    return { target: method === "OPTIONS" ? "*" : "/", authority };
  }
  return { target: `/${rest}`, authority };
}
