/**
 * What can come of booting workers. Must not know how that is done.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";

/** A worker could not be made ready. */
export class BootError extends Error {
  /** Whether its thread still computes, and cannot be stopped. */
  readonly spins: boolean;

  /**
   * Makes one.
   *
   * @param reason one sentence
   * @param spins whether its thread still computes
   */
  constructor(reason: string, spins = false) {
    super(reason);
    this.name = "BootError";
    this.spins = spins;
  }
}

/** What became of a reload. */
export type Reloaded =
  /** New workers serve. */
  | { readonly kind: "reloaded" }
  /** The old ones go on, for the new ones do not boot. */
  | { readonly kind: "kept"; readonly why: string }
  /** It is too late for that. */
  | { readonly kind: "ending" };

/** An error in a module comes with a drawing of the line, in colours; what it is and
 * where is enough. */
export function inOneLine(message: string): string {
  const [what, ...more] = stripVTControlCharacters(message).split("\n");
  const where = more.find((line) => /^\s+at \S+:\d+$/.test(line));
  const sentence = what.replace(/[.:]$/, "");
  return where === undefined ? sentence : `${sentence} (${where.trim()})`;
}
