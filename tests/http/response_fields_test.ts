/**
 * Response fields as text. What gets past here is written as it is, so this is where
 * response splitting ends.
 */

import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  encodeFieldLines,
  UnsendableFieldError,
} from "../../lib/http/response_fields.ts";
import type { Field, Fields } from "../../lib/http/message.ts";

const good: [name: string, fields: Fields, want: string][] = [
  ["no fields", [], ""],
  ["a field", [["ETag", '"1"']], 'ETag: "1"\r\n'],
  [
    "names in their case and order",
    [["b", "1"], ["A", "2"], ["b", "3"]],
    "b: 1\r\nA: 2\r\nb: 3\r\n",
  ],
  ["an empty value", [["A", ""]], "A: \r\n"],
  ["tabs and spaces in a value", [["A", "b\t c"]], "A: b\t c\r\n"],
  ["8-bit characters, a byte each", [["A", "\x80\xff"]], "A: \x80\xff\r\n"],
  [
    "every character of a token",
    [["!#$%&'*+-.^_`|~09azAZ", "b"]],
    "!#$%&'*+-.^_`|~09azAZ: b\r\n",
  ],
  ["Set-Cookie more than once (RFC 9110 5.3)", [["Set-Cookie", "a"], [
    "Set-Cookie",
    "b",
  ]], "Set-Cookie: a\r\nSet-Cookie: b\r\n"],
];

for (const [name, fields, want] of good) {
  Deno.test(`encodeFieldLines() encodes ${name}`, () => {
    assertEquals(encodeFieldLines(fields), want);
  });
}

const bad: [name: string, field: Field][] = [
  ["a CRLF in a value (response splitting)", ["A", "b\r\nSet-Cookie: c"]],
  ["a LF in a value (response splitting)", ["A", "b\nSet-Cookie: c"]],
  ["a CR in a value (response splitting)", ["A", "b\rSet-Cookie: c"]],
  ["a CRLF at the end of a value (response splitting)", ["A", "b\r\n"]],
  ["a LF at the end of a value (response splitting)", ["A", "b\n"]],
  ["a NUL in a value (RFC 9110 5.5)", ["A", "b\0"]],
  ["a control character in a value (RFC 9110 5.5)", ["A", "b\x1b"]],
  ["DEL in a value (RFC 9110 5.5)", ["A", "b\x7f"]],
  ["a character that ends in a LF's byte (response splitting by truncation)", [
    "A",
    "b\u010a",
  ]],
  ["a character that ends in a CR's byte (response splitting by truncation)", [
    "A",
    "b\u560d",
  ]],
  ["a character past 8 bits", ["A", "\u20ac"]],
  ["a surrogate", ["A", "\ud83d"]],
  ["a CRLF in a name (response splitting)", ["A: b\r\nC", "d"]],
  ["a colon in a name (RFC 9110 5.1)", ["A:", "b"]],
  ["a space in a name (RFC 9110 5.1)", ["A ", "b"]],
  ["a space behind a name that is the writer's own", ["Content-Length ", "1"]],
  ["a LF behind a name that is the writer's own", ["Connection\n", "close"]],
  ["an empty name (RFC 9110 5.1)", ["", "b"]],
  ["an 8-bit name (RFC 9110 5.1)", ["\xe9", "b"]],
];

for (const [name, field] of bad) {
  Deno.test(`encodeFieldLines() throws on ${name}`, () => {
    for (const fields of [[field], [["X", "y"] as const, field]]) {
      assertThrows(() => encodeFieldLines(fields), UnsendableFieldError);
      // And again: a refusal is not remembered as an answer.
      assertThrows(() => encodeFieldLines(fields), UnsendableFieldError);
    }
  });
}

Deno.test("encodeFieldLines() leaves out what the writer decides, whatever its case (RFC 9110 7.6.1)", () => {
  const own = [
    "Connection",
    "content-length",
    "DATE",
    "Keep-Alive",
    "Proxy-Connection",
    "Server",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "tRANSFER-eNCODING",
    "Upgrade",
  ];
  const fields = own.map((name): Field => [name, "x"]);
  assertEquals(encodeFieldLines([...fields, ["A", "b"]]), "A: b\r\n");
});

Deno.test("encodeFieldLines() checks no value that it leaves out, for it is not sent", () => {
  assertEquals(encodeFieldLines([["Content-Length", "1\r\n\r\n"]]), "");
});

Deno.test("encodeFieldLines() gives the same text for the same array", () => {
  const fields: Fields = [["A", "b"]];
  assertStrictEquals(encodeFieldLines(fields), encodeFieldLines(fields));
  assertEquals(encodeFieldLines([["A", "c"]]), "A: c\r\n");
});

Deno.test("UnsendableFieldError shows what it is about without its controls", () => {
  const error = assertThrows(
    () => encodeFieldLines([["A", "b\r\nc"]]),
    UnsendableFieldError,
  );
  assertEquals(error.message, 'Cannot send the field value "b\\r\\nc"');
});

Deno.test("encodeFieldLines() refuses heads that no client would take", () => {
  const cookies = (count: number): Field[] =>
    Array.from({ length: count }, () => ["Set-Cookie", "a".repeat(1000)]);
  assertEquals(encodeFieldLines(cookies(200)).length, 200 * 1014);
  assertThrows(() => encodeFieldLines(cookies(300)), UnsendableFieldError);
});
