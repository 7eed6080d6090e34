/**
 * A fault of the client, as an error with a status and a public text; and the one form
 * of an error page. Must not know sockets.
 *
 * @module
 */

import type { Fields, HttpResponse } from "./message.ts";
import { reasonPhrase } from "./status.ts";

/**
 * Thrown wherever a request turns out to be wrong; caught in one place, by the
 * connection, which sends it as a response. All that it says is public.
 */
export class HttpError extends Error {
  readonly status: number;
  /** Fields such as `Allow` or `Retry-After`, besides those of every error page. */
  readonly fields: Fields;

  constructor(status: number, publicText: string, fields: Fields = []) {
    super(publicText);
    this.name = "HttpError";
    this.status = status;
    this.fields = fields;
  }
}

/** Escapes text for HTML. */
export function escapeHtml(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}

const encoder = new TextEncoder();

/**
 * An error page: one sentence, in light and dark.
 *
 * @param publicText is sent to the client: no detail of this machine
 * @param fields further fields
 */
export function errorResponse(
  status: number,
  publicText: string,
  fields: Fields = [],
): HttpResponse {
  const title = `${status} ${reasonPhrase(status)}`;
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<h1>${title}</h1>
<p>${escapeHtml(publicText)}</p>
</html>
`;
  return {
    status,
    fields: [
      ["Content-Type", "text/html; charset=utf-8"],
      ["Cache-Control", "no-store"],
      ["X-Content-Type-Options", "nosniff"],
      ...fields,
    ],
    body: { kind: "bytes", bytes: encoder.encode(page) },
  };
}
