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
import { archiveResponse } from "./archive.ts";
import { readSelection, type Selection } from "./conditional_response.ts";
import {
  fileResponse,
  refuseMethod,
  staticError,
  variantResponse,
} from "./file_response.ts";
import type { FileStore, Found } from "./file_store.ts";
import { representListing } from "./listing_representation.ts";
import {
  optionsResponse,
  withOperatorHeadersOnError,
} from "./operator_headers.ts";
import { type Resolution, resolve } from "./resolve.ts";
import type { Ruling } from "./rules/redirects.ts";
import { noVerdict } from "./site.ts";
import type { SiteFields } from "./site_fields.ts";
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
  const { ruling, fields: changes } = store.site()?.verdict(target) ??
    noVerdict;
  // A recalled target need not be decoded and resolved.
  const recalled = ruling?.forced ? null : store.recall(target);
  const asked: Asked = { fields, selection, changes };
  const response = recalled !== null
    ? fileResponse(recalled, "itself", selection, store, changes)
    : ruling?.forced
    ? ruledResponse(ruling, asked, store)
    : resolvedResponse(resolve(target, fields, store, ruling), asked, store);
  return changes === null || isChanged(response)
    ? response
    : changes.onError(response);
}

/** What a request asks for. */
interface Asked {
  readonly fields: Fields;
  readonly selection: Selection;
  /** What the rules of the site change in the fields of the response. */
  readonly changes: SiteFields | null;
}

/** Whether the rules have changed it: a file or a listing, or a part of one. */
function isChanged({ status, body }: HttpResponse): boolean {
  return body.kind !== "archive" && (status < 300 || status === 304);
}

/** Sentences of a 404. */
const sentences = {
  nothing: "There is nothing here.",
  unlisted:
    "There is no index.html here (with --list, directories are listed).",
};

function resolvedResponse(
  resolution: Resolution,
  asked: Asked,
  store: FileStore,
): HttpResponse {
  const { fields, selection, changes } = asked;
  switch (resolution.kind) {
    case "file":
      return fileResponse(resolution.file, "itself", selection, store, changes);
    case "fallback":
      return fileResponse(
        resolution.file,
        "fallback",
        selection,
        store,
        changes,
      );
    case "ruled":
      return ruledResponse(resolution.ruling, asked, store);
    case "redirect":
      return staticError(store, 301, "This is a directory.", [
        ["Location", resolution.location],
      ]);
    case "listing": {
      const accept = fieldValue(fields, "accept");
      const wanted = preferences(selection.acceptEncoding);
      const listing = { ...resolution, accept, wanted };
      const page = representListing(listing, store.options, natives.Date.now());
      const changed = page === null || changes === null
        ? page
        : changes.onListing(page);
      return variantResponse(changed, selection, store);
    }
    case "archive":
      return archiveResponse(resolution.segments, store);
    case "nothing":
    case "unlisted":
      return notFound(
        store.find(["404.html"]),
        sentences[resolution.kind],
        selection,
        store,
      );
    case "forbidden":
      return staticError(store, 403, "The server may not read that.");
    case "undecodable":
      return staticError(store, 400, "The path cannot be the name of a file.");
  }
}

/** A rewrite is resolved once: rules do not lead to rules. */
function ruledResponse(
  ruling: Ruling,
  asked: Asked,
  store: FileStore,
): HttpResponse {
  if (ruling.kind === "redirect") {
    return staticError(store, ruling.status, "It is somewhere else.", [
      ["Location", ruling.location],
    ]);
  }
  const { fields, selection } = asked;
  const found = resolve(ruling.path, fields, store, null);
  const resolution = found.kind === "redirect"
    ? resolve(found.location, fields, store, null)
    : found;
  return ruling.status === 404 && resolution.kind === "file"
    ? notFound(resolution, sentences.nothing, selection, store)
    : resolvedResponse(resolution, asked, store);
}

/** Serves the page of an error where there is one. Conditions do not apply to a 404 (RFC
 * 9110 section 13.2.1). */
function notFound(
  page: Found,
  text: string,
  { acceptEncoding }: Selection,
  store: FileStore,
): HttpResponse {
  const wanted = preferences(acceptEncoding);
  const variant = page.kind === "file"
    ? chooseVariant(page.file, "missing", wanted, store, natives.Date.now)
    : null;
  return variant?.whole ?? staticError(store, 404, text);
}
