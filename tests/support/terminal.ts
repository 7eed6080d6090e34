/**
 * The command on a terminal of its own, which `script` of util-linux makes: what only a
 * person sees, and what only a keyboard sends.
 */

import { Transcript } from "../bench/transcript.ts";
import { spawnCommand } from "./command.ts";

/** Whether there is such a program. */
export const hasTerminals: boolean = await canMakeTerminals();

async function canMakeTerminals(): Promise<boolean> {
  try {
    const { success } = await new Deno.Command("script", {
      args: ["-qec", "true", "/dev/null"],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false;
  }
}

/** The command as a person at a terminal has it. */
export interface TerminalRun extends AsyncDisposable {
  /** All that the terminal shows, with its escape sequences. */
  readonly screen: Transcript;
  /** Presses keys; `\x03` is Ctrl-C. */
  press(keys: string): Promise<void>;
  /** Resolves with the exit code. */
  readonly ended: Promise<number>;
}

/** Starts the command of `deno task start` on a terminal. */
export function startOnTerminal(
  args: readonly string[],
  env: Record<string, string> = {},
): TerminalRun {
  const child = spawnCommand(args, {
    env: { NO_COLOR: "1", PORT: "", HOST: "", ...env },
    stdin: "piped",
    // The shell within must not be there to take the Ctrl-C too.
    shell: `exec script -qec "exec $(for each; do printf "'%s' " "$each"; ` +
      `done)" /dev/null`,
  });
  const screen = new Transcript(child.stdout);
  const errors = new Transcript(child.stderr);
  const keyboard = child.stdin.getWriter();
  let over = false;
  const ended = Promise.all([child.status, screen.ended, errors.ended])
    .then(([{ code }]) => {
      over = true;
      return code;
    });
  return {
    screen,
    press: (keys) => keyboard.write(new TextEncoder().encode(keys)),
    ended,
    async [Symbol.asyncDispose]() {
      if (!over) child.kill("SIGKILL");
      await keyboard.close().catch(() => {});
      await ended;
    },
  };
}
