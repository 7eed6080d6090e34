/**
 * Lines that are added to heads which have been encoded already.
 */

import { assertEquals } from "@std/assert";
import {
  addLines,
  closing,
  encodeResponseHead,
  withLines,
} from "../../lib/http/response_head.ts";

const line = "A-B: new\r\n";

const rows: readonly [name: string, before: string, after: string][] = [
  ["to none", "", line],
  ["before others", "C: d\r\n", `${line}C: d\r\n`],
  ["not where it is", "A-B: old\r\n", "A-B: old\r\n"],
  ["not where it is in another case", "a-b: old\r\n", "a-b: old\r\n"],
  ["not where it is empty", "A-B: \r\n", "A-B: \r\n"],
  ["not where it is the last", "C: d\r\nA-b: e\r\n", "C: d\r\nA-b: e\r\n"],
  ["beside a longer name", "A-B-C: d\r\n", `${line}A-B-C: d\r\n`],
  ["beside a name that ends so", "X-A-B: d\r\n", `${line}X-A-B: d\r\n`],
  ["beside a value that says so", "C: A-B: d\r\n", `${line}C: A-B: d\r\n`],
];

for (const [name, before, after] of rows) {
  Deno.test(`withLines() adds ${name}`, () => {
    assertEquals(withLines(before, line), after);
  });
  Deno.test(`addLines() adds ${name}, behind the first line`, () => {
    const first = "HTTP/1.1 200 OK\r\n";
    assertEquals(
      addLines(`${first}${before}\r\n`, line),
      `${first}${after}\r\n`,
    );
  });
}

Deno.test("addLines() of a head that is to close: it closes, and has the line", () => {
  for (const version of ["1.0", "1.1"] as const) {
    const head = encodeResponseHead({
      status: 204,
      fieldLines: "C: d\r\n",
      framing: "none",
      version,
      persistent: true,
      serverName: null,
    });
    const lines = addLines(closing(head), line).split("\r\n");
    assertEquals(
      lines.filter((each) => !each.startsWith("Date: ")),
      [
        "HTTP/1.1 204 No Content",
        "A-B: new",
        "C: d",
        "Connection: close",
        "",
        "",
      ],
    );
  }
});
