/**
 * Watches the modules of an app: its own file, and all files in the same directory and
 * below that could be imported. Must not know what happens after a change.
 *
 * @module
 */

import { dirname, extname, join } from "@std/path";

/** What can be imported. Data that an app writes rarely has one of these. */
const moduleExtensions = new Set([
  ...[".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx"],
  ...[".json", ".jsonc", ".wasm"],
]);

// An editor that saves writes, renames and sets times within some milliseconds.
const settleMs = 100;

/**
 * Watches the directory of a module and those below it, except `node_modules` and
 * directories whose names begin with a dot. An installation changes many files there at
 * once, and there may be more directories than the system can watch.
 *
 * @param module the path of its file
 * @param onChange called once for changes that come together
 * @returns `ended` resolves when the watch was disposed of, and rejects where it fails
 */
export function watchModules(
  module: string,
  onChange: () => void,
): Disposable & { readonly ended: Promise<void> } {
  const top = dirname(module);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let watcher = watchTree(top);
  let closed = false;
  // A further change does not restart the timer: changes may never stop.
  const change = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      onChange();
    }, settleMs);
  };
  const run = async () => {
    while (!closed) {
      const added = await nextDirectories(watcher, change);
      if (closed || added.length === 0) return;
      watcher.close();
      watcher = watchTree(top);
      // Modules may have been written into a directory before it was watched.
      if (added.some(hasModules)) change();
    }
  };
  return {
    ended: run(),
    [Symbol.dispose]() {
      closed = true;
      clearTimeout(timer);
      watcher.close();
    },
  };
}

/** Resolves with the next new directories; with an empty list when the watch ends. */
async function nextDirectories(
  watcher: Deno.FsWatcher,
  onChange: () => void,
): Promise<string[]> {
  for await (const { kind, paths } of watcher) {
    // Such events also come when a module is only read.
    if (kind === "access" || kind === "any" || kind === "other") continue;
    if (paths.some(isModule)) onChange();
    if (kind !== "create" && kind !== "rename") continue;
    const added = paths.filter(isDirectory);
    if (added.length > 0) return added;
  }
  return [];
}

function isModule(path: string): boolean {
  return moduleExtensions.has(extname(path));
}

function hasModules(directory: string): boolean {
  return directoriesIn(directory).some((each) =>
    entriesOf(each).some(({ name }) => isModule(name))
  );
}

function watchTree(top: string): Deno.FsWatcher {
  return Deno.watchFs([...directoriesIn(top)], { recursive: false });
}

function* directoriesIn(top: string): Generator<string> {
  yield top;
  for (const { name, isDirectory } of entriesOf(top)) {
    if (isDirectory && name !== "node_modules" && !name.startsWith(".")) {
      yield* directoriesIn(join(top, name));
    }
  }
}

/** An empty list where the directory is gone or may not be read. */
function entriesOf(directory: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(directory)];
  } catch {
    return [];
  }
}

function isDirectory(path: string): boolean {
  try {
    return Deno.lstatSync(path).isDirectory;
  } catch {
    return false;
  }
}
