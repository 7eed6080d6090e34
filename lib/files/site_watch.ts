/**
 * The rules of a directory, read anew within a second of a change. Must not know what a
 * rule says, or who is told of them.
 *
 * @module
 */

import { natives } from "../natives.ts";
import { contentTag } from "./content_tag.ts";
import type { ToldRules } from "./file_store.ts";
import { freshMs, isFresh, isUnchanged } from "./freshness.ts";
import type { Identified, Root } from "./root.ts";
import { maxRulesBytes, type RulesText } from "./rules/lines.ts";
import { readSite } from "./rules/site_rules.ts";
import { Site } from "./site.ts";
import type { StaticOptions } from "./static_options.ts";

const none: RulesText = { kind: "none" };
const notThere =
  "it is no file inside of the directory that the server may read";

/** One file of rules. */
class RulesFile {
  readonly #root: Root;
  readonly #name: string;
  #read: { readonly file: Identified; readonly at: number } | null = null;
  /** The same object as long as nothing has changed. */
  content: RulesText = none;

  constructor(root: Root, name: string) {
    this.#root = root;
    this.#name = name;
  }

  look(now: number): void {
    const read = this.#read;
    if (
      read !== null && isUnchanged(this.#root, [this.#name], read.file, read.at)
    ) return;
    const content = this.#open(now);
    if (!isSame(content, this.content)) this.content = content;
  }

  #open(now: number): RulesText {
    this.#read = null;
    const opened = this.#root.openRules(this.#name);
    if (opened === null) return none;
    if (opened.kind !== "file") return { kind: "unreadable", why: notThere };
    const { file } = opened;
    if (file.identity.size > maxRulesBytes) {
      return { kind: "unreadable", why: `it has over ${maxRulesBytes} bytes` };
    }
    const bytes = file.bytes ?? this.#root.read(file);
    // It was replaced meanwhile: the next look finds the new one.
    if (bytes === null) return this.content;
    this.#read = { file, at: now };
    return { kind: "text", text: new natives.TextDecoder().decode(bytes) };
  }
}

function isSame(a: RulesText, b: RulesText): boolean {
  if (a.kind === "text") return b.kind === "text" && a.text === b.text;
  return a.kind === b.kind;
}

/** Looks at both files. */
export class SiteWatch {
  readonly #root: string;
  readonly #options: StaticOptions;
  readonly #tell: (told: ToldRules) => void;
  readonly #redirects: RulesFile;
  readonly #headers: RulesFile;
  #read: readonly RulesText[] = [];
  #tag = "";
  #site: Site | null = null;
  #checkedAt = -Infinity;

  /**
   * @param root a real path
   * @param tell hears of each look
   */
  constructor(
    root: string,
    opener: Root,
    options: StaticOptions,
    tell: (told: ToldRules) => void,
  ) {
    this.#root = root;
    this.#options = options;
    this.#tell = tell;
    this.#redirects = new RulesFile(opener, "_redirects");
    this.#headers = new RulesFile(opener, "_headers");
  }

  /** The rules in force; `null` where there are none. */
  site(): Site | null {
    const now = natives.Date.now();
    if (!isFresh(this.#checkedAt, now, freshMs)) this.#look(now);
    return this.#site;
  }

  #look(now: number): void {
    this.#redirects.look(now);
    this.#headers.look(now);
    this.#checkedAt = now;
    const [redirects, headers] = [
      this.#redirects.content,
      this.#headers.content,
    ];
    const isNews = redirects !== this.#read[0] || headers !== this.#read[1];
    if (isNews) {
      this.#read = [redirects, headers];
      const { rules } = readSite({ redirects, headers });
      this.#site = rules === null ? null : new Site(rules, this.#options);
      this.#tag = tagOf(redirects) + tagOf(headers);
    }
    this.#tell({
      root: this.#root,
      checkedAt: now,
      tag: this.#tag,
      texts: isNews ? { redirects, headers } : null,
    });
  }
}

/** Of no file none is computed: that would load a module. */
function tagOf(text: RulesText): string {
  switch (text.kind) {
    case "none":
      return "-";
    case "text":
      return contentTag(new natives.TextEncoder().encode(text.text));
    case "unreadable":
      return text.why;
  }
}
