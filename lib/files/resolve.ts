/**
 * What a path leads to: a file, a way on, a listing, or nothing. Its effects come
 * through the site. Must not know conditions, ranges or codings.
 *
 * @module
 */

import type { ListingEntry } from "./listing/formats.ts";
import { hasKnownType } from "./media_type.ts";
import { type Fields, fieldValue } from "../http/message.ts";
import { acceptsPage } from "../http/negotiate.ts";
import { decodePath, encodeDirectory, isHidden, splitTarget } from "./paths.ts";
import type { FileStore, Found, StoredFile } from "./file_store.ts";

/** What a path leads to. */
export type Resolution =
  | { readonly kind: "file"; readonly file: StoredFile }
  /** The top page in the place of one that only its script knows. */
  | { readonly kind: "fallback"; readonly file: StoredFile }
  /** A directory that was asked for without its slash. */
  | { readonly kind: "redirect"; readonly location: string }
  | {
    readonly kind: "listing";
    readonly segments: readonly string[];
    readonly entries: readonly ListingEntry[];
    readonly omitted: number;
    readonly query: string;
  }
  | { readonly kind: "nothing" }
  /** It is there, and cannot be read. */
  | { readonly kind: "forbidden" }
  /** No name can have that path. */
  | { readonly kind: "undecodable" };

const undecodable: Resolution = { kind: "undecodable" };

/**
 * Finds what a path leads to.
 *
 * @param target in origin-form
 * @param fields of the request, which tell whether a page is wanted
 * @param site where to look
 */
export function resolve(
  target: string,
  fields: Fields,
  site: FileStore,
): Resolution {
  const { path, query } = splitTarget(target);
  const segments = decodePath(path);
  if (segments === null) return undecodable;
  if (isHidden(segments)) return { kind: "nothing" };
  const found = path.endsWith("/")
    ? resolveDirectory(segments, query, site)
    : resolveName(segments, query, site);
  if (
    found.kind === "nothing" && site.options.spa &&
    isNavigation(segments, fields)
  ) {
    const page = site.find(["index.html"]);
    if (page.kind === "file") return { kind: "fallback", file: page.file };
  }
  return found;
}

function resolveDirectory(
  segments: readonly string[],
  query: string,
  site: FileStore,
): Resolution {
  const index = site.find([...segments, "index.html"]);
  if (index.kind === "file" || index.kind === "forbidden") return index;
  if (!site.options.list) return { kind: "nothing" };
  const listed = site.list(segments);
  return listed.kind === "entries"
    ? { ...listed, kind: "listing", segments, query }
    : listed;
}

/** A page before a directory of its name: whoever has both `docs.html` and `docs/`
 * means the one as the page of the other. */
function resolveName(
  segments: readonly string[],
  query: string,
  site: FileStore,
): Resolution {
  const found = site.find(segments);
  if (found.kind === "file") return found;
  const page = findPage(segments, site);
  if (page.kind === "file") return page;
  if (found.kind === "directory") {
    return { kind: "redirect", location: encodeDirectory(segments) + query };
  }
  return found.kind === "forbidden" || page.kind === "forbidden"
    ? { kind: "forbidden" }
    : { kind: "nothing" };
}

/** `/about` is `about.html`. */
function findPage(segments: readonly string[], site: FileStore): Found {
  const last = segments.at(-1);
  return last === undefined
    ? { kind: "nothing" }
    : site.find([...segments.slice(0, -1), `${last}.html`]);
}

/** Somebody goes to a page, as opposed to a page that asks for what it needs: a
 * script or a picture that is missing is missing. */
function isNavigation(segments: readonly string[], fields: Fields): boolean {
  const last = segments.at(-1) ?? "";
  if (hasKnownType(last) && !/\.html?$/i.test(last)) return false;
  // Browsers say what they are about; others at least what they take.
  const mode = fieldValue(fields, "sec-fetch-mode");
  if (mode !== undefined) return mode === "navigate";
  return acceptsPage(fieldValue(fields, "accept"));
}
