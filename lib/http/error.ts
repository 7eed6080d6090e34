/**
 * Errors that clients are told of: thrown, and as responses. Must not know sockets, nor
 * in which form a client wants to be told.
 *
 * @module
 */

import type { Limits } from "../limits.ts";
import type { ErrorBody, ErrorResponse, Fields } from "./message.ts";

/**
 * Thrown wherever a request turns out to be wrong. The connection catches it, in one
 * place, and sends it as a response. The client sees all that it contains.
 */
export class HttpError extends Error {
  readonly status: number;
  /** Fields such as `Allow` or `Retry-After`, besides those of every error response. */
  readonly fields: Fields;

  constructor(status: number, publicText: string, fields: Fields = []) {
    super(publicText);
    this.name = "HttpError";
    this.status = status;
    this.fields = fields;
  }
}

export function escapeHtml(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}

/** What is known of an error besides its sentence. */
export type ErrorDetails = Partial<Pick<ErrorBody, "number" | "trace">>;

/**
 * An error as a response: in which form its client gets it is decided later.
 *
 * @param publicText is sent to the client: it must not contain details of this machine
 */
export function errorResponse(
  status: number,
  publicText: string,
  fields: Fields = [],
  { number = null, trace = null }: ErrorDetails = {},
): ErrorResponse {
  return {
    status,
    fields: [
      ["Cache-Control", "no-store"],
      ["X-Content-Type-Options", "nosniff"],
      ...fields,
    ],
    body: { kind: "error", text: publicText, number, trace },
  };
}

/** What a 503 is made of: the server will have time again in a second. */
export function busy(
  publicText: string,
): [status: 503, publicText: string, fields: Fields] {
  return [503, `${publicText} Try again in 1 second.`, [["Retry-After", "1"]]];
}

/** How a limit is set, for the sentence of an error: whoever runs into one on a server
 * of their own need not look for it. */
export function limitFlag(name: keyof Limits): string {
  return `--limit ${name}=N`;
}
