/**
 * What a path leads to: a file, a redirect, a listing, or nothing. Its effects come
 * through the store. Must not know conditions, ranges or codings.
 *
 * @module
 */

import type { ListingEntry } from "./listing/formats.ts";
import { hasKnownType, type MediaTypes } from "./media_type.ts";
import { type Fields, fieldValue } from "../http/message.ts";
import { acceptsPage } from "../http/negotiate.ts";
import { natives } from "../natives.ts";
import { decodePath, encodeDirectory, isHidden, splitTarget } from "./paths.ts";
import type { FileStore, Found, StoredFile } from "./file_store.ts";
import type { Ruling } from "./rules/redirects.ts";

export type Resolution =
  | { readonly kind: "file"; readonly file: StoredFile }
  /** The top index.html, for a page that only its script can show. */
  | { readonly kind: "fallback"; readonly file: StoredFile }
  /** A directory that was requested without its slash. */
  | { readonly kind: "redirect"; readonly location: string }
  | {
    readonly kind: "listing";
    readonly segments: readonly string[];
    readonly entries: readonly ListingEntry[];
    readonly omitted: number;
    readonly readme: StoredFile | null;
    readonly query: string;
  }
  /** There is no such file, and a rule of the site says what to do. */
  | { readonly kind: "ruled"; readonly ruling: Ruling }
  /** A directory that would be listed, and is wanted as an archive. */
  | { readonly kind: "archive"; readonly segments: readonly string[] }
  | { readonly kind: "nothing" }
  /** A directory without index.html, where directories are not listed. */
  | { readonly kind: "unlisted" }
  /** The file exists, and the server may not read it. */
  | { readonly kind: "forbidden" }
  /** The path cannot be the name of a file. */
  | { readonly kind: "undecodable" };

/**
 * @param target in origin-form
 * @param ruling what the rules of the site say where there is no such file
 */
export function resolve(
  target: string,
  fields: Fields,
  store: FileStore,
  ruling: Ruling | null,
): Resolution {
  const { path, query } = splitTarget(target);
  const segments = decodePath(path);
  if (segments === null) return { kind: "undecodable" };
  if (isHidden(segments)) return { kind: "nothing" };
  const found = path.endsWith("/")
    ? resolveDirectory(segments, query, store)
    : resolveName(segments, query, store);
  if (ruling !== null && givesWay(found, segments, store)) {
    return { kind: "ruled", ruling };
  }
  if (
    (found.kind === "nothing" || found.kind === "unlisted") &&
    store.options.spa &&
    isNavigation(segments, fields, store.options.mediaTypes)
  ) {
    const page = store.find(["index.html"]);
    if (page.kind === "file") return { kind: "fallback", file: page.file };
  }
  return found;
}

/** A file comes before a rule, also as the index of a directory. What Skein makes of a
 * directory without an index does not. */
function givesWay(
  found: Resolution,
  segments: readonly string[],
  store: FileStore,
): boolean {
  switch (found.kind) {
    case "nothing":
    case "unlisted":
    case "listing":
    case "archive":
      return true;
    case "redirect":
      return store.find([...segments, "index.html"]).kind === "nothing";
    default:
      return false;
  }
}

function resolveDirectory(
  segments: readonly string[],
  query: string,
  store: FileStore,
): Resolution {
  const index = store.find([...segments, "index.html"]);
  if (index.kind === "file" || index.kind === "forbidden") return index;
  if (!store.options.list) {
    const { kind } = store.find(segments);
    return { kind: kind === "directory" ? "unlisted" : "nothing" };
  }
  const listed = store.list(segments);
  if (listed.kind !== "entries") return listed;
  if (store.options.zip && asksForArchive(query)) {
    return { kind: "archive", segments };
  }
  const readme = findReadme(segments, listed.entries, store);
  return { ...listed, kind: "listing", segments, readme, query };
}

/** `?zip`, whatever else there is. */
function asksForArchive(query: string): boolean {
  return query !== "" && new natives.URLSearchParams(query).has("zip");
}

/** A file that is larger than what is kept in memory is shown as a name alone: it takes
 * long to render. */
function findReadme(
  segments: readonly string[],
  entries: readonly ListingEntry[],
  store: FileStore,
): StoredFile | null {
  const names = entries.filter(({ kind, name }) =>
    kind === "file" && name.length === 9 && name.toLowerCase() === "readme.md"
  ).map(({ name }) => name);
  // In capitals where there are several, as most are called.
  const [name] = names.sort();
  if (name === undefined) return null;
  const found = store.find([...segments, name]);
  return found.kind === "file" && found.file.bytes !== null ? found.file : null;
}

/** A page comes before a directory of the same name: where both `docs.html` and `docs/`
 * exist, the first is meant as the page of the second. */
function resolveName(
  segments: readonly string[],
  query: string,
  store: FileStore,
): Resolution {
  const found = store.find(segments);
  if (found.kind === "file") return found;
  const page = findPage(segments, store);
  if (page.kind === "file") return page;
  if (found.kind === "directory") {
    return { kind: "redirect", location: encodeDirectory(segments) + query };
  }
  return found.kind === "forbidden" || page.kind === "forbidden"
    ? { kind: "forbidden" }
    : { kind: "nothing" };
}

/** `/about` is `about.html`. */
function findPage(segments: readonly string[], store: FileStore): Found {
  const last = segments.at(-1);
  return last === undefined
    ? { kind: "nothing" }
    : store.find([...segments.slice(0, -1), `${last}.html`]);
}

/** Whether a user navigates to a page. A missing script or picture, which a page loads,
 * is a 404. */
function isNavigation(
  segments: readonly string[],
  fields: Fields,
  mediaTypes: MediaTypes,
): boolean {
  const last = segments.at(-1) ?? "";
  if (hasKnownType(last, mediaTypes) && !/\.html?$/i.test(last)) return false;
  // Browsers send Sec-Fetch-Mode, other clients may send Accept.
  const mode = fieldValue(fields, "sec-fetch-mode");
  if (mode !== undefined) return mode === "navigate";
  return acceptsPage(fieldValue(fields, "accept"));
}
