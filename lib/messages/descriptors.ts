/**
 * Whether the process has file descriptors to spare. Must not know what for.
 *
 * @module
 */

// A worker that boots opens eight, and its app's modules besides.
const enough = 16;

/**
 * Checks that a thread can be started: one that finds no descriptor aborts the process.
 * Takes 0.1 ms.
 *
 * @throws {Error} where there are too few
 */
export function requireDescriptors(): void {
  const files: Deno.FsFile[] = [];
  try {
    for (let count = 0; count < enough; count++) {
      files.push(Deno.openSync("/dev/null"));
    }
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "EMFILE" || code === "ENFILE") {
      throw new Error("There are too few file descriptors left", {
        cause: error,
      });
    }
    // There is no such file here, or it may not be read.
  } finally {
    for (const file of files) file.close();
  }
}
