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

  /** One that says why, and whether its thread still computes. */
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

/** @param app its URL */
export function notLoaded(timeoutMs: number, app: string): string {
  return `The modules of ${app} were not loaded after ${
    timeoutMs / 1000
  } s (the limit loadTimeoutMs)`;
}

/** @param app its URL, or `null` where there is none */
export function notReady(timeoutMs: number, app: string | null): string {
  return `${app ?? "A worker"} was not ready after ${
    timeoutMs / 1000
  } s (the limit bootTimeoutMs)`;
}

/** @param computes whether its event loop did not turn */
export function stillRuns(computes: boolean): string {
  return `: its modules are loaded, and one of them still ${
    computes ? "computes" : "waits for something"
  }`;
}

/** An error message of the runtime, without its colours, and without the period of its
 * first line. */
export function plain(message: string): string {
  const [first, ...more] = stripVTControlCharacters(message).split("\n");
  return [first.replace(/\.$/, ""), ...more].join("\n");
}
