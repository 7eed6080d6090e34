/**
 * Whether a program is installed.
 *
 * @module
 */

/**
 * The path of `program`, or nothing. The sbin directories are where servers are installed, and are not
 * on every user's `PATH`.
 */
export async function findProgram(
  program: string,
): Promise<string | undefined> {
  const script = 'PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v "$1"';
  const { success, stdout } = await new Deno.Command("sh", {
    args: ["-c", script, "sh", program],
  })
    .output();
  return success ? new TextDecoder().decode(stdout).trim() : undefined;
}
