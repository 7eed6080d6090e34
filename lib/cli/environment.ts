/**
 * What the process was started with: its variables, and what its stderr is. Must not know
 * what they mean to whom.
 *
 * @module
 */

import type { Environment } from "./settings.ts";

/** A variable that Skein has no permission to read counts as not set. */
export function environment(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}

/** All that may be read. */
export const variables: Environment = {
  get: environment,
  *names(): Iterable<string> {
    const { state } = Deno.permissions.querySync({ name: "env" });
    if (state === "granted") yield* Object.keys(Deno.env.toObject());
  },
};

/** Whether traces are exported, as the runtime reads it. */
export function wantsTraces(): boolean {
  return ["true", "1"].includes(environment("OTEL_DENO") ?? "");
}

/** Whether a log on stderr has to say when a line was written. A person sees when it
 * comes, and the journal of systemd notes it. */
export async function wantsTime(): Promise<boolean> {
  if (Deno.stderr.isTerminal()) return false;
  // What stderr was when systemd started the process (systemd.exec(5)).
  const journal = environment("JOURNAL_STREAM");
  if (journal === undefined) return true;
  const { dev, ino } = (await import("node:fs")).fstatSync(2);
  return journal !== `${dev}:${ino}`;
}
