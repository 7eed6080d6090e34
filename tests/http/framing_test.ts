/**
 * How a request's content is framed, and whether its connection goes on. The names of
 * the rows are the smuggler's vocabulary: each is something that two implementations
 * have been known to read in two ways.
 */

import { assertEquals } from "@std/assert";
import { decideFraming, type Framing } from "../../lib/http/framing.ts";
import { verdict } from "../support/verdict.ts";
import { headOf, type Row } from "../support/framing_rows.ts";
import { refusals } from "../support/rows.ts";

const bodyLimit = { bytes: 1000, flag: "--limit maxBodyBytes=N" };
const none: Framing = { kind: "none" };
const chunked: Framing = { kind: "chunked" };
const length = (length: number): Framing => ({ kind: "length", length });

const contentLengths: Row<Framing>[] = ([
  ["accepts a number (RFC 9112 6.3 rule 6)", "5", length(5)],
  ["accepts 0 (RFC 9110 8.6)", "0", length(0)],
  ["accepts leading zeros (RFC 9110 8.6)", "0005", length(5)],
  ["does not take a leading zero for octal (RFC 9110 8.6)", "010", length(10)],
  ["accepts white space around (RFC 9112 5.1)", " \t5\t ", length(5)],
  ["accepts exactly the limit", "1000", length(1000)],
  ["refuses one past the limit (RFC 9110 15.5.14)", "1001", 413],
  ["refuses 2^31 (overflow)", "2147483648", 413],
  ["refuses 2^32 plus 5 (overflow)", "4294967301", 413],
  ["refuses 2^53 plus 1 (overflow)", "9007199254740993", 413],
  ["refuses 2^64 plus 5 (overflow)", "18446744073709551621", 413],
  ["refuses 400 digits (overflow)", "9".repeat(400), 413],
  ["refuses a plus (RFC 9110 8.6)", "+1", 400],
  ["refuses a minus (RFC 9110 8.6)", "-1", 400],
  ["refuses minus 0 (RFC 9110 8.6)", "-0", 400],
  ["refuses an equal list (RFC 9112 6.3 rule 5)", "1,1", 400],
  ["refuses an equal list with a space (RFC 9112 6.3 rule 5)", "1, 1", 400],
  ["refuses a list that differs (RFC 9112 6.3 rule 5)", "1, 2", 400],
  ["refuses a comma behind (RFC 9112 6.3 rule 5)", "1,", 400],
  ["refuses a comma in front (RFC 9112 6.3 rule 5)", ",1", 400],
  ["refuses an empty value (RFC 9110 8.6)", "", 400],
  ["refuses hexadecimal (RFC 9110 8.6)", "0x10", 400],
  ["refuses hexadecimal without a prefix (RFC 9110 8.6)", "a", 400],
  ["refuses a binary prefix (RFC 9110 8.6)", "0b1", 400],
  ["refuses an exponent (RFC 9110 8.6)", "1e1", 400],
  ["refuses a fraction (RFC 9110 8.6)", "1.0", 400],
  ["refuses a space between digits (RFC 9110 8.6)", "1 0", 400],
  ["refuses a tab between digits (RFC 9110 8.6)", "1\t0", 400],
  ["refuses an underscore (RFC 9110 8.6)", "1_0", 400],
  ["refuses a unit (RFC 9110 8.6)", "1n", 400],
  ["refuses a quoted number (RFC 9110 8.6)", '"1"', 400],
  ["refuses Infinity (RFC 9110 8.6)", "Infinity", 400],
  ["refuses a parameter (RFC 9110 8.6)", "1;a", 400],
  ["refuses digits of another script (RFC 9110 8.6)", "\xb2", 400],
  ["refuses a no-break space (RFC 9110 8.6)", "1\xa0", 400],
] as const).map(([name, value, want]) => ({
  name: `${name}: Content-Length`,
  wire: [`Content-Length: ${value}`],
  want,
}));

const transferEncodings: Row<Framing>[] = ([
  ["accepts chunked (RFC 9112 6.3 rule 4)", "chunked", chunked],
  ["ignores the case of chunked (RFC 9112 7)", "cHuNkEd", chunked],
  ["accepts white space around chunked (RFC 9112 5.1)", "\t chunked ", chunked],
  ["refuses chunked twice (RFC 9112 6.1)", "chunked, chunked", 400],
  ["refuses chunked before the last (RFC 9112 6.1)", "chunked, gzip", 400],
  [
    "refuses chunked first and last (RFC 9112 6.1)",
    "chunked,gzip,chunked",
    400,
  ],
  ["does not know gzip before chunked (RFC 9112 6.1)", "gzip, chunked", 501],
  ["does not know gzip before chunked (RFC 9112 6.1)", "gzip\t,chunked", 501],
  ["refuses gzip alone (RFC 9112 6.3 rule 4)", "gzip", 400],
  ["refuses identity (RFC 9112 7)", "identity", 400],
  ["refuses identity behind chunked (RFC 9112 7)", "chunked, identity", 400],
  [
    "does not know identity before chunked (RFC 9112 7)",
    "identity, chunked",
    501,
  ],
  ["refuses xchunked (RFC 9112 6.3 rule 4)", "xchunked", 400],
  ["refuses chunkedx (RFC 9112 6.3 rule 4)", "chunkedx", 400],
  ["refuses a parameter of chunked (RFC 9112 7.1)", "chunked;q=1", 400],
  ["refuses a quoted chunked (RFC 9110 5.6.4)", '"chunked"', 400],
  ["refuses quotes around one (RFC 9110 5.6.4)", "'chunked'", 400],
  ["refuses an empty value (RFC 9112 6.3 rule 4)", "", 400],
  ["refuses a comma behind chunked (RFC 9112 6.1)", "chunked,", 400],
  ["refuses two words (RFC 9112 6.1)", "x chunked", 400],
  ["refuses white space in the word (RFC 9112 6.1)", "chun ked", 400],
  ["refuses a no-break space (RFC 9110 5.6.3)", "chunked\xa0", 400],
] as const).map(([name, value, want]) => ({
  name: `${name}: Transfer-Encoding ${JSON.stringify(value)}`,
  wire: [`Transfer-Encoding: ${value}`],
  want,
}));

