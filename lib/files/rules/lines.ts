/**
 * The lines of a file of rules, and what is said of the wrong ones. Must not know what
 * a line means.
 *
 * @module
 */

/** A file of rules. */
export type RulesText =
  | { readonly kind: "none" }
  | { readonly kind: "text"; readonly text: string }
  /** It is there, and none of its rules hold. */
  | { readonly kind: "unreadable"; readonly why: string };

/** Both files of a site. */
export interface RulesTexts {
  readonly redirects: RulesText;
  readonly headers: RulesText;
}

/** A line that is not a rule. */
export interface Mistake {
  /** From 1. */
  readonly line: number;
  readonly why: string;
}

/** What a file was read as. */
export interface ReadRules<Rule> {
  readonly rules: readonly Rule[];
  readonly mistakes: readonly Mistake[];
}

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without white space around it. */
  readonly text: string;
}

/** A larger file is not read: nobody writes it by hand, and reading one of this size
 * takes the main thread and each worker about 100 ms. */
export const maxRulesBytes = 1024 * 1024;
/** Of one file. The two services take 2000 or 10 000. */
export const maxRules = 10_000;
const maxLineLength = 8192;

/** Calls `read` with each line that has something to say; what it returns is why that
 * line is wrong. */
export function readLines(
  text: string,
  read: (line: Line) => string | null,
): Mistake[] {
  const mistakes: Mistake[] = [];
  const withoutMark = text.startsWith("\ufeff") ? text.slice(1) : text;
  for (const [index, raw] of withoutMark.split(/\r\n|\n|\r/).entries()) {
    const line = { number: index + 1, text: raw.trim() };
    if (line.text === "" || line.text.startsWith("#")) continue;
    const why = unreadable(line.text) ?? read(line);
    if (why !== null) mistakes.push({ line: line.number, why });
  }
  return mistakes;
}

function unreadable(text: string): string | null {
  if (text.length > maxLineLength) {
    return `the line is longer than ${maxLineLength} characters`;
  }
  // What is not UTF-8 was decoded to this character.
  return text.includes("\ufffd") ? "the line is not UTF-8" : null;
}

/** So many wrong lines are named, and the others counted: a log is read by people. */
const maxNamed = 20;

/** A sentence for each of the first wrong lines. */
export function sentences(
  file: string,
  mistakes: readonly Mistake[],
): string[] {
  const named = mistakes.slice(0, maxNamed).map(({ line, why }) =>
    `${file} line ${line}: ${why}; the other rules hold`
  );
  const rest = mistakes.length - named.length;
  return rest === 0
    ? named
    : [...named, `${file}: ${rest} more lines are wrong`];
}
