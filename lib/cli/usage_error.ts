/**
 * The error of a command line that is wrong. Must not know flags.
 *
 * @module
 */

/** The command line is wrong; the message says where, in one sentence. */
export class UsageError extends Error {
  /**
   * Makes one.
   *
   * @param message one sentence
   */
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}
