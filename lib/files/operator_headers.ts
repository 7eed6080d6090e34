/**
 * The fields that every answer of a site has, by its operator's choice, and CORS
 * (the Fetch Standard's protocol). Pure; must not know files.
 *
 * @module
 */

import { type Fields, fieldValue, type HttpResponse } from "../http/message.ts";
import type { StaticOptions } from "./static_options.ts";

/** What a site answers with: RFC 9110 section 9.1. */
export const allowedMethods = "GET, HEAD, OPTIONS";

// Nothing here depends on who asks, so any origin may be named at once; and scripts
// may see the fields that are about ranges and validators.
const openToAll: Fields = [
  ["Access-Control-Allow-Origin", "*"],
  ["Access-Control-Expose-Headers", "*"],
];
const none: Fields = [];

/**
 * Fields with those of the operator: one that has the name of one of ours takes its
 * place, but for Vary, which has to say what we know.
 *
 * @param fields ours
 * @param options the operator's
 */
export function withOperatorHeaders(
  fields: Fields,
  options: StaticOptions,
): Fields {
  const { headers, cors } = options;
  if (headers.length === 0 && !cors) return fields;
  const named = new Set(headers.map(([name]) => name.toLowerCase()));
  named.delete("vary");
  const ours = [...fields, ...(cors ? openToAll : none)];
  return [
    ...ours.filter(([name]) => !named.has(name.toLowerCase())),
    ...headers,
  ];
}

/** The same for an answer that is no content of the site: how long that may be kept
 * is not for the operator to say. */
export function finish(
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
 * The answer to OPTIONS: what can be done here (RFC 9110 section 9.3.7), and to the
 * question of a browser whether a page of another origin may do it.
 *
 * @param fields of the request
 * @param options whether it may
 */
export function answerOptions(
  fields: Fields,
  { cors }: StaticOptions,
): HttpResponse {
  const answer: [string, string][] = [["Allow", allowedMethods]];
  if (cors && isPreflight(fields)) answer.push(...permission(fields));
  return { status: 204, fields: answer, body: { kind: "none" } };
}

function isPreflight(fields: Fields): boolean {
  return fieldValue(fields, "origin") !== undefined &&
    fieldValue(fields, "access-control-request-method") !== undefined;
}

function permission(fields: Fields): [string, string][] {
  const asked = fieldValue(fields, "access-control-request-headers");
  const answer: [string, string][] = [
    ["Access-Control-Allow-Methods", allowedMethods],
    // A day; browsers make less of it.
    ["Access-Control-Max-Age", "86400"],
    [
      "Vary",
      "Access-Control-Request-Method, Access-Control-Request-Headers",
    ],
  ];
  // `*` would leave out Authorization; and what is no list of names is not repeated.
  if (asked !== undefined && /^[\w!#$%&'*+.^`|~,\t -]+$/.test(asked)) {
    answer.push(["Access-Control-Allow-Headers", asked]);
  }
  return answer;
}
