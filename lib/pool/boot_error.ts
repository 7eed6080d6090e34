/**
 * How the boot of a worker, or a reload of all, can end. Must not know how either is
 * done.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";

/** A worker could not be made ready. */
export class BootError extends Error {
  /** Whether the thread still computes, and cannot be stopped. */
  readonly spins: boolean;

  constructor(reason: string, spins = false) {
    super(reason);
    this.name = "BootError";
    this.spins = spins;
  }
}

/** How a reload ended. */
export type Reloaded =
  /** New workers serve. */
  | { readonly kind: "reloaded" }
  /** The new workers do not boot; the old ones go on. */
  | { readonly kind: "kept"; readonly why: string }
  /** The server is ending. */
  | { readonly kind: "ending" };

/** An error message of the runtime in one line: what it is and where, without the
 * drawing of the line and its colours. */
export function inOneLine(message: string): string {
  const [what, ...more] = stripVTControlCharacters(message).split("\n");
  const where = more.find((line) => /^\s+at \S+:\d+$/.test(line));
  const sentence = what.replace(/[.:]$/, "");
  return where === undefined ? sentence : `${sentence} (${where.trim()})`;
}
