/**
 * The flags for secure connections, read as options. Pure: must not know `Deno`, or how
 * an option is put into effect.
 *
 * @module
 */

import type { ListenAddress } from "../server/listen.ts";
import { nonEmpty, UsageError } from "./flags.ts";
import { readAddress } from "./operate_flags.ts";
import type { OptionValues } from "./option_table.ts";

/** How connections are secured; paths as they were given. */
export interface TlsFlags {
  readonly pairs: readonly { readonly cert: string; readonly key: string }[];
  readonly clientCa: string | null;
  readonly clientOptional: boolean;
  readonly redirectFrom: ListenAddress | null;
  readonly hsts: boolean;
}

/**
 * @returns `null` for plain HTTP
 * @throws {UsageError} where a value is wrong, or needs another flag
 */
export function readTls(values: OptionValues): TlsFlags | null {
  const { "tls-cert": certs = [], "tls-key": keys = [] } = values;
  if (certs.length !== keys.length) {
    throw new UsageError(
      certs.length > keys.length
        ? "--tls-cert needs a --tls-key with it, in the same order"
        : "--tls-key needs a --tls-cert with it, in the same order",
    );
  }
  if (certs.length === 0) {
    refuseWithoutTls(values);
    return null;
  }
  const clientCa = nonEmpty("--tls-client-ca", values["tls-client-ca"]) ?? null;
  const clientOptional = values["tls-client-optional"] ?? false;
  if (clientOptional && clientCa === null) {
    throw new UsageError("--tls-client-optional needs --tls-client-ca");
  }
  const redirect = values["https-redirect"];
  return {
    pairs: certs.map((cert, index) => ({
      cert: nonEmpty("--tls-cert", cert)!,
      key: nonEmpty("--tls-key", keys[index])!,
    })),
    clientCa,
    clientOptional,
    redirectFrom: redirect === undefined
      ? null
      : readAddress("--https-redirect", redirect),
    hsts: values.hsts ?? false,
  };
}

const needTls = [
  "tls-client-ca",
  "tls-client-optional",
  "https-redirect",
  "hsts",
] as const;

function refuseWithoutTls(values: OptionValues): void {
  for (const flag of needTls) {
    const value = values[flag];
    if (value === undefined || value === false) continue;
    throw new UsageError(`--${flag} needs --tls-cert and --tls-key`);
  }
}
