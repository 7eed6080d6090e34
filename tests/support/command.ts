/**
 * The command of `deno task start` as a process, with exactly the permissions that the
 * task gives it.
 */

import { fromFileUrl, join } from "@std/path";
import config from "../../deno.json" with { type: "json" };

/** Where this project is. */
export const repository = fromFileUrl(new URL("../..", import.meta.url));

/** How it is run. */
export interface CommandOptions {
  /** The directory that it is run in: this project's, if no other. */
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** What a shell does with the command, which it knows as `"$@"`. */
  readonly shell?: string;
  /** Whether something is typed. */
  readonly stdin?: "null" | "piped";
}

/** Starts it, with those arguments; what it says is piped. */
export function spawnCommand(
  args: readonly string[],
  { cwd = repository, env, shell, stdin = "null" }: CommandOptions = {},
): Deno.ChildProcess {
  const [_deno, ...flags] = config.tasks.start.command.split(" ");
  const module = join(repository, flags.pop()!);
  const command = [Deno.execPath(), ...flags, module, ...args];
  const [program, ...rest] = shell === undefined
    ? command
    : ["sh", "-c", shell, "sh", ...command];
  return new Deno.Command(program, {
    args: rest,
    cwd,
    env,
    stdin,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}
