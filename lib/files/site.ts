/**
 * What the rules of a site say of a target: decodes it as the file server does, and
 * remembers the answer, for matching is slower than serving a small file. Must not know
 * the files of the rules.
 *
 * @module
 */

import { decodePath, isHidden, splitTarget } from "./paths.ts";
import type { Ruling } from "./rules/redirects.ts";
import type { SiteRules } from "./rules/site_rules.ts";
import { SiteFields } from "./site_fields.ts";
import type { StaticOptions } from "./static_options.ts";

/** What the rules say of one target. */
export interface Verdict {
  readonly ruling: Ruling | null;
  /** `null` where no field changes. */
  readonly fields: SiteFields | null;
}

/** Of a target that no rule is about, and of all where there are no rules. */
export const noVerdict: Verdict = { ruling: null, fields: null };

// A client can make up targets. Longer ones are not asked for again and again.
const maxRemembered = 2048;
const maxRememberedLength = 256;
const maxRememberedKey = 16 * 1024;

/** The rules in force. */
export class Site {
  readonly #rules: SiteRules;
  readonly #options: StaticOptions;
  readonly #verdicts = new Map<string, Verdict>();
  /** Equal changes are the same object: the responses made with it are remembered. */
  readonly #fields = new Map<string, SiteFields>();

  constructor(rules: SiteRules, options: StaticOptions) {
    this.#rules = rules;
    this.#options = options;
  }

  verdict(target: string): Verdict {
    const known = this.#verdicts.get(target);
    if (known !== undefined) return known;
    const verdict = this.#judge(target);
    if (target.length > maxRememberedLength) return verdict;
    if (this.#verdicts.size >= maxRemembered) this.#verdicts.clear();
    // A copy: the target is a slice of all heads of a batch, and would keep them.
    this.#verdicts.set(` ${target}`.slice(1), verdict);
    return verdict;
  }

  /** Whether a file is never sent, for a rule comes before it. */
  hidesFile(segments: readonly string[]): boolean {
    const { redirects } = this.#rules;
    return redirects.mayForce &&
      redirects.ruling({ segments, slash: false }, "")?.forced === true;
  }

  /** Whether a directory is never shown; one without a page of its own is hidden by any
   * rule. */
  hidesDirectory(segments: readonly string[], hasPage: boolean): boolean {
    const ruling = this.#rules.redirects.ruling({ segments, slash: true }, "");
    return ruling !== null && (ruling.forced || !hasPage);
  }

  #judge(target: string): Verdict {
    const { path, query } = splitTarget(target);
    const segments = decodePath(path);
    if (segments === null) return noVerdict;
    const asked = { segments, slash: path.endsWith("/") };
    const { redirects, headers } = this.#rules;
    const ruling = isHidden(segments)
      ? null
      : redirects.ruling(asked, query.slice(1));
    const changes = headers.changes(asked);
    if (changes.length === 0) {
      return ruling === null ? noVerdict : { ruling, fields: null };
    }
    const key = JSON.stringify(changes);
    let fields = this.#fields.get(key);
    if (fields === undefined) {
      fields = new SiteFields(changes, this.#options);
      // With a placeholder in a value there is one for each path.
      if (this.#fields.size >= maxRemembered) this.#fields.clear();
      if (key.length <= maxRememberedKey) this.#fields.set(key, fields);
    }
    return { ruling, fields };
  }
}
