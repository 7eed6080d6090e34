/**
 * Heads through the line streams, which are lent to one after another.
 */

import { assertEquals, assertRejects } from "@std/assert";
import { HeadLines } from "../../lib/server/head_lines.ts";

const heads: [name: string, head: string, lines: string[]][] = [
  ["one line", "GET / HTTP/1.0\r\n", ["GET / HTTP/1.0"]],
  ["several lines", "GET / HTTP/1.1\r\nA: b\r\nC: d\r\n", [
    "GET / HTTP/1.1",
    "A: b",
    "C: d",
  ]],
  ["8-bit characters", "A: \x80\x85\xa0\xff\r\n", ["A: \x80\x85\xa0\xff"]],
  ["white space at the ends of a line", " A \t\r\n\tB \r\n", [" A \t", "\tB "]],
  ["line ends of other systems", "A\v\f\x1c\x85B\r\n", ["A\v\f\x1c\x85B"]],
  [
    "a hundred lines",
    Array.from({ length: 101 }, (_, at) => `Field-${at}: ${at}\r\n`).join(""),
    Array.from({ length: 101 }, (_, at) => `Field-${at}: ${at}`),
  ],
  ["a very long line", `${"x".repeat(32_000)}\r\n`, ["x".repeat(32_000)]],
];

function same(lines: string[]): string[] {
  return lines;
}

for (const [name, head, lines] of heads) {
  Deno.test(`HeadLines.split() splits ${name}`, async () => {
    assertEquals(await new HeadLines().split(head, lines.length, same), lines);
  });
}

Deno.test("HeadLines.split() leaves nothing of a head to the next one", async () => {
  const splitter = new HeadLines();
  for (let round = 0; round < 3; round++) {
    for (const [name, head, lines] of heads) {
      assertEquals(await splitter.split(head, lines.length, same), lines, name);
    }
  }
});

Deno.test("HeadLines.split() mixes up no heads that are split at the same time", async () => {
  const splitter = new HeadLines();
  for (let round = 0; round < 3; round++) {
    const all = [...heads, ...heads];
    const split = all.map(([, head, lines]) =>
      splitter.split(head, lines.length, same)
    );
    assertEquals(await Promise.all(split), all.map(([, , lines]) => lines));
  }
});

Deno.test("HeadLines.split() rejects with what the parser throws, and splits the others", async () => {
  const splitter = new HeadLines();
  const refuse = ([line]: string[]): never => {
    throw new RangeError(line);
  };
  const refused = splitter.split("A\r\n", 1, refuse);
  const other = splitter.split("B\r\n", 1, same);
  await assertRejects(() => refused, RangeError, "A");
  assertEquals(await other, ["B"]);
  assertEquals(await splitter.split("C\r\n", 1, same), ["C"]);
});
