/**
 * The modules that files need now and then, each loaded at its first use: the first one
 * of `node:` takes 35 ms and 5 MiB of a thread. Must not know what they are used for.
 *
 * @module
 */

type Name = "node:crypto" | "node:fs" | "node:zlib";

let getModule: ((name: Name) => object | undefined) | null = null;

/** Takes what loads modules before an app can replace it. */
export function prepareModules(): void {
  const { process } = globalThis as unknown as {
    process: { getBuiltinModule: (name: Name) => object | undefined };
  };
  getModule = process.getBuiltinModule;
}

/** @returns a function that loads the module when it is called first */
function late<T>(name: Name): () => T {
  let module: T | undefined;
  return () => module ??= load(name) as T;
}

function load(name: Name): object {
  if (getModule === null) prepareModules();
  return getModule!(name)!;
}

export const crypto: () => typeof import("node:crypto") = late("node:crypto");
export const fs: () => typeof import("node:fs") = late("node:fs");
export const zlib: () => typeof import("node:zlib") = late("node:zlib");

/** Thrown where a module that cannot be loaded at once is needed: what was to be done can
 * be done again, from its beginning, when it is there. */
export class NotLoaded extends Error {
  readonly loading: Promise<unknown>;

  constructor(loading: Promise<unknown>) {
    super("A module is still being loaded");
    this.name = "NotLoaded";
    this.loading = loading;
  }
}

let readme: typeof import("./listing/readme.ts") | null = null;

/** @throws {NotLoaded} */
export function readmes(): typeof import("./listing/readme.ts") {
  if (readme !== null) return readme;
  throw new NotLoaded(
    import("./listing/readme.ts").then((module) => readme = module),
  );
}
