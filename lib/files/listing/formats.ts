/**
 * A directory listing as an HTML page and as JSON. Pure: text made of plain data. Must
 * not know the file system, requests or fields.
 *
 * @module
 */

import { escapeHtml } from "../../http/error.ts";
import { natives } from "../../natives.ts";
import {
  type ListingEntry,
  type ListingOrder,
  listingQuery,
  parseListingOrder,
  sortEntries,
} from "./order.ts";
import type { Icon } from "./icons.ts";
import { kindOf } from "./kinds.ts";
import { listingScript, listingScriptHash } from "./script.ts";
import { listingStyle } from "./style.ts";

export { type ListingEntry, type ListingOrder, parseListingOrder };

// The page loads nothing but the pictures of a README, from this site. If a name were ever taken for markup, this policy would keep
// it from running a script of its own or loading anything.
const policy = (pictures: string) =>
  [
    "default-src 'none'",
    `script-src '${listingScriptHash}'`,
    "style-src 'unsafe-inline'",
    `img-src ${pictures}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");

/** What a page has besides the names. */
export interface ListingExtras {
  /** HTML, to stand below the names; `null` for none. */
  readonly readme?: string | null;
  /** Whether the directory can be had as an archive. */
  readonly zip?: boolean;
}

/**
 * A listing as an HTML document. All links are relative, so that the page also works
 * behind a proxy that adds a prefix to the path. It must be sent only for a path that
 * ends in a slash.
 *
 * @param segments the parts of the path of the directory, decoded
 * @param entries in any order
 * @param omitted the number of names that are not among the entries
 */
export function listingPage(
  segments: readonly string[],
  entries: readonly ListingEntry[],
  order: ListingOrder,
  omitted = 0,
  { readme = null, zip = false }: ListingExtras = {},
): string {
  const path = segments.map((segment) => `${showName(segment)}/`).join("");
  const heading = segments.length === 0 ? "Home" : showName(segments.at(-1)!);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${
    policy(readme === null ? "data:" : "'self' data:")
  }">
<title>Index of /${escapeHtml(path)}</title>
<link rel="icon" href="data:,">
<style>${listingStyle}</style>
</head>
<body>
<main>
${segments.length === 0 ? "" : breadcrumbs(segments, order)}
<h1>${isolated(heading)}</h1>
${entries.length === 0 ? "" : filterBox}
<script>${listingScript}</script>
${table(segments, entries, order, omitted)}
${
    zip && entries.length > 0
      ? `<p class="zip">${link("?zip", "Download as ZIP")}</p>`
      : ""
  }
${
    readme === null
      ? ""
      : `<section class="readme" aria-label="README">\n${readme}</section>`
  }
</main>
</body>
</html>
`;
}

/** Appears with the script that makes it work. */
const filterBox = `<p class="filter" hidden>
<label for="filter">Filter</label>
<input id="filter" type="search" autocomplete="off" spellcheck="false" aria-keyshortcuts="/">
<kbd aria-hidden="true">/</kbd>
<output id="matches" role="status"></output>
</p>`;

/** A name that its neighbours do not reorder. From left to right, whatever its first
 * letter is: an extension is at the end of each name, as in the names around it. */
function isolated(name: string): string {
  return `<bdi dir="ltr" translate="no">${escapeHtml(name)}</bdi>`;
}

/** The directories from the top to this one, each a link but the last. */
function breadcrumbs(
  segments: readonly string[],
  order: ListingOrder,
): string {
  const names = ["Home", ...segments.map(showName)];
  const items = names.map((name, index) => {
    const text = isolated(name);
    const up = names.length - 1 - index;
    return up === 0
      ? `<li aria-current="page">${text}</li>`
      : `<li>${link("../".repeat(up) + orderQuery(order), text)}</li>`;
  });
  return `<nav aria-label="Breadcrumb">\n<ol>\n${
    items.join("\n")
  }\n</ol>\n</nav>`;
}

function table(
  segments: readonly string[],
  entries: readonly ListingEntry[],
  order: ListingOrder,
  omitted: number,
): string {
  const rows = sortEntries(entries, order).map((entry) => row(entry, order));
  if (segments.length > 0) {
    const up = link(
      `../${orderQuery(order)}`,
      "../",
      ' aria-label="Parent folder"',
    );
    rows.unshift(
      `<tr class="fixed"><th scope="row" class="up">${up}</th><td></td><td></td></tr>`,
    );
  }
  if (entries.length === 0) {
    rows.push(
      `<tr class="fixed"><td colspan="3" class="none">This folder is empty.</td></tr>`,
    );
  }
  return `<table class="names">
<caption>${summary(entries, omitted)}</caption>
<thead>
<tr>
${headerCell("name", "Name", order)}
${headerCell("size", "Size", order)}
${headerCell("time", "Changed (UTC)", order)}
</tr>
</thead>
${inGroups(rows).join("\n")}
</table>`;
}

/** How many rows are laid out together. A browser that had to lay out 10 000 rows, or to
 * watch which of 10 000 are in sight, would take a second. */
const groupSize = 100;

function inGroups(rows: readonly string[]): string[] {
  const groups: string[] = [];
  for (let start = 0; start < rows.length; start += groupSize) {
    const group = rows.slice(start, start + groupSize);
    groups.push(
      `<tbody translate="no" style="--rows: ${group.length}">\n${
        group.join("\n")
      }\n</tbody>`,
    );
  }
  return groups;
}

/**
 * The header of a column, a link that sorts by it: first in the usual direction (names
 * ascending, the largest and the newest first), then in the other.
 */
