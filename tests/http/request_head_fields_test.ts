/**
 * A field line: its name and its value.
 */

import { assertEquals } from "@std/assert";
import type { Field } from "../../lib/http/message.ts";
import { parseFieldLine } from "../../lib/http/request_head.ts";
import { refusals } from "../support/rows.ts";
import { verdict } from "../support/verdict.ts";

interface FieldRow {
  readonly name: string;
  readonly wire: string;
  readonly want: Field | number;
}

const fieldRows: FieldRow[] = [
  {
    name: "lowers the name and trims the value (RFC 9112 5)",
    wire: "X-Any: b",
    want: ["x-any", "b"],
  },
  {
    name: "knows a common name in its usual spelling (RFC 9110 5.1)",
    wire: "Content-Length: 1",
    want: ["content-length", "1"],
  },
  {
    name: "knows a common name in lower case (RFC 9110 5.1)",
    wire: "content-length: 1",
    want: ["content-length", "1"],
  },
  {
    name: "knows a common name in any other case (RFC 9110 5.1)",
    wire: "cONTENT-lENGTH: 1",
    want: ["content-length", "1"],
  },
  {
    name: "takes a name that objects inherit for a name (prototype pollution)",
    wire: "__proto__: a",
    want: ["__proto__", "a"],
  },
  {
    name: "accepts every character of a token in a name (RFC 9110 5.6.2)",
    wire: "!#$%&'*+-.^_`|~09azAZ: b",
    want: ["!#$%&'*+-.^_`|~09azaz", "b"],
  },
  {
    name: "accepts a value without a space before it (RFC 9112 5)",
    wire: "A:b",
    want: ["a", "b"],
  },
  {
    name: "trims spaces and tabs on both sides (RFC 9110 5.6.3)",
    wire: "A: \t \tb\t \t ",
    want: ["a", "b"],
  },
  {
    name: "keeps white space inside a value (RFC 9110 5.5)",
    wire: "A: b \t c",
    want: ["a", "b \t c"],
  },
  {
    name: "accepts an empty value (RFC 9110 5.5)",
    wire: "A:",
    want: ["a", ""],
  },
  {
    name: "accepts a value of nothing but white space (RFC 9110 5.5)",
    wire: "A: \t ",
    want: ["a", ""],
  },
  {
    name: "keeps colons in a value (RFC 9112 5)",
    wire: "A: b:c: d",
    want: ["a", "b:c: d"],
  },
  {
    name: "keeps every 8-bit byte of a value as it is (RFC 9110 5.5)",
    wire: "A: \x80\x85\xa0\xe9\xff",
    want: ["a", "\x80\x85\xa0\xe9\xff"],
  },
  {
    name: "trims no white space but SP and HTAB (RFC 9110 5.6.3)",
    wire: "A: \xa0b\xa0",
    want: ["a", "\xa0b\xa0"],
  },
  ...refusals(400, {
    "a space before the colon (RFC 9112 5.1)": "A : b",
    "a tab before the colon (RFC 9112 5.1)": "A\t: b",
    "a space before the colon of a framing field (smuggling)":
      "Transfer-Encoding : chunked",
    "a folded line that has a colon (RFC 9112 5.2)": " A: b",
    "a line that is folded with a tab (RFC 9112 5.2)": "\tA: b",
    "a folded line without a colon (RFC 9112 5.2)": " b",
    "an empty name (RFC 9112 5)": ": b",
    "a line without a colon (RFC 9112 5)": "A b",
    "a space inside a name (RFC 9110 5.1)": "A B: c",
    "an 8-bit byte in a name (RFC 9110 5.1)": "\xc4: b",
    "a control character in a name (RFC 9110 5.1)": "A\x01: b",
    "DEL in a name (RFC 9110 5.1)": "A\x7f: b",
    "a vertical tab in front of a framing field (smuggling)":
      "\vTransfer-Encoding: chunked",
    "a vertical tab around a framing value (smuggling)":
      "Transfer-Encoding:\vchunked",
  }),
  ...[...'()<>@,;\\"/[]?={}'].map((delimiter) => ({
    name: `refuses ${delimiter} in a name (RFC 9110 5.6.2)`,
    wire: `A${delimiter}: b`,
    want: 400,
  })),
  ...controls().map((control) => ({
    name: `refuses the control ${JSON.stringify(control)} in a value ` +
      "(RFC 9110 5.5)",
    wire: `A: b${control}c`,
    want: 400,
  })),
  ...controls().map((control) => ({
    name: `refuses the control ${JSON.stringify(control)} at the end of a ` +
      "value (RFC 9110 5.5)",
    wire: `A: b${control}`,
    want: 400,
  })),
];

/** All but HTAB, which is white space. */
function controls(): string[] {
  const codes = Array.from({ length: 0x20 }, (_, code) => code);
  return [...codes, 0x7f].filter((code) => code !== 0x09)
    .map((code) => String.fromCharCode(code));
}

for (const { name, wire, want } of fieldRows) {
  Deno.test(`parseFieldLine() ${name}`, () => {
    assertEquals(verdict(() => parseFieldLine(wire)), want);
  });
}
