/**
 * The modules of `node:` that files need, each loaded at its first use: the first of
 * them takes 35 ms and 5 MiB of a thread. Must not know what they are used for.
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
