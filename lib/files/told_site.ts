/**
 * The rules of the site as the main thread knows them, from what workers tell; and the
 * one place where the operator hears of wrong lines, whoever has read them. Must not
 * know the file system, or workers.
 *
 * @module
 */

import type { ToldRules } from "./file_store.ts";
import { isFresh } from "./freshness.ts";
import type { Site } from "./site.ts";
import type { StaticOptions } from "./static_options.ts";

/** The rules at some moment. */
export type ToldState =
  | { readonly kind: "no rules" }
  | { readonly kind: "rules"; readonly site: Site }
  /** Only a worker knows. */
  | { readonly kind: "unknown" };

const noRules: ToldState = { kind: "no rules" };
const unknown: ToldState = { kind: "unknown" };

/** What was told of one directory. */
interface Told {
  /** `null` where the rules were not told. */
  tag: string | null;
  /** The last one whose wrong lines were named. */
  loggedTag: string | null;
  state: ToldState;
  checkedAt: number;
}

export class ToldSite {
  readonly #options: StaticOptions;
  readonly #log: (line: string) => void;
  /** After a reload the workers may serve another directory. The new ones tell of it
   * before it is the one that counts. */
  readonly #byRoot = new Map<string, Told>();
  #current: Told;

  /** @param log hears of wrong lines */
  constructor(
    root: string,
    options: StaticOptions,
    log: (line: string) => void,
  ) {
    this.#options = options;
    this.#log = log;
    this.#current = this.#of(root);
  }

  #of(root: string): Told {
    let told = this.#byRoot.get(root);
    if (told === undefined) {
      told = {
        tag: null,
        loggedTag: null,
        state: unknown,
        checkedAt: -Infinity,
      };
      this.#byRoot.set(root, told);
    }
    return told;
  }

  /** From now on the rules are those of that directory. */
  moveTo(root: string): void {
    this.#current = this.#of(root);
    for (const other of this.#byRoot.keys()) {
      if (other !== root) this.#byRoot.delete(other);
    }
  }

  /** What holds now. */
  at(now: number): ToldState {
    const { checkedAt, state } = this.#current;
    return isFresh(checkedAt, now) ? state : unknown;
  }

  /** Takes what a worker tells. */
  async take({ root, checkedAt, tag, texts }: ToldRules): Promise<void> {
    const told = this.#of(root);
    told.checkedAt = checkedAt;
    if (tag === told.tag) return;
    told.state = unknown;
    // Without texts this worker has told them when they were others' news. One that
    // reads them anew tells them again.
    told.tag = texts === null ? null : tag;
    if (texts === null) return;
    if (texts.redirects.kind === "none" && texts.headers.kind === "none") {
      told.state = noRules;
      told.loggedTag = tag;
      return;
    }
    // Most sites have no rules.
    const [{ readSite }, { Site }] = await Promise.all([
      import("./rules/site_rules.ts"),
      import("./site.ts"),
    ]);
    if (told.tag !== tag) return;
    const { rules, mistakes } = readSite(texts);
    told.state = rules === null
      ? noRules
      : { kind: "rules", site: new Site(rules, this.#options) };
    if (told.loggedTag === tag) return;
    told.loggedTag = tag;
    mistakes.forEach((line) => this.#log(line));
  }
}
