/**
 * The response to a request once the file is known: in which coding, and what of it.
 * Apart from how files are found, which the main thread need not load. Must not know
 * Deno, threads or sockets.
 *
 * @module
 */

import { errorResponse } from "../http/error.ts";
import type { HttpResponse, RequestHead } from "../http/message.ts";
import { preferences } from "../http/negotiate.ts";
import { natives } from "../natives.ts";
import { conditionalResponse, type Selection } from "./conditional_response.ts";
import type { FileStore, StoredFile } from "./file_store.ts";
import {
  allowedMethods,
  withOperatorHeadersOnError,
} from "./operator_headers.ts";
import type { Representation } from "./representation.ts";
import type { SiteFields } from "./site_fields.ts";
import { chooseVariant, type Role } from "./variants.ts";

// Methods of RFC 9110 section 9.3 and RFC 5789 that a file server could implement.
const knownMethods = new Set(["POST", "PUT", "DELETE", "PATCH"]);

/**
 * Refuses a method that files do not have, by the head alone.
 *
 * @returns `null` where the method is not refused
 */
export function refuseMethod({ method }: RequestHead): HttpResponse | null {
  if (method === "GET" || method === "HEAD" || method === "OPTIONS") {
    return null;
  }
  return knownMethods.has(method)
    ? errorResponse(405, `${method} is not possible here.`, [
      ["Allow", allowedMethods],
    ])
    : errorResponse(501, "That method is not implemented here.");
}

/**
 * Responds with a file.
 *
 * @param fields what the rules of the site change in it; in an error the caller does
 */
export function fileResponse(
  file: StoredFile,
  role: Role,
  selection: Selection,
  store: FileStore,
  fields: SiteFields | null,
): HttpResponse {
  const wanted = preferences(selection.acceptEncoding);
  const variant = chooseVariant(file, role, wanted, store, natives.Date.now);
  const changed = variant === null || fields === null
    ? variant
    : fields.onFile(variant);
  return variantResponse(changed, selection, store);
}

/** @param variant `null` where no coding is acceptable */
export function variantResponse(
  variant: Representation | null,
  selection: Selection,
  store: FileStore,
): HttpResponse {
  if (variant === null) {
    const text = "It is not available in any coding that you accept.";
    return staticError(store, 406, text, [["Vary", "Accept-Encoding"]]);
  }
  const response = conditionalResponse(variant, selection, natives.Date.now);
  // A representation has the operator's headers already; a 412 or 416 does not.
  return response.status < 400
    ? response
    : withOperatorHeadersOnError(response, store.options);
}

/** An error page, with the fields of the operator. */
export function staticError(
  store: FileStore,
  ...page: Parameters<typeof errorResponse>
): HttpResponse {
  return withOperatorHeadersOnError(errorResponse(...page), store.options);
}
