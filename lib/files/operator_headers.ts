/**
 * The fields that the operator adds to every response, and CORS (the protocol of the
 * Fetch Standard). Pure; must not know files.
 *
 * @module
 */

import { type Fields, fieldValue, type HttpResponse } from "../http/message.ts";
import type { StaticOptions } from "./static_options.ts";

/** The methods that files have (RFC 9110 section 9.1). */
export const allowedMethods = "GET, HEAD, OPTIONS";

// Nothing here depends on the client, so any origin is allowed; and scripts may see the
// fields about ranges and validators.
const openToAll: Fields = [
  ["Access-Control-Allow-Origin", "*"],
  ["Access-Control-Expose-Headers", "*"],
];

/** The names of the fields that the operator has decided on, in lower case: of all
 * others the rules of a site decide. */
export function namesOfOperator(
  { headers, cors }: StaticOptions,
): ReadonlySet<string> {
  const fields = cors ? [...openToAll, ...headers] : headers;
  const names = new Set(fields.map(([name]) => name.toLowerCase()));
  names.delete("vary");
  return names;
}

/** Adds the operator's fields. Each replaces a field of the same name, except Vary,
 * which is added to it. */
export function withOperatorHeaders(
  fields: Fields,
  options: StaticOptions,
): Fields {
  const { headers, cors } = options;
  if (headers.length === 0 && !cors) return fields;
  const named = new Set(headers.map(([name]) => name.toLowerCase()));
  named.delete("vary");
  const own = cors ? [...fields, ...openToAll] : fields;
  return [
    ...own.filter(([name]) => !named.has(name.toLowerCase())),
    ...headers,
  ];
}

/** The same for an error, a redirect or the response to OPTIONS: the operator's
 * Cache-Control is for files only. */
export function withOperatorHeadersOnError(
  response: HttpResponse,
  options: StaticOptions,
): HttpResponse {
  if (options.headers.length === 0 && !options.cors) return response;
  const headers = options.headers.filter(([name]) =>
    name.toLowerCase() !== "cache-control"
  );
  return {
    ...response,
    fields: withOperatorHeaders(response.fields, { ...options, headers }),
  };
}

/**
 * The response to OPTIONS: the methods (RFC 9110 section 9.3.7), and for a browser's
 * preflight whether a page of another origin may use them.
 *
 * @param fields of the request
 */
export function optionsResponse(
  fields: Fields,
  { cors }: StaticOptions,
): HttpResponse {
  const lines: [string, string][] = [["Allow", allowedMethods]];
  if (cors && isPreflight(fields)) lines.push(...preflightFields(fields));
  return { status: 204, fields: lines, body: { kind: "none" } };
}

/** Whether a browser asks what a page of another origin may do. It sends no
 * credentials with that (Fetch Standard, CORS preflight). */
export function isPreflight(fields: Fields): boolean {
  return fieldValue(fields, "origin") !== undefined &&
    fieldValue(fields, "access-control-request-method") !== undefined;
}

function preflightFields(fields: Fields): [string, string][] {
  const names = fieldValue(fields, "access-control-request-headers");
  const lines: [string, string][] = [
    ["Access-Control-Allow-Methods", allowedMethods],
    // A day. Some browsers have a lower limit.
    ["Access-Control-Max-Age", "86400"],
    ["Vary", "Access-Control-Request-Method, Access-Control-Request-Headers"],
  ];
  // `*` would not include Authorization. A value that is no list of names is dropped.
  if (names !== undefined && /^[\w!#$%&'*+.^`|~,\t -]+$/.test(names)) {
    lines.push(["Access-Control-Allow-Headers", names]);
  }
  return lines;
}
