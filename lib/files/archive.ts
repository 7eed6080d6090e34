/**
 * A directory as an archive: which files are in it, and what the response says of them.
 * What a listing would not show is not in it. Must not know how an archive is written.
 *
 * @module
 */

import type {
  ArchiveEntry,
  Fields,
  FileSlice,
  HttpResponse,
} from "../http/message.ts";
import { natives } from "../natives.ts";
import { count } from "./listing/formats.ts";
import type { ListingEntry } from "./listing/order.ts";
import { staticError } from "./file_response.ts";
import type { FileStore } from "./file_store.ts";
import { isFresh } from "./freshness.ts";
import type { Site } from "./site.ts";
import { withOperatorHeadersOnError } from "./operator_headers.ts";

/** The directory that a store has collected last. Many clients may want the same one,
 * and 10 000 names in it are as many calls of the system. */
interface Collected {
  readonly path: string;
  readonly site: Site | null;
  readonly at: number;
  readonly entries: ArchiveEntry[] | null;
}

const collected = new WeakMap<FileStore, Collected>();

function entriesOf(
  top: readonly string[],
  store: FileStore,
): ArchiveEntry[] | null {
  const path = top.join("/");
  const site = store.site();
  const known = collected.get(store);
  const isKnown = known?.path === path && known.site === site;
  if (isKnown && isFresh(known.at, natives.Date.now())) return known.entries;
  const entries = collect(top, store, site);
  collected.set(store, { path, site, entries, at: natives.Date.now() });
  return entries;
}

/** The files in and below a directory; `null` where they are too many or too large. */
function collect(
  top: readonly string[],
  store: FileStore,
  site: Site | null,
): ArchiveEntry[] | null {
  const { maxArchiveBytes } = store.archiveBounds;
  const maxEntries = maxEntriesOf(store);
  const collected: ArchiveEntry[] = [];
  let bytes = 0;
  // The deepest last: an archive lists a folder before what is in it.
  const waiting: (readonly string[])[] = [top];
  for (
    let directory = waiting.shift();
    directory !== undefined;
    directory = waiting.shift()
  ) {
    const listed = store.list(directory);
    if (listed.kind !== "entries") continue;
    if (listed.omitted > 0) return null;
    const shown = shownOf(directory, listed.entries, site);
    const found = store.identify(
      directory,
      shown.filter(({ kind }) => kind === "file").map(({ name }) => name),
    );
    for (const { name, kind, mtimeMs } of shown) {
      const segments = [...directory, name];
      const path = segments.slice(top.length).join("/");
      if (kind === "directory") {
        waiting.push(segments);
        collected.push({ name: `${path}/`, mtimeMs, content: null });
      } else {
        const file = found?.get(name);
        if (file === undefined) continue;
        bytes += file.identity.size;
        collected.push({ name: path, mtimeMs, content: sliceOf(file) });
      }
    }
    if (collected.length > maxEntries || bytes > maxArchiveBytes) {
      return null;
    }
  }
  return collected;
}

/** An archive that is no ZIP64 has no larger number of entries. */
function maxEntriesOf({ archiveBounds }: FileStore): number {
  return Math.min(archiveBounds.maxArchiveEntries, 65_534);
}

/** A directory with a page of its own is not listed, so nothing but that page is shown.
 * Links to directories are left out: one that leads up has no end. */
function shownOf(
  directory: readonly string[],
  entries: readonly ListingEntry[],
  site: Site | null,
): readonly ListingEntry[] {
  const index = entries.find(({ name, kind }) =>
    name === "index.html" && kind === "file"
  );
  if (site?.hidesDirectory(directory, index !== undefined)) return [];
  const shown = index !== undefined
    ? [index]
    : entries.filter(({ kind, isLink }) => kind === "file" || !isLink);
  return site === null
    ? shown
    : shown.filter(({ name, kind }) =>
      kind === "directory" || !site.hidesFile([...directory, name])
    );
}

function sliceOf({ path, identity }: Pick<FileSlice, "path" | "identity">) {
  const length = identity.size;
  return { kind: "file", path, identity, offset: 0, length } as const;
}

/** The response to who wants a directory as an archive. */
export function archiveResponse(
  segments: readonly string[],
  store: FileStore,
): HttpResponse {
  const entries = entriesOf(segments, store);
  if (entries === null) {
    const { maxArchiveBytes } = store.archiveBounds;
    // Not a 413, which is about what a client sends (RFC 9110 section 15.5.14).
    return staticError(
      store,
      403,
      "This folder is too large to be sent as one file. Up to " +
        `${count(maxEntriesOf(store), "name")} and ` +
        `${count(maxArchiveBytes, "byte")} are sent.`,
    );
  }
  const fields: Fields = [
    ["Content-Type", "application/zip"],
    ["Content-Disposition", attachment(`${segments.at(-1) ?? "files"}.zip`)],
    // It is made anew for each request, and cannot be compared with another.
    ["Cache-Control", "no-store"],
    ["X-Content-Type-Options", "nosniff"],
  ];
  return withOperatorHeadersOnError(
    { status: 200, fields, body: { kind: "archive", entries } },
    store.options,
  );
}

/** RFC 6266: the name in ASCII for old clients, and as it is (RFC 8187). */
function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
