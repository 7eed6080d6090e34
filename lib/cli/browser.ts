/**
 * Opens a page in the browser of this machine. Must not know what is on the page.
 *
 * @module
 */

/** The program of each system that opens a URL with what the user has chosen. */
const openers: Readonly<Record<string, readonly string[]>> = {
  linux: ["xdg-open"],
  darwin: ["open"],
  windows: ["rundll32", "url.dll,FileProtocolHandler"],
};

/**
 * Gives the permission to run such a program up, before any app runs.
 * `deno task start` has it for `--open` alone.
 */
export function renounceOpeners(): void {
  for (const [command] of Object.values(openers)) {
    Deno.permissions.revokeSync({ name: "run", command });
  }
}

/**
 * Opens a page. Resolves when the program has done so.
 *
 * @throws {Error} that says why there is no browser
 */
export async function openBrowser(url: string): Promise<void> {
  const [command, ...args] = openers[Deno.build.os] ?? openers.linux;
  const options = { stdin: "null", stdout: "null", stderr: "null" } as const;
  let status: Deno.CommandStatus;
  try {
    const program = new Deno.Command(command, {
      args: [...args, url],
      ...options,
    });
    status = await program.spawn().status;
  } catch (error) {
    throw new Error(why(error, command));
  }
  if (!status.success) {
    throw new Error(`${command} ended with code ${status.code}`);
  }
}

function why(error: unknown, command: string): string {
  if (error instanceof Deno.errors.NotFound) {
    return `the program ${command} is not installed`;
  }
  if (error instanceof Deno.errors.NotCapable) {
    return `that needs --allow-run=${command}`;
  }
  return (error as Error).message;
}
