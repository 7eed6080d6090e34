/**
 * Requests that are handled without any connection, and their responses.
 */

import { assert } from "@std/assert";
import { handleStatic } from "../../lib/files/static_handler.ts";
import {
  type Fields,
  fieldValue,
  type HttpResponse,
} from "../../lib/http/message.ts";
import { MemorySite, unreadable } from "./memory_site.ts";
import { requestOf } from "./requests.ts";

/** What the site says of what is not there. */
export const oops = "<h1>Oops!</h1>";

/** A site that has one of everything. */
export function makeSite(): MemorySite {
  return new MemorySite({
    "index.html": "<h1>Hello!</h1>",
    "404.html": oops,
    "style.css": "body {}",
    "notes": "no extension",
    "large.bin": { size: 5_000_000 },
    "secret.txt": unreadable,
    "docs/index.html": "<h1>Docs</h1>",
    "docs/a b.txt": "spaced",
    "empty/file.txt": "a directory without an index",
    "a b/é/index.html": "deep",
    "evil.example/index.html": "a directory with the name of a host",
    "100%/index.html": "a directory with a percent sign",
    "%2e%2e": "a name that looks encoded",
    "..suspicious": "hidden, and no way up",
    ".env": "PASSWORD=1",
    ".git/config": "hidden",
    "docs/.htaccess": "hidden",
    ".well-known/security.txt": "Contact: mailto:us@example.com",
    ".well-known/.secret": "hidden",
    "docs/.well-known/x": "hidden: it is not at the top",
  });
}

/** What is answered. */
export function ask(
  target: string,
  { method = "GET", fields = [], site = makeSite() }: {
    method?: string;
    fields?: Fields;
    site?: MemorySite;
  } = {},
): HttpResponse {
  return handleStatic(requestOf(target, { method, fields }), site);
}

/** Its content; of an error what it says. */
export function text({ body }: HttpResponse): string {
  if (body.kind === "error") return body.text;
  assert(body.kind === "bytes", `The body is of the kind ${body.kind}`);
  return new TextDecoder().decode(body.bytes);
}

/** The value of a field of a response, whose names are as they are written. */
export function field(
  response: HttpResponse,
  name: string,
): string | undefined {
  return fieldValue(response.fields, name);
}
