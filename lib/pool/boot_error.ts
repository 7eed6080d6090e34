/**
 * What can come of booting workers. Must not know how that is done.
 *
 * @module
 */

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
