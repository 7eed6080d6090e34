/**
 * The answers of a site: `(request, site) -> response`. Pure: its effects come
 * through the site. Must not know Deno, threads or sockets.
 *
 * @module
 */

import { lookup } from "mrmime";
import { errorResponse } from "./http_error.ts";
import {
  type Field,
  fieldList,
  type Fields,
  type HttpRequest,
  type HttpResponse,
  type RequestHead,
  type ResponseBody,
} from "./message.ts";
import type { Found, Site, SiteFile } from "./site.ts";

const allow: Field = ["Allow", "GET, HEAD, OPTIONS"];
// Those that RFC 9110 section 9.3 and RFC 5789 define and a site could implement.
const knownMethods = new Set(["POST", "PUT", "DELETE", "PATCH"]);

/** Answers a request from a site. */
export function handle(request: HttpRequest, site: Site): HttpResponse {
  const refusal = refuseMethod(request);
  if (refusal !== null) return refusal;
  if (request.method === "OPTIONS") {
    return { status: 204, fields: [allow], body: { kind: "none" } };
  }
  const { path, query } = splitTarget(request.target);
  const segments = decodePath(path);
  if (segments === null) {
    return errorResponse(400, "The path cannot be decoded.");
  }
  if (segments.some(isHidden)) return notFound(site);
  return path.endsWith("/")
    ? answerIndex(request, site, segments)
    : answerName(request, site, segments, query);
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
    ? errorResponse(405, `${method} is not possible here.`, [allow])
    : errorResponse(501, "That method is not implemented here.");
}

function splitTarget(target: string): { path: string; query: string } {
  const at = target.indexOf("?");
  if (at < 0) return { path: target, query: "" };
  return { path: target.slice(0, at), query: target.slice(at) };
}

/**
 * The segments of a path, decoded once: what a second decoding would find in them
 * is part of a name.
 *
 * @returns `null` for a path that no name can have: not UTF-8, a NUL, a slash
 * within a segment, `.` or `..` in any spelling
 */
export function decodePath(path: string): string[] | null {
  const segments: string[] = [];
  for (const part of path.split("/")) {
    if (part === "") continue;
    const segment = decodeSegment(part);
    if (segment === null || segment === "." || segment === "..") return null;
    // deno-lint-ignore no-control-regex
    if (/[\x00/\\]/.test(segment)) return null;
    segments.push(segment);
  }
  return segments;
}

function decodeSegment(part: string): string | null {
  if (!part.includes("%")) return part;
  try {
    // It refuses overlong and otherwise broken UTF-8.
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

/** Dotfiles are the site's own business, but for RFC 8615's directory. */
function isHidden(segment: string, index: number): boolean {
  return segment.startsWith(".") && !(index === 0 && segment === ".well-known");
}

function answerIndex(
  request: HttpRequest,
  site: Site,
  segments: string[],
): HttpResponse {
  return answerFound(
    request,
    site,
    site.find([...segments, "index.html"]),
    "index.html",
  );
}

function answerName(
  request: HttpRequest,
  site: Site,
  segments: string[],
  query: string,
): HttpResponse {
  const found = site.find(segments);
  if (found.kind !== "directory") {
    return answerFound(request, site, found, segments.at(-1)!);
  }
  // Relative, and with one slash in front: `//host` would lead to another host.
  const location = `/${segments.map(encodeURIComponent).join("/")}/${query}`;
  return {
    ...errorResponse(301, "This is a directory.", [["Location", location]]),
  };
}

function answerFound(
  request: HttpRequest,
  site: Site,
  found: Found,
  name: string,
): HttpResponse {
  switch (found.kind) {
    case "file":
      return answerFile(request, found.file, name);
    case "forbidden":
      return errorResponse(403, "The server may not read that.");
    case "directory":
    case "nothing":
      return notFound(site);
  }
}

function answerFile(
  request: HttpRequest,
  file: SiteFile,
  name: string,
): HttpResponse {
  const fields = describe(file, name);
  const etag = fields[1][1];
  const candidates = fieldList(request.fields, "if-none-match");
  if (candidates !== undefined && matchesEtag(candidates, etag)) {
    return { status: 304, fields: fields.slice(1), body: { kind: "none" } };
  }
  return { status: 200, fields, body: bodyOf(file) };
}

/** One description a file: it is served more often than it changes. */
const descriptions = new WeakMap<SiteFile, Fields>();

function describe(file: SiteFile, name: string): Fields {
  let fields = descriptions.get(file);
  if (fields === undefined) {
    fields = fieldsOf(file, name);
    descriptions.set(file, fields);
  }
  return fields;
}

function fieldsOf({ identity }: SiteFile, name: string): Fields {
  const type = lookup(name) ?? "application/octet-stream";
  const etag = `"${identity.size.toString(36)}-${
    identity.mtimeMs.toString(36)
  }-${identity.ino.toString(36)}"`;
  return [
    [
      "Content-Type",
      /^text\/|javascript|json|xml/.test(type)
        ? `${type}; charset=utf-8`
        : type,
    ],
    ["ETag", etag],
    ["Last-Modified", new Date(identity.mtimeMs).toUTCString()],
    ["Cache-Control", "no-cache"],
    ["X-Content-Type-Options", "nosniff"],
  ];
}

function matchesEtag(candidates: string, etag: string): boolean {
  return candidates.split(",").some((candidate) => {
    const trimmed = candidate.trim();
    return trimmed === "*" || trimmed.replace(/^W\//, "") === etag;
  });
}

function bodyOf(file: SiteFile): ResponseBody {
  if (file.bytes !== null) return { kind: "bytes", bytes: file.bytes };
  const { path, identity } = file;
  return { kind: "file", path, identity, offset: 0, length: identity.size };
}

/** The site's own page, where it has one. */
function notFound(site: Site): HttpResponse {
  const page = site.find(["404.html"]);
  if (page.kind !== "file") return errorResponse(404, "There is nothing here.");
  return {
    status: 404,
    fields: [
      ["Content-Type", "text/html; charset=utf-8"],
      ["Cache-Control", "no-store"],
      ["X-Content-Type-Options", "nosniff"],
    ],
    body: bodyOf(page.file),
  };
}
