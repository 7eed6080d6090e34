/**
 * The answers of a site: `(request, site) -> response`. Its effects come through
 * the site. Must not know Deno, threads or sockets.
 *
 * @module
 */

import {
  answer,
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
import { allowedMethods, answerOptions, finish } from "./operator_headers.ts";
import { chooseVariant, type Role } from "./variants.ts";

// Those that RFC 9110 section 9.3 and RFC 5789 define and a site could implement.
const knownMethods = new Set(["POST", "PUT", "DELETE", "PATCH"]);

/** Answers a request from a site. */
export function handle(request: HttpRequest, site: FileStore): HttpResponse {
  const { method, target, fields } = request;
  const refusal = refuseMethod(request);
  if (refusal !== null) return finish(refusal, site.options);
  if (method === "OPTIONS") {
    return finish(answerOptions(fields, site.options), site.options);
  }
  const selection = readSelection(method, fields);
  const known = site.recall(target);
  if (known !== null) return answerFile(known, "itself", selection, site);
  const resolution = resolve(target, fields, site);
  if (resolution.kind === "file") {
    return answerFile(resolution.file, "itself", selection, site);
  }
  return answerOther(resolution, request, selection, site);
}

/**
 * The refusal of a method that a site does not have, known from the head alone.
 *
 * @returns `null` for one that it has
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

function answerFile(
  file: Parameters<typeof chooseVariant>[0],
  role: Role,
  selection: Selection,
  site: FileStore,
): HttpResponse {
  const wanted = preferences(selection.acceptEncoding);
  const variant = chooseVariant(file, role, wanted, site, Date.now);
  return answerWith(variant, selection, site);
}

/** @param variant `null` where the client accepts none */
function answerWith(
  variant: Representation | null,
  selection: Selection,
  site: FileStore,
): HttpResponse {
  if (variant === null) {
    return finish(
      errorResponse(406, "It cannot be had in any coding that you accept.", [
        ["Vary", "Accept-Encoding"],
      ]),
      site.options,
    );
  }
  const response = answer(variant, selection, Date.now);
  return response.status < 400 ? response : finish(response, site.options);
}

function answerOther(
  resolution: Exclude<Resolution, { kind: "file" }>,
  { fields }: HttpRequest,
  selection: Selection,
  site: FileStore,
): HttpResponse {
  const { options } = site;
  switch (resolution.kind) {
    case "fallback":
      return answerFile(resolution.file, "fallback", selection, site);
    case "redirect":
      return finish(
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
      return answerWith(
        representListing(listing, options, now),
        selection,
        site,
      );
    }
    case "nothing":
      return notFound(selection, site);
    case "forbidden":
      return finish(
        errorResponse(403, "The server may not read that."),
        options,
      );
    case "undecodable":
      return finish(
        errorResponse(400, "The path cannot be decoded."),
        options,
      );
  }
}

/** The site's own page, where it has one. */
function notFound(
  { acceptEncoding }: Selection,
  site: FileStore,
): HttpResponse {
  const page = site.find(["404.html"]);
  const wanted = preferences(acceptEncoding);
  const variant = page.kind === "file"
    ? chooseVariant(page.file, "missing", wanted, site, Date.now)
    : null;
  return variant?.whole ??
    finish(errorResponse(404, "There is nothing here."), site.options);
}