const framingRows: Row<Framing>[] = [
  ...contentLengths,
  ...transferEncodings,
  {
    name: "finds no content without either (RFC 9112 6.3 rule 7)",
    wire: ["Host: h"],
    want: none,
  },
  {
    name: "finds no content without any field (RFC 9112 6.3 rule 7)",
    wire: [],
    want: none,
  },
  {
    name: "frames by the fields whatever the method (RFC 9110 9.3.1)",
    wire: ["Content-Length: 5"],
    method: "GET",
    want: length(5),
  },
  {
    name: "frames chunked content of a HEAD (RFC 9110 9.3.2)",
    wire: ["Transfer-Encoding: chunked"],
    method: "HEAD",
    want: chunked,
  },
  ...refusals(400, {
    "a Content-Length behind Transfer-Encoding (CL.TE smuggling)": [
      "Transfer-Encoding: chunked",
      "Content-Length: 5",
    ],
    "a Content-Length before Transfer-Encoding (TE.CL smuggling)": [
      "Content-Length: 5",
      "Transfer-Encoding: chunked",
    ],
    "a Content-Length of 0 with Transfer-Encoding (TE.0 smuggling)": [
      "Transfer-Encoding: chunked",
      "Content-Length: 0",
    ],
    "both where the coding is not known either (RFC 9112 6.3 rule 3)": [
      "Transfer-Encoding: gzip, chunked",
      "Content-Length: 5",
    ],
    "both where each is broken (RFC 9112 6.3 rule 3)": [
      "Transfer-Encoding: ",
      "Content-Length: x",
    ],
    "both where the length is over the limit (RFC 9112 6.3 rule 3)": [
      "Transfer-Encoding: chunked",
      "Content-Length: 1001",
    ],
    "equal Content-Lengths (CL.CL smuggling)": [
      "Content-Length: 5",
      "Content-Length: 5",
    ],
    "Content-Lengths that differ (CL.CL smuggling)": [
      "Content-Length: 5",
      "Content-Length: 6",
    ],
    "an empty Content-Length beside a good one (CL.CL smuggling)": [
      "Content-Length: ",
      "Content-Length: 5",
    ],
    "Content-Lengths of other cases (CL.CL smuggling)": [
      "Content-Length: 5",
      "content-length: 5",
    ],
    "Transfer-Encoding twice (TE.TE smuggling)": [
      "Transfer-Encoding: chunked",
      "Transfer-Encoding: chunked",
    ],
    "an unknown Transfer-Encoding beside chunked (TE.TE smuggling)": [
      "Transfer-Encoding: chunked",
      "Transfer-Encoding: x",
    ],
    "an empty Transfer-Encoding beside chunked (TE.TE smuggling)": [
      "Transfer-Encoding: ",
      "Transfer-Encoding: chunked",
    ],
  }),
  {
    name: "refuses Transfer-Encoding in HTTP/1.0 (RFC 9112 6.1)",
    wire: ["Transfer-Encoding: chunked"],
    version: "1.0",
    want: 400,
  },
  {
    name: "refuses both in HTTP/1.0 (RFC 9112 6.1)",
    wire: ["Transfer-Encoding: chunked", "Content-Length: 5"],
    version: "1.0",
    want: 400,
  },
  {
    name: "does not take Transfer_Encoding for the field (name normalization)",
    wire: ["Transfer_Encoding: chunked"],
    want: none,
  },
  {
    name: "does not take Content_Length for the field (name normalization)",
    wire: ["Content_Length: 5"],
    want: none,
  },
  {
    name: "does not take TE for the field (RFC 9110 10.1.4)",
    wire: ["TE: chunked"],
    want: none,
  },
  {
    name: "accepts a Content-Length in HTTP/1.0 (RFC 9112 6.3 rule 6)",
    wire: ["Content-Length: 5"],
    version: "1.0",
    want: length(5),
  },
  {
    name: "asks an HTTP/1.0 POST for its length (RFC 9110 15.5.12)",
    wire: [],
    version: "1.0",
    want: 411,
  },
  {
    name: "asks an HTTP/1.0 GET for none (RFC 9112 6.3 rule 7)",
    wire: [],
    version: "1.0",
    method: "GET",
    want: none,
  },
];

for (const row of framingRows) {
  Deno.test(`decideFraming() ${row.name}`, () => {
    assertEquals(
      verdict(() => decideFraming(headOf(row), bodyLimit)),
      row.want,
    );
  });
}
