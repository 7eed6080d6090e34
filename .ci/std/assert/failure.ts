/**
 * Part of the stand-in for `@std/assert`: the error of a failed assertion.
 *
 * @module
 */

/** What a failed assertion throws. */
export class AssertionError extends Error {
  /** Makes the error; the message is all that most test runners show. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

/** The error that says what went wrong, in what the test calls `msg`, and how. */
export function failure(
  what: string,
  msg: string | undefined,
  details?: string,
): AssertionError {
  const first = msg ? `${what}: ${msg}` : `${what}.`;
  return new AssertionError(details ? `${first}\n\n${details}\n` : first);
}
