/**
 * An error as text for the log, whatever it is that was thrown. Must not know who
 * logs it.
 *
 * @module
 */

// A chain of causes may be a ring.
const maxCauses = 8;

/**
 * The stack of an error and of what caused it, or a look at what else was thrown.
 * Never throws itself, and always a string: an app may throw what cannot be shown,
 * or an error whose stack cannot cross between threads.
 */
export function traceOf(error: unknown): string {
  try {
    return describe(error, maxCauses);
  } catch {
    return "Thrown: something that cannot be shown";
  }
}

function describe(error: unknown, left: number): string {
  if (!(error instanceof Error)) return `Thrown: ${Deno.inspect(error)}`;
  const causes: unknown[] = error.cause === undefined ? [] : [error.cause];
  if (error instanceof AggregateError) causes.push(...error.errors);
  const lines = [`${error.stack ?? error}`];
  for (const cause of causes.slice(0, left)) {
    lines.push(`Caused by: ${describe(cause, left - 1)}`);
  }
  return lines.join("\n");
}
