/**
 * The rules of `_redirects`: reads `FROM [QUERY] TO [STATUS]`, and says which rule
 * holds for a path. Must not know files, or how a ruling is put into effect.
 *
 * @module
 */

import { natives } from "../../natives.ts";
import { type Line, maxRules, readLines, type ReadRules } from "./lines.ts";
import {
  type AskedPath,
  type Captures,
  namesOf,
  type Pattern,
  PatternIndex,
  readPattern,
  shown,
} from "./patterns.ts";
import { filledPath, locationOf, readTarget, type Target } from "./targets.ts";

const redirectStatuses = [301, 302, 303, 307, 308] as const;
type RedirectStatus = typeof redirectStatuses[number];

/** What a rule decides. */
export type Ruling =
  | {
    readonly kind: "redirect";
    readonly status: RedirectStatus;
    /** The value of Location. */
    readonly location: string;
    /** Whether it holds although a file exists. */
    readonly forced: boolean;
  }
  | {
    readonly kind: "rewrite";
    /** 404: the file is the page of an error. */
    readonly status: 200 | 404;
    /** The path of the file, encoded. */
    readonly path: string;
    readonly forced: boolean;
  };

/** A parameter that a request must have: with a value, or any. */
interface Parameter {
  readonly name: string;
  readonly value:
    | { readonly kind: "literal"; readonly text: string }
    | { readonly kind: "placeholder"; readonly name: string };
}

/** One rule. */
export interface RedirectRule {
  readonly pattern: Pattern;
  readonly parameters: readonly Parameter[];
  readonly target: Target;
  readonly status: RedirectStatus | 200 | 404;
  readonly forced: boolean;
}

/** Reads the file. */
export function readRedirects(text: string): ReadRules<RedirectRule> {
  const rules: RedirectRule[] = [];
  const mistakes = readLines(text, (line) => {
    if (rules.length >= maxRules) return `only ${maxRules} rules hold`;
    const rule = readRule(line);
    if (typeof rule === "string") return rule;
    rules.push(rule);
    return null;
  });
  return { rules, mistakes };
}

