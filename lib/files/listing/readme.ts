/**
 * The README.md of a directory as HTML, below its listing. Pure; must not know where the
 * text comes from. Loaded where a directory has one: the library takes 40 ms and 2 MB.
 *
 * @module
 */

import { escapeHtml } from "../../http/error.ts";
import MarkdownIt, { type Token } from "markdown-it";

// Raw HTML is escaped, and a link to `javascript:` and the like stays text. The library
// takes time in proportion to the length, however a text is nested; the depth bounds
// the factor (a page of `[` takes a third of what it takes with the default, 100).
const markdown = new MarkdownIt({
  html: false,
  linkify: true,
  maxNesting: 24,
});

// `main.rs` is the name of a file more often than a site.
markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false });

// A wide table scrolls by itself, also by keys.
markdown.renderer.rules.table_open = () =>
  '<div class="table" role="group" aria-label="Table" tabindex="0">\n<table>\n';
markdown.renderer.rules.table_close = () => "</table>\n</div>\n";

/** Each row of a table has as many cells as the first one, written or not. */
const [table] = markdown.block.ruler.getRules("").filter(({ name }) =>
  name === "table"
);
markdown.block.ruler.at("table", (state, from, until, silent) => {
  if (silent || !table(state, from, until, true)) {
    return table(state, from, until, silent);
  }
  const columns = state.getLines(from, from + 1, 0, false).split("|").length;
  let end = from;
  while (end < until && !state.isEmpty(end)) end++;
  const env: Counts = state.env;
  env.cells = (env.cells ?? 0) + columns * (end - from);
  if (env.cells > maxCells) throw new TooLargeError();
  return table(state, from, until, false);
}, { alt: ["paragraph", "reference"] });

markdown.core.ruler.push("in_listing", ({ tokens, Token }) => {
  const slugs = new Map<string, number>();
  for (const [index, token] of tokens.entries()) {
    if (token.type === "heading_open" || token.type === "heading_close") {
      // The page has a heading already.
      token.tag = `h${Math.min(Number(token.tag.slice(1)) + 1, 6)}`;
    }
    if (token.type === "heading_open") {
      token.attrSet("id", anchorOf(tokens[index + 1].content, slugs));
    }
    if (token.children !== null) {
      token.children = adapted(token.children, Token);
      if (tokens[index - 2]?.type === "list_item_open") {
        markTask(tokens[index - 2], token.children, Token);
      }
    }
  }
});

/** Cells of all tables, and characters of all references in links: with 64 KiB of text
 * either could be as many as to take a minute, or 200 MB. */
const maxCells = 10_000;
const maxReferenceCharacters = 256 * 1024;

/** What was counted in one text. */
interface Counts {
  cells?: number;
  [ofLibrary: string | symbol]: unknown;
}

class TooLargeError extends Error {}

/** A README as HTML; as it was written, where that would be too large. */
export function renderReadme(text: string): string {
  try {
    const env: Counts = {};
    const tokens = markdown.parse(text, env);
    if (referenceCharacters(tokens) <= maxReferenceCharacters) {
      return markdown.renderer.render(tokens, markdown.options, env);
    }
  } catch (error) {
    if (!(error instanceof TooLargeError)) throw error;
  }
  return `<pre>${escapeHtml(text)}</pre>\n`;
}

function referenceCharacters(tokens: readonly Token[]): number {
  let sum = 0;
  for (const { children } of tokens) {
    for (const { attrs } of children ?? []) {
      for (const [, value] of attrs ?? []) {
        sum += `${value}`.length;
      }
    }
  }
  return sum;
}

// Own names, so that no heading is taken for an element of the page.
const prefix = "readme-";

/** The anchor of a heading, as the usual tables of contents name it. */
function anchorOf(heading: string, slugs: Map<string, number>): string {
  const slug = heading.trim().toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, "").replace(/\s/g, "-");
  const count = slugs.get(slug) ?? 0;
  slugs.set(slug, count + 1);
  return `${prefix}${slug}${count === 0 ? "" : `-${count}`}`;
}

/** Makes a box of `[ ]` or `[x]` at the beginning of a list's item. */
function markTask(
  item: Token,
  content: Token[],
  TokenClass: typeof Token,
): void {
  const mark = /^\[([ xX])\] /.exec(content[0]?.content ?? "");
  if (mark === null || content[0].type !== "text") return;
  content[0].content = content[0].content.slice(mark[0].length);
  const box = new TokenClass("task_box", "input", 0);
  box.attrs = [["type", "checkbox"], ["disabled", ""], ["aria-label", "Task"]];
  if (mark[1] !== " ") box.attrPush(["checked", ""]);
  content.unshift(box);
  item.attrSet("class", "task");
}

/** Links to headings lead to their anchors here; pictures of other sites, which would
 * tell those who reads what, become links to them. */
function adapted(
  tokens: readonly Token[],
  TokenClass: typeof Token,
): Token[] {
  const result: Token[] = [];
  let inLink = false;
  const text = (content: string) => {
    const token = new TokenClass("text", "", 0);
    token.content = content;
    return token;
  };
  for (const token of tokens) {
    if (token.type === "link_open" || token.type === "link_close") {
      inLink = token.type === "link_open";
      adaptLink(token);
    }
    const source = token.type === "image" ? attribute(token, "src") : null;
    if (source === null || !isElsewhere(source)) {
      result.push(token);
      continue;
    }
    const name = text(token.content || source);
    if (inLink) {
      result.push(name);
      continue;
    }
    const open = new TokenClass("link_open", "a", 1);
    open.attrSet("href", source);
    adaptLink(open);
    result.push(open, name, new TokenClass("link_close", "a", -1));
  }
  return result;
}

function attribute(token: Token, name: string): string | null {
  const value = token.attrGet(name);
  return value === null ? null : `${value}`;
}

function adaptLink(token: Token): void {
  const href = attribute(token, "href");
  if (href === null) return;
  if (href.startsWith("#")) token.attrSet("href", `#${prefix}${href.slice(1)}`);
  else if (isElsewhere(href)) token.attrSet("rel", "nofollow noreferrer");
}

/** Whether a reference leads to another site, or may: it has a scheme or a host. */
function isElsewhere(reference: string): boolean {
  return /^[a-z][a-z0-9+.-]*:|^\/\//i.test(reference.trim());
}
