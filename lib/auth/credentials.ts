/**
 * What a request claims in `Authorization` (RFC 9110 section 11.6.2, RFC 7617). Pure:
 * must not know who has which password.
 *
 * @module
 */

import { type Fields, trimOws } from "../http/message.ts";

/** What stands in the field. */
export type Claim =
  /** No field, another scheme, or one that cannot be read. */
  | { readonly kind: "none" }
  /** Two fields: a proxy in front may have looked at the other one. */
  | { readonly kind: "repeated" }
  /** A name and a password, still in base64. */
  | { readonly kind: "basic"; readonly token: string };

/** A name and a password. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Bytes of a name or of a password: htpasswd takes no more either. What is longer
 * would make a guess more costly. */
export const maxCredentialBytes = 255;

/** Of both with their colon, in base64. */
const maxTokenLength = Math.ceil((2 * maxCredentialBytes + 1) / 3) * 4;

const none: Claim = { kind: "none" };
const repeated: Claim = { kind: "repeated" };

/** Reads the claim of a request. */
export function readClaim(fields: Fields): Claim {
  let value: string | undefined;
  for (const field of fields) {
    if (field[0] !== "authorization") continue;
    if (value !== undefined) return repeated;
    value = field[1];
  }
  if (value === undefined) return none;
  // RFC 9110 section 11.1: the scheme is in any case, one space or more follow.
  const space = value.indexOf(" ");
  if (space < 0 || value.slice(0, space).toLowerCase() !== "basic") return none;
  const token = trimOws(value, space);
  return token.length <= maxTokenLength ? { kind: "basic", token } : none;
}

// A byte order mark is a part of the name.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/**
 * Decodes a name and a password (RFC 7617 section 2): UTF-8, without control
 * characters; the name ends at the first colon.
 *
 * @returns `null` where they cannot be read
 */
export function decodeCredentials(token: string): Credentials | null {
  const text = decodeBase64(token);
  const colon = text?.indexOf(":") ?? -1;
  // deno-lint-ignore no-control-regex
  if (text === null || colon < 0 || /[\0-\x1f\x7f]/.test(text)) return null;
  const user = text.slice(0, colon);
  const password = text.slice(colon + 1);
  return isTooLong(user) || isTooLong(password) ? null : { user, password };
}

/** Whether it has more bytes than a name or a password may have. */
export function isTooLong(text: string): boolean {
  return encoder.encode(text).length > maxCredentialBytes;
}

/** Strict: `atob` skips white space, and takes what lacks its padding. */
function decodeBase64(token: string): string | null {
  try {
    const binary = atob(token);
    if (btoa(binary) !== token) return null;
    return utf8.decode(
      Uint8Array.from(binary, (character) => character.charCodeAt(0)),
    );
  } catch {
    return null;
  }
}
