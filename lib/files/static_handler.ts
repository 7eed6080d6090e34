/**
 * Serves static files: `(request, store) -> response`. Its effects come through the
 * store. Must not know Deno, threads or sockets.
 *
 * @module
 */

import {
  conditionalResponse,
  readSelection,
  type Selection,
} from "./conditional_response.ts";
import { representListing } from "./listing_representation.ts";
import { errorResponse } from "../http/error.ts";
import {
  fieldValue,
  type HttpRequest,
  type HttpResponse,
  type RequestHead,
} from "../http/message.ts";
import { preferences } from "../http/negotiate.ts";
import type { Representation } from "./representation.ts";
import { type Resolution, resolve } from "./resolve.ts";
import type { FileStore } from "./file_store.ts";
import {
  allowedMethods,
  optionsResponse,
  withOperatorFields,
} from "./operator_headers.ts";
import { chooseVariant, type Role } from "./variants.ts";

// Methods of RFC 9110 section 9.3 and RFC 5789 that a file server could implement.
const knownMethods = new Set(["POST", "PUT", "DELETE", "PATCH"]);

/** Responds to a request from the files of a store. */
export function handleStatic(
  request: HttpRequest,
  store: FileStore,
): HttpResponse {
  const { method, target, fields } = request;
  const refusal = refuseMethod(request);
  if (refusal !== null) return withOperatorFields(refusal, store.options);
  if (method === "OPTIONS") {
    return withOperatorFields(
      optionsResponse(fields, store.options),
      store.options,
    );
  }
  const selection = readSelection(method, fields);
  const known = store.recall(target);
  if (known !== null) return fileResponse(known, "itself", selection, store);
  const resolution = resolve(target, fields, store);
  if (resolution.kind === "file") {
    return fileResponse(resolution.file, "itself", selection, store);
  }
  return otherResponse(resolution, request, selection, store);
}

/**
 * The refusal of a method that files do not have, known from the head alone.
 *
 * @returns `null` for a method that they have
 */
export function refuseMethod(head: RequestHead): HttpResponse | null {
  const { method } = head;
  if (method === "GET" || method === "HEAD" || method === "OPTIONS") {
    return null;
  }
  return knownMethods.has(method)
    ? errorResponse(405, `${method} is not possible here.`, [[
      "Allow",
      allowedMethods,
    ]])
    : errorResponse(501, "That method is not implemented here.");
}

function fileResponse(
  file: Parameters<typeof chooseVariant>[0],
  role: Role,
  selection: Selection,
  store: FileStore,
): HttpResponse {
  const wanted = preferences(selection.acceptEncoding);
  const variant = chooseVariant(file, role, wanted, store, Date.now);
  return variantResponse(variant, selection, store);
}

/** @param variant `null` where no coding is acceptable */
function variantResponse(
  variant: Representation | null,
  selection: Selection,
  store: FileStore,
): HttpResponse {
  if (variant === null) {
    return withOperatorFields(
      errorResponse(406, "It is not available in any coding that you accept.", [
        ["Vary", "Accept-Encoding"],
      ]),
      store.options,
    );
  }
  const response = conditionalResponse(variant, selection, Date.now);
  return response.status < 400
    ? response
    : withOperatorFields(response, store.options);
}

function otherResponse(
  resolution: Exclude<Resolution, { kind: "file" }>,
  { fields }: HttpRequest,
  selection: Selection,
  store: FileStore,
): HttpResponse {
  const { options } = store;
  switch (resolution.kind) {
    case "fallback":
      return fileResponse(resolution.file, "fallback", selection, store);
    case "redirect":
      return withOperatorFields(
        errorResponse(301, "This is a directory.", [
          ["Location", resolution.location],
        ]),
        options,
      );
    case "listing": {
      const accept = fieldValue(fields, "accept");
      const wanted = preferences(selection.acceptEncoding);
      const listing = { ...resolution, accept, wanted };
      const now = Date.now();
      return variantResponse(
        representListing(listing, options, now),
        selection,
        store,
      );
    }
    case "nothing":
      return notFound(selection, store);
    case "forbidden":
      return withOperatorFields(
        errorResponse(403, "The server may not read that."),
        options,
      );
    case "undecodable":
      return withOperatorFields(
        errorResponse(400, "The path cannot be decoded."),
        options,
      );
  }
}

/** The 404.html of the store, where it has one. */
function notFound(
  { acceptEncoding }: Selection,
  store: FileStore,
): HttpResponse {
  const page = store.find(["404.html"]);
  const wanted = preferences(acceptEncoding);
  const variant = page.kind === "file"
    ? chooseVariant(page.file, "missing", wanted, store, Date.now)
    : null;
  return variant?.whole ??
    withOperatorFields(
      errorResponse(404, "There is nothing here."),
      store.options,
    );
}
