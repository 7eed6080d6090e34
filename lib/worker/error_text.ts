/**
 * An error as text for the log, whatever it is that was thrown. Must not know who
 * logs it.
 *
 * @module
 */

// A chain of causes may be a ring.
const maxErrors = 16;

/**
 * The stack of an error and of what caused it, or a look at what else was thrown.
 * Never throws itself, and always a string: an app may throw what cannot be shown,
 * or an error whose stack cannot cross between threads.
 */
export function errorText(error: unknown): string {
  try {
    return describe(error).join("\nCaused by: ");
  } catch {
    return "Thrown: something that cannot be shown";
  }
}

function describe(thrown: unknown): string[] {
  const texts: string[] = [];
  const left: unknown[] = [thrown];
  while (left.length > 0 && texts.length < maxErrors) {
    const error = left.shift();
    if (error instanceof Error) {
      texts.push(`${error.stack ?? error}`);
      if (error.cause !== undefined) left.push(error.cause);
      if (error instanceof AggregateError) left.push(...error.errors);
    } else texts.push(`Thrown: ${Deno.inspect(error)}`);
  }
  return texts;
}
