/**
 * Finds the options of a project: `skein.json`, or the key `skein` of its `deno.json`.
 * Must not know what an option means.
 *
 * @module
 */

import { join } from "@std/path";
import { UsageError } from "./flags.ts";
import type { SettingsFile } from "./settings.ts";

/**
 * Reads the options of a directory.
 *
 * @returns `null` where it has none
 * @throws {UsageError} where a file cannot be read
 */
export async function readSettingsFile(
  directory: string,
): Promise<SettingsFile | null> {
  const own = await readJson(directory, "skein.json");
  if (own !== undefined) return { name: "skein.json", content: own };
  for (const name of ["deno.json", "deno.jsonc"]) {
    const project = await readJson(directory, name) as
      | { skein?: unknown }
      | null
      | undefined;
    const content = project?.skein;
    if (content !== undefined) return { name: `"skein" of ${name}`, content };
  }
  return null;
}

async function readJson(directory: string, name: string): Promise<unknown> {
  const text = readText(join(directory, name));
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return await readCommented(name, text);
  }
}

/** With comments, as Deno's own files may have them. */
async function readCommented(name: string, text: string): Promise<unknown> {
  const { default: strip } = await import("strip-json-comments");
  try {
    return JSON.parse(strip(text, { trailingCommas: true }));
  } catch (error) {
    throw new UsageError(`${name} is not JSON: ${(error as Error).message}`);
  }
}

/** `null` where there is none, or none that Skein may read. */
function readText(path: string): string | null {
  const { state } = Deno.permissions.querySync({ name: "read", path });
  if (state !== "granted") return null;
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.IsADirectory
    ) return null;
    throw new UsageError(
      `${path} cannot be read: ${(error as Error).message}`,
    );
  }
}
