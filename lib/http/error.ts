/**
 * The error that is sent to the client as a response, and the form of all error pages.
 * Must not know sockets.
 *
 * @module
 */

import type { Fields, HttpResponse } from "./message.ts";
import { reasonPhrase } from "./status.ts";

/**
 * Thrown wherever a request turns out to be wrong. The connection catches it, in one
 * place, and sends it as a response. The client sees all that it contains.
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

export function escapeHtml(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}

const encoder = new TextEncoder();

/**
 * An error page with one sentence, which follows the light or dark mode of the browser.
 *
 * @param publicText is sent to the client: it must not contain details of this machine
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
