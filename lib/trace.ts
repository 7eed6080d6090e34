/**
 * An error as text for the log, whatever it is that was thrown. Must not know who
 * logs it.
 *
 * @module
 */

/**
 * The stack of an error, or a look at what else was thrown. Never throws itself,
 * and always a string: an app may throw what cannot be shown, or an error whose
 * stack cannot cross between threads.
 */
export function traceOf(error: unknown): string {
  try {
    if (error instanceof Error) return `${error.stack ?? error}`;
    return `Thrown: ${Deno.inspect(error)}`;
  } catch {
    return "Thrown: something that cannot be shown";
  }
}
