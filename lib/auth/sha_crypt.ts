/**
 * The hashes `$5$` and `$6$` of crypt(3), by Ulrich Drepper's "Unix crypt using SHA-256
 * and SHA-512" (the numbers are those of its steps). Must not know files or threads.
 *
 * It is here because no package does it right: unixcrypt 3.0.4, the only one that is
 * kept, hashes passwords of 32, 64 or 96 bytes wrongly, and those are what
 * `openssl rand -hex` makes.
 *
 * @module
 */

import { createHash } from "node:crypto";

const encoder = new TextEncoder();

/** How the bytes of a digest follow each other in the text of a hash. */
interface Kind {
  readonly name: "sha256" | "sha512";
  readonly size: number;
  readonly order: readonly (readonly number[])[];
}

const kinds: Readonly<Record<string, Kind>> = {
  5: { name: "sha256", size: 32, order: [...triples(10, 2), [30, 31]] },
  6: { name: "sha512", size: 64, order: [...triples(21, 1), [63]] },
};

/** Threes of bytes, the lowest first: each three is the one before, turned round and one
 * further. */
function triples(count: number, turn: 1 | 2): number[][] {
  const all = [[2 * count, count, 0]];
  while (all.length < count) {
    const last = all[all.length - 1];
    const turned = turn === 1
      ? [last[2], last[0], last[1]]
      : [last[1], last[2], last[0]];
    all.push(turned.map((index) => index + 1));
  }
  return all;
}

/**
 * Hashes a password as a hash was made.
 *
 * @param like such a hash, or what it begins with: `$6$rounds=5000$salt`
 */
export function shaCrypt(password: string, like: string): string {
  const [, id, rounds, salt] = /^\$([56])\$(?:rounds=([0-9]+)\$)?([^$]{0,16})/
    .exec(like)!;
  const kind = kinds[id];
  const key = encoder.encode(password);
  const bytes = digest(kind, key, encoder.encode(salt), Number(rounds ?? 5000));
  const told = rounds === undefined ? "" : `rounds=${rounds}$`;
  return `$${id}$${told}${salt}$${kind.order.map(textOf(bytes)).join("")}`;
}

function digest(
  kind: Kind,
  key: Uint8Array,
  salt: Uint8Array,
  rounds: number,
): Uint8Array {
  const hash = (...parts: Uint8Array[]) => {
    const sum = createHash(kind.name);
    for (const part of parts) sum.update(part);
    return sum.digest();
  };
  // 1 to 12
  const b = hash(key, salt, key);
  const bits = Array.from(key.length.toString(2)).reverse();
  const chosen = bits.map((bit) => bit === "1" ? b : key);
  let sum = hash(
    ...[key, salt, repeated(b, key.length)],
    ...key.length === 0 ? [] : chosen,
  );
  // 13 to 16
  const p = repeated(
    hash(...Array.from(key, () => key)),
    key.length,
  );
  // 17 to 20
  const s = repeated(
    hash(...new Array<Uint8Array>(16 + sum[0]).fill(salt)),
    salt.length,
  );
  // 21
  for (let round = 0; round < rounds; round++) {
    const odd = round % 2 === 1;
    sum = hash(
      odd ? p : sum,
      ...round % 3 === 0 ? [] : [s],
      ...round % 7 === 0 ? [] : [p],
      odd ? sum : p,
    );
  }
  return sum;
}

/** The bytes again and again, up to that length. */
function repeated(bytes: Uint8Array, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => bytes[index % bytes.length]);
}

const alphabet =
  "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** 22: six bits a character, the lowest first. */
function textOf(digest: Uint8Array): (indices: readonly number[]) => string {
  return (indices) => {
    let bits = 0;
    indices.forEach((index, place) => bits |= digest[index] << (8 * place));
    const count = indices.length + 1;
    return Array.from(
      { length: count },
      (_, place) => alphabet[(bits >> (6 * place)) & 0x3f],
    ).join("");
  };
}
