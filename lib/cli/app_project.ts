/**
 * The project that an app is in: Deno runs a module by one configuration, that of the
 * module that a process began with. Must not know what is in a configuration.
 *
 * @module
 */

import { dirname, join, relative } from "@std/path";

/** A directory whose configuration is meant for what is in it. */
export interface Project {
  readonly directory: string;
  /** The name of the file, or folder, that says so. */
  readonly sign: string;
  /** The path of its `deno.json`, or `null` where it has none. */
  readonly config: string | null;
}

const configNames = ["deno.json", "deno.jsonc"];
const signs = [...configNames, "package.json", "deno.lock", "node_modules"];

/**
 * Looks in the directory of a module, and in those around it.
 *
 * @param module a path
 * @returns `null` where it is in no project
 */
export function projectOf(module: string): Project | null {
  for (let directory = dirname(module);; directory = dirname(directory)) {
    const sign = signs.find((name) => exists(join(directory, name)));
    if (sign !== undefined) {
      const config = configNames.includes(sign) ? join(directory, sign) : null;
      return { directory, sign, config };
    }
    if (directory === dirname(directory)) return null;
  }
}

/** What may not be looked at counts as absent. */
function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * Why a checkout does not run an app, and what does.
 *
 * @param app its path
 * @param dist where the checkout makes the package
 * @param tarball the name of the package
 */
export function explainForeignApp(
  app: string,
  { directory, sign, config }: Project,
  dist: string,
  tarball: string,
): string {
  const run = config === null
    ? `npm install ${
      quoted(join(dist, tarball))
    } && deno run -A npm:@skein/skein`
    : `deno run -A --config ${sign} ${
      quoted(join(dist, "package", "main.js"))
    }`;
  return `${app} belongs to a project with its own ${sign}, by which a checkout of Skein cannot run it. Make the package once, in the checkout, and use that:
  deno task package
  cd ${quoted(directory)} && ${run} --app ${quoted(relative(directory, app))}`;
}

/** A word as a shell takes it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word)
    ? word
    : `'${word.replaceAll("'", "'\\''")}'`;
}
