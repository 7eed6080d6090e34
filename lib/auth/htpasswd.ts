/**
 * The file of names and hashes, as htpasswd and `openssl passwd` make it: which hashes
 * are taken, and a sentence about any other line. Pure: must not know where it is from,
 * or how a password is checked.
 *
 * @module
 */

import { isTooLong } from "./credentials.ts";

/** The hash of each user. */
export type Users = ReadonlyMap<string, string>;

/** The file of passwords cannot be used. The message is a sentence for the operator. */
export class PasswordFileError extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = "PasswordFileError";
  }
}

/** With either of them a guess takes about a second and a half, and so does the first
 * request of a user. */
const maxBcryptCost = 14;
const maxShaRounds = 500_000;

const makeAnew = "make it anew with htpasswd -B";

/**
 * Reads the file: `NAME:HASH` in each line, then perhaps a colon and a comment.
 *
 * @param name of the file, for the sentence
 * @throws {PasswordFileError} where a line cannot be used
 */
export function parseUsers(text: string, name: string): Users {
  const users = new Map<string, string>();
  const lines = new Map<string, number>();
  const rows = text.replace(/^\uFEFF/, "").split("\n");
  for (const [index, row] of rows.entries()) {
    const line = row.trimEnd();
    if (line === "" || line.startsWith("#")) continue;
    const [user, hash] = line.split(":");
    const why = lineFault(user, hash) ?? repetition(lines.get(user));
    if (why !== null) {
      throw new PasswordFileError(`Line ${index + 1} of "${name}" ${why}`);
    }
    users.set(user, hash);
    lines.set(user, index + 1);
  }
  if (users.size === 0) {
    throw new PasswordFileError(
      `"${name}" names nobody; add a user with htpasswd -B`,
    );
  }
  return users;
}

function lineFault(user: string, hash: string | undefined): string | null {
  if (hash === undefined) {
    return "has no colon; it has to be NAME:HASH, as htpasswd -B writes it";
  }
  if (user === "") return "has no name before its colon";
  // deno-lint-ignore no-control-regex
  if (isTooLong(user) || /[\0-\x1f\x7f]/.test(user)) {
    return "has a name that no client can send; choose another";
  }
  return hashFault(hash);
}

function repetition(first: number | undefined): string | null {
  return first === undefined
    ? null
    : `has the name of line ${first} again; remove one of them`;
}

const bcrypt = /^\$2[aby]\$([0-9]{2})\$[./0-9A-Za-z]{53}$/;
const sha256 =
  /^\$5\$(?:rounds=([1-9][0-9]*)\$)?[!-#%-9;-~]{1,16}\$[./0-9A-Za-z]{43}$/;
const sha512 =
  /^\$6\$(?:rounds=([1-9][0-9]*)\$)?[!-#%-9;-~]{1,16}\$[./0-9A-Za-z]{86}$/;

/** Why a hash is not taken; it is not shown, for it may be the password itself. */
function hashFault(hash: string): string | null {
  const cost = bcrypt.exec(hash)?.[1];
  if (cost !== undefined) return costFault(Number(cost));
  const sha = sha256.exec(hash) ?? sha512.exec(hash);
  if (sha !== null) return roundsFault(Number(sha[1] ?? 5000));
  if (/^\$(?:2[abxy]|[56])\$/.test(hash)) {
    return `has a hash that is cut off or broken; ${makeAnew}`;
  }
  if (/^(?:\$apr1\$|\$1\$|\{S?SHA\})/.test(hash)) {
    return `has a hash of an old kind, which is guessed fast; ${makeAnew}`;
  }
  return `has no hash that Skein knows (bcrypt, SHA-256, SHA-512); ${makeAnew}`;
}

function costFault(cost: number): string | null {
  if (cost < 4) return `has a hash that is broken; ${makeAnew}`;
  return cost <= maxBcryptCost
    ? null
    : `has a bcrypt cost of ${cost}, and each check would take seconds; ` +
      `take ${maxBcryptCost} at most (htpasswd -B -C 10)`;
}

/** crypt(3) never writes fewer rounds than 1000. */
function roundsFault(rounds: number): string | null {
  if (rounds < 1000) return `has a hash that is broken; ${makeAnew}`;
  return rounds <= maxShaRounds
    ? null
    : `has a hash of ${rounds} rounds, and each check would take seconds; ` +
      `take ${maxShaRounds} at most`;
}
