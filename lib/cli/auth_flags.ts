/**
 * The flags that say who may ask, read as options. Pure: must not know `Deno`, or how an
 * option is put into effect.
 *
 * @module
 */

import { nonEmpty, UsageError } from "./flags.ts";
import type { OptionValues } from "./option_table.ts";

/** Who may ask; the path as it was given. */
export interface AuthFlags {
  readonly file: string;
  readonly plain: boolean;
}

/**
 * @returns `null` for everybody
 * @throws {UsageError} where a value is wrong, or needs another flag
 */
export function readAuth(values: OptionValues): AuthFlags | null {
  const file = nonEmpty("--basic-auth", values["basic-auth"]);
  const plain = values["basic-auth-plain"] ?? false;
  if (file !== undefined) return { file, plain };
  if (plain) throw new UsageError("--basic-auth-plain needs --basic-auth");
  return null;
}
