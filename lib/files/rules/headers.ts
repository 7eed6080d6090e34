/**
 * The rules of `_headers`: reads blocks of a path and its fields, and says how they
 * change the fields of a response to a path. Must not know responses.
 *
 * @module
 */

import { isToken, trimOws } from "../../http/message.ts";
import { isFieldOfFiles } from "../../http/response_fields.ts";
import { maxRules, readLines, type ReadRules } from "./lines.ts";
import {
  type AskedPath,
  type Captures,
  type Matched,
  type Pattern,
  PatternIndex,
  readPattern,
  shown,
} from "./patterns.ts";
import { encodeInField, fill } from "./targets.ts";

/** A line of a block. */
type FieldRule =
  | { readonly kind: "add"; readonly name: string; readonly value: string }
  | { readonly kind: "remove"; readonly name: string };

/** One block. */
export interface HeaderRule {
  readonly pattern: Pattern;
  readonly fields: readonly FieldRule[];
}

/** What becomes of the fields of one name. */
export interface FieldChange {
  readonly name: string;
  /** One for each line; empty where the field is removed. */
  readonly values: readonly string[];
}

/** Reads the file. */
export function readHeaders(text: string): ReadRules<HeaderRule> {
  const rules: { pattern: Pattern; fields: FieldRule[] }[] = [];
  let fields: FieldRule[] | null = null;
  const mistakes = readLines(text, ({ text }) => {
    if (/^(\/|[a-z][a-z0-9+.-]*:\/\/)/i.test(text)) {
      // What follows a wrong path belongs to no other block.
      fields = [];
      if (rules.length >= maxRules) return `only ${maxRules} rules hold`;
      const read = readPath(text);
      if (read.kind === "mistake") return read.why;
      rules.push({ pattern: read.pattern, fields });
      return null;
    }
    const field = readField(text);
    if (typeof field === "string") return field;
    if (fields === null) return "there is no path above this field";
    fields.push(field);
    return null;
  });
  return { rules, mistakes };
}

function readPath(text: string): ReturnType<typeof readPattern> {
  const path = text.replace(/\s#.*$/, "").trim();
  return /\s/.test(path)
    ? { kind: "mistake", why: `a path has no space in it: ${shown(path)}` }
    : readPattern(path);
}

/** @returns the field, or why it is none */
function readField(text: string): FieldRule | string {
  const removed = /^!\s*([^\s:]+)\s*$/.exec(text)?.[1];
  if (removed !== undefined) {
    const lower = removed.toLowerCase();
    if (!isToken(removed)) return `${shown(removed)} is not a field name`;
    return isFieldOfFiles(lower) || lower === "content-type" || lower === "vary"
      ? `${removed} cannot be removed, for no client could do without it`
      : { kind: "remove", name: removed };
  }
  const at = text.indexOf(":");
  if (at < 0) return `${shown(text)} is neither a path nor a field`;
  const name = text.slice(0, at);
  const value = trimOws(text, at + 1);
  if (!isToken(name)) return `${shown(name)} is not a field name`;
  if (value === "") return `${name} has no value (to remove it: ! ${name})`;
  if (!/^[\t\x20-\x7e]*$/.test(value)) {
    return `${name}: the value takes printable ASCII characters only`;
  }
  const lower = name.toLowerCase();
  // As a field it would tell everybody the passwords.
  if (lower === "basic-auth") return "Basic-Auth is not supported";
  return isFieldOfFiles(lower)
    ? `${name}: Skein sets this field itself`
    : { kind: "add", name, value };
}

/** All rules of a site. */
export class Headers {
  readonly #index: PatternIndex<HeaderRule>;

  constructor(rules: readonly HeaderRule[]) {
    this.#index = new PatternIndex(rules);
  }

  /** How all rules that match change the fields, one after the other. */
  changes(path: AskedPath): readonly FieldChange[] {
    const matches = this.#index.matches(path);
    if (matches.length === 0) return [];
    const changes = new Map<string, Collected>();
    for (const match of matches) change(changes, match);
    return Array.from(changes, ([lower, { name, values }]) => ({
      name,
      values: joined(lower, values),
    }));
  }
}

/** What was read of one name so far, all lines that hold. */
interface Collected {
  name: string;
  values: string[];
}

function change(
  changes: Map<string, Collected>,
  { rule, captures }: Matched<HeaderRule>,
): void {
  let all: Captures | null = null;
  for (const field of rule.fields) {
    const { name } = field;
    const lower = name.toLowerCase();
    const collected = changes.get(lower) ?? { name, values: [] };
    collected.name = name;
    if (field.kind === "remove") collected.values = [];
    else {
      collected.values.push(
        field.value.includes(":")
          ? fill(field.value, all ??= captures(), encodeInField)
          : field.value,
      );
    }
    changes.set(lower, collected);
  }
}

/** RFC 9110 section 5.3: lines of one name are a list, but for cookies; and a content
 * has one type. */
function joined(lower: string, values: readonly string[]): readonly string[] {
  if (lower === "set-cookie" || values.length === 0) return values;
  return lower === "content-type" ? values.slice(-1) : [values.join(", ")];
}
