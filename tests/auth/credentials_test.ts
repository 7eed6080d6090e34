/**
 * What stands in `Authorization`: which spellings are read, and as what.
 */

import { assertEquals } from "@std/assert";
import { decodeCredentials, readClaim } from "../../lib/auth/credentials.ts";

/** Text of one character per byte as base64. */
const token = btoa;

/** The names of claims that are not read. */
const claims: readonly [values: string[], kind: string][] = [
  [[], "none"],
  [["Basic YTpi"], "YTpi"],
  [["basic YTpi"], "YTpi"],
  [["BASIC YTpi"], "YTpi"],
  [["Basic    YTpi"], "YTpi"],
  [["Basic YTpi", "Basic YTpi"], "repeated"],
  [["Bearer YTpi", "Basic YTpi"], "repeated"],
  [["Bearer YTpi"], "none"],
  [["BasicYTpi"], "none"],
  [["Basic"], "none"],
  [["Basic\tYTpi"], "none"],
  [[""], "none"],
  // No token68, but what it decodes to decides.
  [["Basic a, Basic b"], "a, Basic b"],
  [[`Basic ${"a".repeat(685)}`], "none"],
];

for (const [values, want] of claims) {
  Deno.test(`Authorization ${JSON.stringify(values).slice(0, 60)} is ${want}`, () => {
    const claim = readClaim(values.map((value) => ["authorization", value]));
    assertEquals(claim.kind === "basic" ? claim.token : claim.kind, want);
  });
}

/** A user and a password, or `null`. */
const decoded: readonly [token: string, want: [string, string] | null][] = [
  [token("a:b"), ["a", "b"]],
  [token("a:b:c"), ["a", "b:c"]],
  [token("a:"), ["a", ""]],
  [token(":b"), ["", "b"]],
  [token("__proto__:b"), ["__proto__", "b"]],
  [token("gr\xc3\xbcn:\xe2\x82\xac"), ["grün", "€"]],
  // A byte order mark is kept.
  [token("\xef\xbb\xbfa:b"), ["\ufeffa", "b"]],
  // No colon.
  [token("ab"), null],
  [token(""), null],
  // Latin-1, an overlong slash, half a character.
  [token("gr\xfcn:b"), null],
  [token("a:\xc0\xaf"), null],
  [token("a:\xe2\x82"), null],
  // Control characters.
  [token("a\0:b"), null],
  [token("a:b\0"), null],
  [token("a:b\r\n"), null],
  [token("a:b\x7f"), null],
  // Base64 that is not strict.
  ["YTpi YQ==", null],
  [" YTpi", null],
  ["YTo", null],
  ["YTo=\n", null],
  ["YTp=", null],
  ["YTpi=", null],
  ["YT-_", null],
  ["YTpi, Basic YTpi", null],
  ["YTpi\u00e9", null],
  // The longest.
  [
    token(`${"a".repeat(255)}:${"b".repeat(255)}`),
    ["a".repeat(255), "b".repeat(255)],
  ],
  [token(`a:${"b".repeat(256)}`), null],
  [token(`${"a".repeat(256)}:b`), null],
  [token(`a:${"\xc3\xbc".repeat(128)}`), null],
];

for (const [text, want] of decoded) {
  Deno.test(`credentials ${JSON.stringify(text).slice(0, 60)} of ${text.length} characters`, () => {
    const credentials = decodeCredentials(text);
    assertEquals(
      credentials && [credentials.user, credentials.password],
      want,
    );
  });
}