/** @returns the rule, or why it is none */
function readRule({ text }: Line): RedirectRule | string {
  const [from, ...rest] = text.replace(/\s#.*$/, "").split(/\s+/)
    .filter((part) => part !== "");
  const toAt = rest.findIndex((part) => /^(\/|[a-z][a-z0-9+.-]*:)/i.test(part));
  const read = readPattern(from);
  if (read.kind === "mistake") return read.why;
  if (toAt < 0) return "there is no target, which is a path or a URL";
  const parameters = readParameters(rest.slice(0, toAt), read.pattern);
  if (typeof parameters === "string") return parameters;
  const [to, code = "301", ...conditions] = rest.slice(toAt);
  const status = readStatus(code, conditions);
  if (typeof status === "string") return status;
  const names = new Set([
    ...namesOf(read.pattern),
    ...parameters.flatMap(({ value }) =>
      value.kind === "placeholder" ? [value.name] : []
    ),
  ]);
  const target = readTarget(to, names);
  if (target.kind === "mistake") return target.why;
  const rule = {
    pattern: read.pattern,
    parameters,
    target: target.target,
    ...status,
  };
  return mistakeOf(rule, from) ?? rule;
}

/** What is wrong with a rule although all of its parts are right. */
function mistakeOf(rule: RedirectRule, from: string): string | null {
  const { status, target, parameters } = rule;
  const isOfSite = status === 200 || status === 404;
  if (isOfSite && target.origin !== "") {
    return "other hosts are not asked (a 200 or 404 takes a path of this site)";
  }
  const leadsToItself = target.origin === "" && target.path === from &&
    parameters.length === 0;
  return leadsToItself ? "it leads to itself" : null;
}

function readParameters(
  texts: readonly string[],
  pattern: Pattern,
): Parameter[] | string {
  const names = namesOf(pattern);
  const parameters: Parameter[] = [];
  for (const text of texts) {
    const [, name, placeholder, literal] =
      /^([^=]+)=(?::([A-Za-z]\w*)|([^:].*)?)$/.exec(text) ?? [];
    if (name === undefined) {
      return `${shown(text)} is neither a target nor a parameter (name=:name)`;
    }
    if (names.includes(placeholder) || placeholder === "splat") {
      return `:${placeholder} stands there twice`;
    }
    if (placeholder !== undefined) names.push(placeholder);
    parameters.push({
      name,
      value: placeholder === undefined
        ? { kind: "literal", text: literal ?? "" }
        : { kind: "placeholder", name: placeholder },
    });
  }
  return parameters;
}

function readStatus(
  code: string,
  conditions: readonly string[],
): Pick<RedirectRule, "status" | "forced"> | string {
  const [, digits, mark] = /^([0-9]{3})(!?)$/.exec(code) ?? [];
  const condition = digits === undefined ? code : conditions.at(0);
  if (condition?.includes("=")) {
    return `conditions are not supported, such as ${shown(condition)}`;
  }
  if (condition !== undefined) {
    return `${shown(condition)} is too much after the target`;
  }
  const status = ([200, 404, ...redirectStatuses] as const)
    .find((known) => known === Number(digits));
  return status === undefined
    ? `the status ${digits} is not supported (200, 301, 302, 303, 307, 308, 404)`
    : { status, forced: mark === "!" };
}

/** All rules of a site. */
export class Redirects {
  readonly #index: PatternIndex<RedirectRule>;
  /** Whether a rule may hold although a file exists. */
  readonly mayForce: boolean;

  constructor(rules: readonly RedirectRule[]) {
    this.#index = new PatternIndex(rules);
    this.mayForce = rules.some(({ forced }) => forced);
  }

  /**
   * What the first rule that matches decides. One that would lead to the path that was
   * asked for is passed over: it would lead there for ever.
   *
   * @param query without the question mark
   */
  ruling(path: AskedPath, query: string): Ruling | null {
    // Parsed once: thousands of rules may ask for the same parameter of one path.
    let parsed: Parameters | null = null;
    const sent = () => parsed ??= readQuery(query);
    for (const { rule, captures } of this.#index.matches(path)) {
      if (rule.parameters.length > 0 && !hasParameters(rule, sent())) continue;
      const all = withParameters(rule, captures(), sent);
      if (returns(rule, all, path)) continue;
      return rulingOf(rule, all, query);
    }
    return null;
  }
}

/** The first value of each parameter that was sent. */
type Parameters = ReadonlyMap<string, string>;

function readQuery(query: string): Parameters {
  const parameters = new Map<string, string>();
  for (const [name, value] of new natives.URLSearchParams(query)) {
    if (!parameters.has(name)) parameters.set(name, value);
  }
  return parameters;
}

function hasParameters(
  { parameters }: RedirectRule,
  sent: Parameters,
): boolean {
  return parameters.every(({ name, value }) =>
    value.kind === "placeholder"
      ? sent.has(name)
      : sent.get(name) === value.text
  );
}

function withParameters(
  { parameters }: RedirectRule,
  captures: Captures,
  sent: () => Parameters,
): Captures {
  if (parameters.length === 0) return captures;
  const all = new Map(captures);
  for (const { name, value } of parameters) {
    if (value.kind === "placeholder") all.set(value.name, sent().get(name)!);
  }
  return all;
}

/** Whether the same rule would hold for its own target. */
function returns(
  { target, parameters }: RedirectRule,
  captures: Captures,
  { segments, slash }: AskedPath,
): boolean {
  if (target.origin !== "") return false;
  const query = new natives.URLSearchParams(target.query ?? "");
  if (!parameters.every(({ name }) => query.has(name))) return false;
  const path = filledPath(target, captures);
  const parts = path.split("/").filter((part) => part !== "");
  return path.endsWith("/") === slash && parts.length === segments.length &&
    parts.every((part, index) => isEncodingOf(part, segments[index]));
}

function isEncodingOf(part: string, segment: string): boolean {
  try {
    return decodeURIComponent(part) === segment;
  } catch {
    return false;
  }
}

function rulingOf(
  { target, parameters, status, forced }: RedirectRule,
  captures: Captures,
  query: string,
): Ruling {
  if (status === 200 || status === 404) {
    const path = filledPath(target, captures);
    return { kind: "rewrite", status, path, forced };
  }
  const consumed = new Set(parameters.map(({ name }) => name));
  const location = locationOf(target, captures, query, consumed);
  return { kind: "redirect", status, location, forced };
}