function headerCell(
  key: ListingOrder["key"],
  title: string,
  order: ListingOrder,
): string {
  const isSorted = order.key === key;
  const next = {
    key,
    descending: isSorted ? !order.descending : key !== "name",
  };
  const state = isSorted
    ? ` aria-sort="${order.descending ? "descending" : "ascending"}"`
    : "";
  const content = link(listingQuery(next), title);
  return `<th scope="col" class="${key}"${state}>${content}</th>`;
}

function row(entry: ListingEntry, order: ListingOrder): string {
  const slash = entry.kind === "directory" ? "/" : "";
  const mark = entry.isLink ? " <small>link</small>" : "";
  const text = escapeHtml(showName(entry.name) + slash);
  // Of few elements: a page of 10 000 names has as many of these. A name is a block in
  // the page, so what is beside it does not reorder it, nor is it reordered.
  const name = text + mark;
  const href = hrefOf(entry);
  const cell = href === null
    ? `<span>${name}</span>`
    : link(slash === "" ? href : href + orderQuery(order), name);
  return `<tr><th scope="row" class="${iconOf(entry)}">${cell}</th>${
    sizeCell(entry)
  }<td>${timeOf(entry)}</td></tr>`;
}

function iconOf({ kind, name }: ListingEntry): Icon {
  return kind === "directory" ? kind : kindOf(name) ?? kind;
}

function link(href: string, content: string, attributes = ""): string {
  return `<a href="${escapeHtml(href)}"${attributes}>${content}</a>`;
}

/** The query that keeps the order in another directory; empty for the default order. */
function orderQuery(order: ListingOrder): string {
  return order.key === "name" && !order.descending ? "" : listingQuery(order);
}

/**
 * The relative reference of an entry. Colons are encoded too, so that no name is taken
 * for a scheme (RFC 3986 section 4.2).
 *
 * @returns `null` for a name that a URL cannot express: malformed Unicode, which Windows
 * allows, or a name with a meaning in URLs, such as `..`
 */
function hrefOf({ name, kind }: ListingEntry): string | null {
  if (!name.isWellFormed() || /^\.{0,2}$/.test(name)) return null;
  return encodeURIComponent(name) + (kind === "directory" ? "/" : "");
}

function summary(entries: readonly ListingEntry[], omitted: number): string {
  const files = entries.filter(({ kind }) => kind === "file");
  const folders = entries.length - files.length;
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const parts = [
    ...folders > 0 ? [count(folders, "folder")] : [],
    count(files.length, "file"),
    ...files.length > 0 ? [humanSize(bytes)] : [],
  ];
  const text = parts.join(", ");
  if (omitted === 0) return text;
  return `${text}; ${count(omitted, "more name")} not shown`;
}

/** With the exact size as its title, where that says more. */
function sizeCell({ kind, size }: ListingEntry): string {
  if (kind === "directory") return "<td></td>";
  const title = size < 1000 ? "" : ` title="${count(size, "byte")}"`;
  return `<td${title}>${humanSize(size)}</td>`;
}

const firstTimeMs = natives.Date.parse("0000-01-01T00:00Z");
const endOfTimesMs = natives.Date.UTC(10_000, 0);

/** To the minute in the text, and to the second in the attribute. */
function timeOf({ mtimeMs }: ListingEntry): string {
  // HTML's datetime has years of four digits. A broken clock may set any other.
  if (!(mtimeMs >= firstTimeMs && mtimeMs < endOfTimesMs)) return "";
  const iso = new natives.Date(mtimeMs).toISOString();
  const text = `${iso.slice(0, 10)} ${iso.slice(11, 16)}`;
  return `<time datetime="${iso.slice(0, 19)}Z">${text}</time>`;
}

/** A listing as JSON, for programs: the decoded path, and the entries with their
 * relative references. Parameters as of {@linkcode listingPage}. */
export function listingJson(
  segments: readonly string[],
  entries: readonly ListingEntry[],
  order: ListingOrder,
  omitted = 0,
): string {
  const listing = {
    path: `/${segments.map((segment) => `${segment}/`).join("")}`,
    entries: sortEntries(entries, order).map((entry) => ({
      name: entry.name,
      kind: entry.kind,
      ...entry.isLink ? { isLink: entry.isLink } : {},
      href: hrefOf(entry),
      ...entry.kind === "file" ? { size: entry.size } : {},
      // Becomes `null` where the time is not valid.
      modified: new natives.Date(entry.mtimeMs),
    })),
    omitted,
  };
  return `${JSON.stringify(listing)}\n`;
}

/**
 * A name as it is displayed: characters that are invisible, or that change the order in
 * which others are displayed, become their code points, so that no name looks like
 * another.
 */
export function showName(name: string): string {
  // Most names: to look for each of the others takes a third of the time of a page.
  if (isPlain.test(name)) return name;
  return name.replace(
    /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\u00ad\u200b\u2060\ufeff]/gu,
    (character) => {
      const code = character.codePointAt(0)!.toString(16).toUpperCase();
      return `‹U+${code.padStart(4, "0")}›`;
    },
  );
}

const isPlain = /^[ -~]*$/;

/** A number with a noun: 1 file, 1,234 files. Must not depend on the language of the
 * machine, as `toLocaleString()` does. */
export function count(number: number, noun: string): string {
  const digits = `${number}`.replace(/\B(?=([0-9]{3})+$)/g, ",");
  return `${digits} ${noun}${number === 1 ? "" : "s"}`;
}

const units = ["kB", "MB", "GB", "TB", "PB", "EB"];

/** A size in decimal units, with at least two significant digits. */
export function humanSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes;
  let unit = -1;
  do {
    value /= 1000;
    unit++;
    // From 999.5 on, it would be rounded to 1000.
  } while (value >= 999.5 && unit < units.length - 1);
  // From 9.95 on, one decimal would give 10.0.
  const digits = value < 9.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[unit]}`;
}
