/**
 * What a head says of its connection: whether it goes on, and whether its client waits for
 * a word before it sends its content.
 */

import { assertEquals } from "@std/assert";
import { expectsContinue } from "../../lib/http/framing.ts";
import {
  type PersistenceFacts,
  staysOpen,
  wantsToStay,
} from "../../lib/http/persistence.ts";
import type { BodyFraming } from "../../lib/http/response_head.ts";
import { verdict } from "../support/verdict.ts";
import { headOf, type Row } from "../support/framing_rows.ts";
import { refusals } from "../support/rows.ts";

const expectRows: Row<boolean>[] = [
  {
    name: "says no without Expect (RFC 9110 10.1.1)",
    wire: ["Host: h"],
    want: false,
  },
  {
    name: "says yes to 100-continue (RFC 9110 10.1.1)",
    wire: ["Expect: 100-continue"],
    want: true,
  },
  {
    name: "ignores the case of 100-continue (RFC 9110 10.1.1)",
    wire: ["Expect: 100-Continue"],
    want: true,
  },
  {
    name: "ignores 100-continue in HTTP/1.0 (RFC 9110 10.1.1)",
    wire: ["Expect: 100-continue"],
    version: "1.0",
    want: false,
  },
  {
    name: "ignores any expectation in HTTP/1.0 (RFC 9110 10.1.1)",
    wire: ["Expect: x"],
    version: "1.0",
    want: false,
  },
  ...refusals(417, {
    "another expectation (RFC 9110 15.5.18)": ["Expect: x"],
    "another expectation beside 100-continue (RFC 9110 15.5.18)": [
      "Expect: 100-continue, x",
    ],
    "another expectation in a second field (RFC 9110 15.5.18)": [
      "Expect: 100-continue",
      "Expect: x",
    ],
    "a value of 100-continue (RFC 9110 10.1.1)": ["Expect: 100-continue=1"],
  }),
];

for (const row of expectRows) {
  Deno.test(`expectsContinue() ${row.name}`, () => {
    assertEquals(verdict(() => expectsContinue(headOf(row))), row.want);
  });
}

const connectionRows: Row<boolean>[] = [
  { name: "keeps HTTP/1.1 open (RFC 9112 9.3)", wire: [], want: true },
  {
    name: "ends HTTP/1.0 (RFC 9112 9.3)",
    wire: [],
    version: "1.0",
    want: false,
  },
  {
    name: "keeps HTTP/1.0 open on keep-alive (RFC 9112 9.3)",
    wire: ["Connection: keep-alive"],
    version: "1.0",
    want: true,
  },
  {
    name:
      "keeps HTTP/1.0 open on Keep-Alive, whatever its case (RFC 9110 7.6.1)",
    wire: ["Connection: Keep-Alive"],
    version: "1.0",
    want: true,
  },
  {
    name: "ends HTTP/1.1 on close (RFC 9112 9.6)",
    wire: ["Connection: close"],
    want: false,
  },
  {
    name: "ignores the case of close (RFC 9110 7.6.1)",
    wire: ["Connection: CLOSE"],
    want: false,
  },
  {
    name: "finds close among other options (RFC 9110 7.6.1)",
    wire: ["Connection: TE ,\tclose, x"],
    want: false,
  },
  {
    name: "finds close in a second field (RFC 9110 5.3)",
    wire: ["Connection: x", "Connection: close"],
    want: false,
  },
  {
    name: "finds keep-alive among other options (RFC 9110 7.6.1)",
    wire: ["Connection: TE, keep-alive"],
    version: "1.0",
    want: true,
  },
  {
    name: "lets close win over keep-alive (RFC 9112 9.3)",
    wire: ["Connection: keep-alive, close"],
    want: false,
  },
  {
    name: "lets close win over keep-alive in HTTP/1.0 (RFC 9112 9.3)",
    wire: ["Connection: close, keep-alive"],
    version: "1.0",
    want: false,
  },
  {
    name: "takes nothing that only contains close for it (RFC 9110 7.6.1)",
    wire: ["Connection: x-close, closed"],
    want: true,
  },
  {
    name: "takes Keep-Alive, the field, for nothing (RFC 9112 9.3)",
    wire: ["Keep-Alive: timeout=5"],
    version: "1.0",
    want: false,
  },
  {
    name: "ignores empty members of the list (RFC 9110 5.6.1)",
    wire: ["Connection: , ,"],
    want: true,
  },
];

for (const row of connectionRows) {
  Deno.test(`wantsToStay() ${row.name}`, () => {
    const { version, fields } = headOf(row);
    assertEquals(wantsToStay(version, fields), row.want);
  });
}

const goingOn: PersistenceFacts = {
  wanted: true,
  closing: false,
  body: "complete",
};

const decisions: {
  name: string;
  facts?: Partial<PersistenceFacts>;
  framing?: BodyFraming;
  want: boolean;
}[] = [
  { name: "goes on where nothing speaks against it", want: true },
  {
    name: "ends where the client wants it (RFC 9112 9.6)",
    facts: { wanted: false },
    want: false,
  },
  { name: "ends where the server does", facts: { closing: true }, want: false },
  {
    name: "goes on while the handler may still read the body",
    facts: { body: "reading" },
    want: true,
  },
  {
    name: "ends where the body is left unread (RFC 9112 9.3)",
    facts: { body: "abandoned" },
    want: false,
  },
  { name: "goes on after a chunked body", framing: "chunked", want: true },
  { name: "goes on after a body with a length", framing: 5, want: true },
  {
    name: "ends where its end is the end of the body (RFC 9112 6.3)",
    framing: "close",
    want: false,
  },
];

for (const { name, facts, framing = "none", want } of decisions) {
  Deno.test(`a connection ${name}`, () => {
    assertEquals(staysOpen({ ...goingOn, ...facts }, framing), want);
  });
}
