/**
 * What an app does wrong, as an error for its author. Must not know the rules that were
 * broken.
 *
 * @module
 */

/** An error without frames: those of the server tell nothing about the app. */
export function appMistake(message: string): TypeError {
  const error = new TypeError(message);
  error.stack = `TypeError: ${message}`;
  return error;
}
