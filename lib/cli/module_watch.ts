/**
 * Tells when the modules of an app change: its own file, and whatever beside or
 * below it could be imported. Must not know what is done then.
 *
 * @module
 */

import { dirname, extname, join } from "@std/path";

/** What can be imported. Data that an app writes for itself is rarely one of them. */
const moduleExtensions = new Set([
  ...[".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx"],
  ...[".json", ".jsonc", ".wasm"],
]);

// An editor that saves writes, renames and sets times within some milliseconds.
const settleMs = 100;

/** A watch that goes on until it is closed. */
export interface ModuleWatch extends Disposable {
  /** Rejects where it cannot go on. */
  readonly ended: Promise<void>;
}

/**
 * Watches the directory of a module and those below it, but for `node_modules`
 * and those whose names begin with a dot: what is installed changes many files at
 * once, and there may be more than can be watched.
 *
 * @param module the path of its file
 * @param onChange is called once for changes that come together
 */
export function watchModules(
  module: string,
  onChange: () => void,
): ModuleWatch {
  const top = dirname(module);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let watcher = watchTree(top);
  let closed = false;
  // Not put off by further changes: there may be some all the time.
  const change = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      onChange();
    }, settleMs);
  };
  const run = async () => {
    while (!closed) {
      const grown = await untilGrown(watcher, change);
      if (closed || grown.length === 0) return;
      watcher.close();
      watcher = watchTree(top);
      // What came into a new directory before it was watched.
      if (grown.some(hasModules)) change();
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

/** @returns the directories that have come; none at the end of the watch */
async function untilGrown(
  watcher: Deno.FsWatcher,
  onChange: () => void,
): Promise<string[]> {
  for await (const { kind, paths } of watcher) {
    // Reading a module is one, too.
    if (kind === "access" || kind === "any" || kind === "other") continue;
    if (paths.some(isModule)) onChange();
    if (kind !== "create" && kind !== "rename") continue;
    const grown = paths.filter(isDirectory);
    if (grown.length > 0) return grown;
  }
  return [];
}

function isModule(path: string): boolean {
  return moduleExtensions.has(extname(path));
}

function hasModules(directory: string): boolean {
  for (const each of directoriesIn(directory)) {
    if (entriesOf(each).some(({ name }) => isModule(name))) return true;
  }
  return false;
}

function watchTree(top: string): Deno.FsWatcher {
  return Deno.watchFs([...directoriesIn(top)], { recursive: false });
}

function* directoriesIn(top: string): Generator<string> {
  yield top;
  for (const { name, isDirectory } of entriesOf(top)) {
    if (!isDirectory || name === "node_modules" || name.startsWith(".")) {
      continue;
    }
    yield* directoriesIn(join(top, name));
  }
}

/** None where it is gone, or not for us. */
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
