/**
 * A fault of the peer's, as an error: a status and a text that is fit for the
 * peer's eyes; and the one shape of an error page. Must not know sockets.
 *
 * @module
 */

import type { Fields, HttpResponse } from "./message.ts";
import { reasonPhrase } from "./status.ts";

/**
 * Thrown wherever a request turns out to be wrong; caught in one place, by the
 * connection, which answers it. What is in it is public.
 */
export class HttpError extends Error {
  /** The status code of the answer. */
  readonly status: number;
  /** Fields that the answer needs besides those of every error page. */
  readonly fields: Fields;

  constructor(status: number, publicText: string, fields: Fields = []) {
    super(publicText);
    this.name = "HttpError";
    this.status = status;
    this.fields = fields;
  }
}

/** Text as HTML: no markup of the sender's survives. */
export function escapeHtml(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}

const encoder = new TextEncoder();

/**
 * The response that tells a peer of an error: a small page, light or dark, in
 * one sentence.
 *
 * @param status a 4xx or 5xx status code
 * @param publicText what the peer may know
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
