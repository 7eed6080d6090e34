/**
 * Patterns of paths, as both files of rules have them: `/blog/:year/*`. Reads them, and
 * finds those that match a path without trying all. Matching takes no regular
 * expression, so that no path is slow to match. Must not know what a rule does.
 *
 * @module
 */

/** The path of a request, decoded. */
export interface AskedPath {
  /** None is empty, and none contains a slash. */
  readonly segments: readonly string[];
  /** Whether it ends with a slash. */
  readonly slash: boolean;
}

/** What placeholders stand for, by their names; the splat is `splat`. */
export type Captures = ReadonlyMap<string, string>;

type Part =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "placeholder"; readonly name: string };

interface Splat {
  /** What its segment has around it. */
  readonly before: string;
  readonly after: string;
  /** The parts behind it. */
  readonly tail: readonly Part[];
}

/** A pattern that was read. */
export interface Pattern {
  /** All parts, or those in front of the splat. */
  readonly head: readonly Part[];
  readonly splat: Splat | null;
}

/** A pattern, or why the text is none. */
export type ReadPattern =
  | { readonly kind: "pattern"; readonly pattern: Pattern }
  | { readonly kind: "mistake"; readonly why: string };

/** Most paths of rules are just text: reading them at once halves the time. */
export const plainPath = /^\/[\w./~-]*$/;

/** Reads a pattern. What is percent-encoded in it is text: `%2A` is no splat. */
export function readPattern(text: string): ReadPattern {
  if (/\/\.{1,2}(\/|$)/.test(text)) {
    return mistake("a path with . or .. is never served");
  }
  if (plainPath.test(text)) {
    const head = text.split("/").filter((part) => part !== "")
      .map((part): Part => ({ kind: "literal", text: part }));
    return { kind: "pattern", pattern: { head, splat: null } };
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    return mistake("rules for one host are not supported, write a path");
  }
  if (!text.startsWith("/")) return mistake(`${shown(text)} is not a path`);
  if (text.includes("?")) return mistake("a path has no query in it");
  if (text.includes("#")) {
    return mistake("no browser sends what follows a # in a path");
  }
  const raw = text.split("/").filter((part) => part !== "");
  if (text.split("*").length > 2) return mistake("a path has at most one *");
  const parts: Part[] = [];
  let splat: { before: string; after: string } | null = null;
  let splatAt = raw.length;
  for (const [index, part] of raw.entries()) {
    const star = part.indexOf("*");
    if (star >= 0) {
      const before = decoded(part.slice(0, star));
      const after = decoded(part.slice(star + 1));
      if (before === null || after === null) return undecodable(part);
      [splat, splatAt] = [{ before, after }, index];
      continue;
    }
    const read = readPart(part);
    if (read === null) return undecodable(part);
    parts.push(read);
  }
  const head = parts.slice(0, splatAt);
  const pattern = {
    head,
    splat: splat === null ? null : { ...splat, tail: parts.slice(splatAt) },
  };
  return checked(pattern);
}

function checked(pattern: Pattern): ReadPattern {
  const names = namesOf(pattern);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) return mistake(`:${twice} stands there twice`);
  return names.includes("splat") && pattern.splat === null
    ? mistake(":splat is what a * stands for, and there is none")
    : { kind: "pattern", pattern };
}

