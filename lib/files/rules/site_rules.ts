/**
 * Both files of rules together. Must not know where they are, or when they were read.
 *
 * @module
 */

import { type HeaderRule, Headers, readHeaders } from "./headers.ts";
import {
  type ReadRules,
  type RulesText,
  type RulesTexts,
  sentences,
} from "./lines.ts";
import { readRedirects, type RedirectRule, Redirects } from "./redirects.ts";

/** The rules of a site. */
export interface SiteRules {
  readonly redirects: Redirects;
  readonly headers: Headers;
}

/** What the files were read as. */
export interface ReadSite {
  /** `null` where no rule holds. */
  readonly rules: SiteRules | null;
  /** One sentence for each wrong line, for the operator. */
  readonly mistakes: readonly string[];
}

export function readSite({ redirects, headers }: RulesTexts): ReadSite {
  const mistakes: string[] = [];
  const redirectRules = rulesOf<RedirectRule>(
    "_redirects",
    redirects,
    readRedirects,
    mistakes,
  );
  const headerRules = rulesOf<HeaderRule>(
    "_headers",
    headers,
    readHeaders,
    mistakes,
  );
  const rules = redirectRules.length + headerRules.length === 0 ? null : {
    redirects: new Redirects(redirectRules),
    headers: new Headers(headerRules),
  };
  return { rules, mistakes };
}

/** @param said takes what is wrong */
function rulesOf<Rule>(
  name: string,
  file: RulesText,
  read: (text: string) => ReadRules<Rule>,
  said: string[],
): readonly Rule[] {
  switch (file.kind) {
    case "none":
      return [];
    case "unreadable":
      said.push(`${name}: ${file.why}; none of its rules hold`);
      return [];
    case "text": {
      const { rules, mistakes } = read(file.text);
      said.push(...sentences(name, mistakes));
      return rules;
    }
  }
}
