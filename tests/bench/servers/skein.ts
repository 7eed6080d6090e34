/**
 * Skein itself, from this checkout or from another one beside it.
 *
 * @module
 */

import { onPrintedUrl } from "../ready.ts";
import type { Server } from "../scenario.ts";

/** A directory with Skein in it, and the name its rows get. */
export interface Checkout {
  name: string;
  dir: string;
}

const denoRun = [
  "run",
  "--no-prompt",
  "--allow-net",
  "--allow-read",
  "--allow-env=PORT,HOST,INIT_CWD",
];

/** Skein as `deno task start` runs it; `args` are its arguments, given the root to serve. */
export function skein(
  { name, dir }: Checkout,
  args = (root: string) => [root],
): Server {
  return {
    name,
    start({ root, children }) {
      const command = [
        Deno.execPath(),
        ...denoRun,
        "main.ts",
        "--port",
        "0",
        ...args(root),
      ];
      return onPrintedUrl(children.spawn(command, dir));
    },
  };
}

/** Skein that runs the module `app`, with `options` besides. */
export function skeinApp(
  checkout: Checkout,
  app: string,
  ...options: string[]
): Server {
  return skein(checkout, () => ["--app", app, ...options]);
}

/**
 * Does for another checkout what `deno task` did for this one. If it cannot be done, Skein does not
 * start there, and its rows say why.
 */
export async function fetchPackages(dir: string): Promise<void> {
  const args = ["task", "std"];
  await new Deno.Command(Deno.execPath(), { args, cwd: dir }).output();
}

/** Whether there is a Skein to start in `dir`. */
export async function hasSkein(dir: string): Promise<boolean> {
  return await Deno.stat(`${dir}/main.ts`).then(
    ({ isFile }) => isFile,
    () => false,
  );
}
