/**
 * The file of names and hashes: what is taken, and what is said of anything else.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { parseUsers, PasswordFileError } from "../../lib/auth/htpasswd.ts";

const bcrypt = (cost = "10", version = "y") =>
  `$2${version}$${cost}$${"./AZaz09".repeat(7).slice(0, 53)}`;
const sha256 = (rounds = "") => `$5$${rounds}salt$${"a".repeat(43)}`;
const sha512 = (rounds = "") => `$6$${rounds}salt$${"a".repeat(86)}`;

const taken: readonly [text: string, users: string[]][] = [
  [`a:${bcrypt()}`, ["a"]],
  [`a:${bcrypt("04", "a")}\nb:${bcrypt("14", "b")}\n`, ["a", "b"]],
  [`a:${sha256()}\r\nb:${sha512("rounds=500000$")}\r\n`, ["a", "b"]],
  [`# c\n\n  \na:${sha512()}  \n#b:${bcrypt()}\n`, ["a"]],
  [`a:${bcrypt()}:Ann of the office`, ["a"]],
  [`\ufeffa:${bcrypt()}`, ["a"]],
  [`a b:${bcrypt()}\ngrün:${bcrypt()}`, ["a b", "grün"]],
  [`__proto__:${bcrypt()}\nconstructor:${bcrypt()}`, [
    "__proto__",
    "constructor",
  ]],
];

for (const [text, want] of taken) {
  Deno.test(`parseUsers() takes ${JSON.stringify(text).slice(0, 70)}`, () => {
    assertEquals([...parseUsers(text, "f").keys()], want);
  });
}

const anew = "make it anew with htpasswd -B";
const unknown =
  `has no hash that Skein knows (bcrypt, SHA-256, SHA-512); ${anew}`;
const old = `has a hash of an old kind, which is guessed fast; ${anew}`;
const broken = `has a hash that is cut off or broken; ${anew}`;
const costly = (what: string) =>
  `has ${what}, and each check would take seconds; take`;

const refused: readonly [text: string, why: string, line?: number][] = [
  ["a", "has no colon; it has to be NAME:HASH, as htpasswd -B writes it"],
  [`:${bcrypt()}`, "has no name before its colon"],
  [
    `${"a".repeat(256)}:${bcrypt()}`,
    "has a name that no client can send; choose another",
  ],
  [`a\0b:${bcrypt()}`, "has a name that no client can send; choose another"],
  [
    `a:${bcrypt()}\n\na:${sha256()}`,
    "has the name of line 1 again; remove one of them",
    3,
  ],
  ["a:", unknown],
  ["a:secret", unknown],
  ["a:rqXexS6ZhobKA", unknown],
  ["a:$y$j9T$salt$hash", unknown],
  ["a:$apr1$salt$qJ1w3r8Mn7bQyT8k1b0bS/", old],
  ["a:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", old],
  ["a:{SSHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", old],
  ["a:$1$salt$qJ1w3r8Mn7bQyT8k1b0bS/", old],
  [`a:${bcrypt().slice(0, -1)}`, broken],
  [`a:${bcrypt("10", "x")}`, broken],
  [`a:${sha512().slice(0, -1)}`, broken],
  [`a:${sha256("rounds=$")}`, broken],
  [`a:${sha256("rounds=05000$")}`, broken],
  ["a:$6$", broken],
  [`a:${bcrypt("03")}`, `has a hash that is broken; ${anew}`],
  [`a:${sha256("rounds=999$")}`, `has a hash that is broken; ${anew}`],
  [
    `a:${bcrypt("15")}`,
    `${costly("a bcrypt cost of 15")} 14 at most (htpasswd -B -C 10)`,
  ],
  [
    `a:${sha512("rounds=500001$")}`,
    `${costly("a hash of 500001 rounds")} 500000 at most`,
  ],
];

for (const [text, why, line = 1] of refused) {
  Deno.test(`parseUsers() refuses ${JSON.stringify(text).slice(0, 70)}: ${why}`, () => {
    assertThrows(
      () => parseUsers(text, "f"),
      PasswordFileError,
      `Line ${line} of "f" ${why}`,
    );
  });
}

Deno.test("parseUsers() refuses a file that names nobody", () => {
  for (const text of ["", "\n# a:b\n"]) {
    assertThrows(
      () => parseUsers(text, "f"),
      PasswordFileError,
      '"f" names nobody; add a user with htpasswd -B',
    );
  }
});
