/**
 * The command that starts Skein, as it can be typed where it was started. Must not know
 * what is to be served.
 *
 * @module
 */

import { basename, dirname, relative } from "@std/path";
import { quoted } from "./app_project.ts";
import type { StartCommand } from "./startup_errors.ts";

/** How Skein was started, and where. */
export interface Started {
  readonly kind: StartCommand["kind"];
  /** Of the binary; else of the main module. */
  readonly path: string;
  /** The directory in which it was started. */
  readonly directory: string;
  /** Whether Deno itself came from `npx`: it may be found in no other way. */
  readonly byNpx: boolean;
}

/** The command, without arguments. */
export function startCommand(started: Started): string {
  const { kind, path, directory, byNpx } = started;
  const deno = byNpx ? "npx --yes deno" : "deno";
  switch (kind) {
    case "binary":
      return isBelow(directory, path)
        ? quoted(`./${relative(directory, path)}`)
        : quoted(path);
    case "checkout":
      return isBelow(dirname(path), directory)
        ? `${deno} task start`
        : `${deno} run -A ${quoted(path)}`;
    case "package":
      return isInstalled(path, directory)
        ? "npx skein"
        // Without it there are no directories.
        : `${deno} run -A --unstable-worker-options ${quoted(path)}`;
  }
}

function isBelow(directory: string, path: string): boolean {
  return !relative(directory, path).split("/").includes("..");
}

/** Whether `npx` finds the package: it is in `node_modules` there, or further up. */
function isInstalled(path: string, directory: string): boolean {
  for (let folder = dirname(path); folder !== dirname(folder);) {
    folder = dirname(folder);
    if (basename(folder) === "node_modules") {
      return isBelow(dirname(folder), directory);
    }
  }
  return false;
}
