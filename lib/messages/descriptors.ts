/**
 * Whether the process has file descriptors to spare. Must not know what for.
 *
 * @module
 */

// A worker that boots opens eight, and its app's modules besides.
const enough = 16;

/** A file that may be read; to ask for another one would prompt whoever starts this on a
 * terminal. */
const probe: string | null =
  ["/dev/null", import.meta.filename].find((path) =>
    path !== undefined &&
    Deno.permissions.querySync({ name: "read", path }).state === "granted"
  ) ?? null;

/**
 * Checks that a thread can be started: one that finds no descriptor aborts the process.
 * Takes 0.1 ms.
 *
 * @throws {Error} where there are too few
 */
export function requireDescriptors(): void {
  if (probe === null) return;
  const files: Deno.FsFile[] = [];
  try {
    for (let count = 0; count < enough; count++) {
      files.push(Deno.openSync(probe));
    }
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "EMFILE" || code === "ENFILE") {
      throw new Error("There are too few file descriptors left", {
        cause: error,
      });
    }
    // There is no such file here.
  } finally {
    for (const file of files) file.close();
  }
}
