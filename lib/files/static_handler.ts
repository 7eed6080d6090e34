/**
 * Serves static files: `(request, store) -> response`. Its effects come through the
 * store. Must not know Deno, threads or sockets.
 *
 * @module
 */

import {
  type Fields,
  fieldValue,
  type HttpResponse,
  type RequestHead,
} from "../http/message.ts";
import { preferences } from "../http/negotiate.ts";
import { natives } from "../natives.ts";
import { readSelection, type Selection } from "./conditional_response.ts";
import {
  fileResponse,
  refuseMethod,
  staticError,
  variantResponse,
} from "./file_response.ts";
import type { FileStore } from "./file_store.ts";
import { representListing } from "./listing_representation.ts";
import {
  optionsResponse,
  withOperatorHeadersOnError,
} from "./operator_headers.ts";
import { type Resolution, resolve } from "./resolve.ts";
import { chooseVariant } from "./variants.ts";

/**
 * Responds to a request from the files of a store.
 *
 * @throws {NotLoaded} where a module has to be loaded first
 */
export function handleStatic(
  request: RequestHead,
  store: FileStore,
): HttpResponse {
  const { method, target, fields } = request;
  const { options } = store;
  const refusal = refuseMethod(request);
  if (refusal !== null) return withOperatorHeadersOnError(refusal, options);
  if (method === "OPTIONS") {
    const response = optionsResponse(fields, options);
    return withOperatorHeadersOnError(response, options);
  }
  const selection = readSelection(method, fields);
  // A recalled target need not be decoded and resolved.
  const recalled = store.recall(target);
  if (recalled !== null) {
    return fileResponse(recalled, "itself", selection, store);
  }
  const resolution = resolve(target, fields, store);
  return resolvedResponse(resolution, fields, selection, store);
}

/** @param fields of the request */
function resolvedResponse(
  resolution: Resolution,
  fields: Fields,
  selection: Selection,
  store: FileStore,
): HttpResponse {
  switch (resolution.kind) {
    case "file":
      return fileResponse(resolution.file, "itself", selection, store);
    case "fallback":
      return fileResponse(resolution.file, "fallback", selection, store);
    case "redirect":
      return staticError(store, 301, "This is a directory.", [
        ["Location", resolution.location],
      ]);
    case "listing": {
      const accept = fieldValue(fields, "accept");
      const wanted = preferences(selection.acceptEncoding);
      const listing = { ...resolution, accept, wanted };
      const page = representListing(listing, store.options, natives.Date.now());
      return variantResponse(page, selection, store);
    }
    case "nothing":
      return notFound("There is nothing here.", selection, store);
    case "unlisted":
      return notFound(
        "There is no index.html here (with --list, directories are listed).",
        selection,
        store,
      );
    case "forbidden":
      return staticError(store, 403, "The server may not read that.");
    case "undecodable":
      return staticError(store, 400, "The path cannot be the name of a file.");
  }
}

/** Serves the 404.html of the store, where it has one. Conditions do not apply to a 404
 * (RFC 9110 section 13.2.1). */
function notFound(
  text: string,
  { acceptEncoding }: Selection,
  store: FileStore,
): HttpResponse {
  const page = store.find(["404.html"]);
  const wanted = preferences(acceptEncoding);
  const variant = page.kind === "file"
    ? chooseVariant(page.file, "missing", wanted, store, natives.Date.now)
    : null;
  return variant?.whole ?? staticError(store, 404, text);
}