function readPart(part: string): Part | null {
  const name = /^:([A-Za-z]\w*)$/.exec(part)?.[1];
  if (name !== undefined) return { kind: "placeholder", name };
  const text = decoded(part);
  return text === null ? null : { kind: "literal", text };
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

function mistake(why: string): ReadPattern {
  return { kind: "mistake", why };
}

function undecodable(part: string): ReadPattern {
  return mistake(`${shown(part)} is not UTF-8, percent-encoded`);
}

/** A piece of a line, for a message: without control characters, and not long. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}

/** The names that a match captures. */
export function namesOf({ head, splat }: Pattern): string[] {
  const parts = [...head, ...splat?.tail ?? []];
  return [
    ...parts.flatMap((part) => part.kind === "placeholder" ? [part.name] : []),
    ...splat === null ? [] : ["splat"],
  ];
}

/** The only path that a pattern matches, decoded; `null` where there are more. */
function onlyPath({ head, splat }: Pattern): string | null {
  if (splat !== null) return null;
  let path = "";
  for (const part of head) {
    if (part.kind === "placeholder") return null;
    path += `/${part.text}`;
  }
  return path;
}

/** Whether it matches. A slash at the end of a path makes no difference. */
function fits({ head, splat }: Pattern, segments: readonly string[]): boolean {
  if (splat === null) {
    return segments.length === head.length && fitsAt(head, segments, 0);
  }
  const { before, after, tail } = splat;
  const tailAt = segments.length - tail.length;
  if (
    tailAt < head.length || !fitsAt(head, segments, 0) ||
    !fitsAt(tail, segments, tailAt)
  ) return false;
  if (before === "" && after === "" && tail.length === 0) return true;
  // No part contains a slash, so its first and its last part say all. To join them for
  // each of 10 000 rules would take seconds.
  const count = tailAt - head.length;
  if (count === 0) return false;
  const first = segments[head.length];
  const last = segments[tailAt - 1];
  return (count > 1 || first.length >= before.length + after.length) &&
    first.startsWith(before) && last.endsWith(after);
}

function fitsAt(
  parts: readonly Part[],
  segments: readonly string[],
  from: number,
): boolean {
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index];
    if (part.kind === "literal" && part.text !== segments[from + index]) {
      return false;
    }
  }
  return true;
}

/** What the names of a pattern stand for in a path that it matches. */
function capture(
  { head, splat }: Pattern,
  { segments, slash }: AskedPath,
): Captures {
  const captures = new Map<string, string>();
  const take = (parts: readonly Part[], from: number) => {
    for (const [index, part] of parts.entries()) {
      if (part.kind === "literal") continue;
      captures.set(part.name, segments[from + index]);
    }
  };
  take(head, 0);
  if (splat === null) return captures;
  const { before, after, tail } = splat;
  const tailAt = segments.length - tail.length;
  take(tail, tailAt);
  const middle = segments.slice(head.length, tailAt).join("/");
  const value = middle.slice(before.length, middle.length - after.length);
  const isLast = tail.length === 0 && after === "";
  captures.set("splat", slash && isLast && value !== "" ? `${value}/` : value);
  return captures;
}

/** What has a pattern. */
export interface Patterned {
  readonly pattern: Pattern;
}

export interface Matched<Rule extends Patterned> {
  readonly rule: Rule;
  /** Computed where they are wanted: few rules of those that match need them. */
  readonly captures: () => Captures;
}

interface Ordered<Rule> {
  readonly rule: Rule;
  readonly order: number;
}

/** Rules by what their patterns begin with: of 2000 a path has to be compared with a
 * few. */
export class PatternIndex<Rule extends Patterned> {
  readonly #byPath = new Map<string, Ordered<Rule>[]>();
  readonly #byFirst = new Map<string, Ordered<Rule>[]>();
  readonly #others: Ordered<Rule>[] = [];

  constructor(rules: readonly Rule[]) {
    for (const [order, rule] of rules.entries()) {
      this.#listFor(rule.pattern).push({ rule, order });
    }
  }

  #listFor(pattern: Pattern): Ordered<Rule>[] {
    const path = onlyPath(pattern);
    if (path !== null) return listIn(this.#byPath, path);
    const first = pattern.head.at(0);
    return first?.kind === "literal"
      ? listIn(this.#byFirst, first.text)
      : this.#others;
  }

  /** The rules that match, in their order. */
  matches(path: AskedPath): Matched<Rule>[] {
    const { segments } = path;
    const whole = segments.map((segment) => `/${segment}`).join("");
    const found: (Matched<Rule> & { readonly order: number })[] = [];
    const lists = [
      this.#byPath.get(whole),
      this.#byFirst.get(segments[0] ?? ""),
      this.#others,
    ];
    for (const list of lists) {
      for (const { rule, order } of list ?? []) {
        if (!fits(rule.pattern, segments)) continue;
        found.push({
          rule,
          order,
          captures: () => capture(rule.pattern, path),
        });
      }
    }
    return found.sort((a, b) => a.order - b.order);
  }
}

function listIn<Value>(lists: Map<string, Value[]>, key: string): Value[] {
  let list = lists.get(key);
  if (list === undefined) lists.set(key, list = []);
  return list;
}
