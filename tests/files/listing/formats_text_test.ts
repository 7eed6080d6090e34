/**
 * Names, numbers and sizes as people read them.
 */

import { assertEquals } from "@std/assert";
import {
  count,
  humanSize,
  showName,
} from "../../../lib/files/listing/formats.ts";

const sizes: [bytes: number, want: string][] = [
  [0, "0 B"],
  [1, "1 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [1049, "1.0 kB"],
  [1050, "1.1 kB"],
  [9949, "9.9 kB"],
  [9950, "10 kB"],
  [10_499, "10 kB"],
  [999_499, "999 kB"],
  // Not 1000 kB.
  [999_500, "1.0 MB"],
  [999_999, "1.0 MB"],
  [1_234_567, "1.2 MB"],
  [1_073_741_824, "1.1 GB"],
  [2e12, "2.0 TB"],
  [999_499_999_999_999, "999 TB"],
  [999_500_000_000_000, "1.0 PB"],
  [Number.MAX_SAFE_INTEGER, "9.0 PB"],
  [2 ** 63, "9.2 EB"],
  [1e22, "10000 EB"],
];

for (const [bytes, want] of sizes) {
  Deno.test(`humanSize() makes ${want} of ${bytes}`, () => {
    assertEquals(humanSize(bytes), want);
  });
}

const counts: [number, string][] = [
  [0, "0 files"],
  [1, "1 file"],
  [2, "2 files"],
  [999, "999 files"],
  [1000, "1,000 files"],
  [1_234_567, "1,234,567 files"],
];

for (const [number, want] of counts) {
  Deno.test(`count() makes ${want} of ${number}`, () => {
    assertEquals(count(number, "file"), want);
  });
}

const names: [case_: string, name: string, want: string][] = [
  ["leaves letters of every script", "Größe 日本 שלום", "Größe 日本 שלום"],
  ["leaves markup to others", "<a&b>", "<a&b>"],
  ["leaves joined emoji whole", "👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"],
  ["shows a newline", "a\nb", "a‹U+000A›b"],
  ["shows an escape sequence", "\x1b[31m", "‹U+001B›[31m"],
  ["shows DEL and C1", "\x7f\x85", "‹U+007F›‹U+0085›"],
  [
    "shows what turns the direction",
    "a\u202egpj.exe",
    "a‹U+202E›gpj.exe",
  ],
  [
    "shows isolates and marks",
    "\u2066\u2069\u200f\u061c",
    "‹U+2066›‹U+2069›‹U+200F›‹U+061C›",
  ],
  ["shows what has no width", "a\u200bb\ufeff", "a‹U+200B›b‹U+FEFF›"],
  ["shows separators", "\u2028\u2029", "‹U+2028›‹U+2029›"],
  ["shows half a surrogate pair", "a\ud800", "a‹U+D800›"],
  ["leaves a whole pair", "\ud83d\ude00", "😀"],
];

for (const [case_, name, want] of names) {
  Deno.test(`showName() ${case_}`, () => {
    assertEquals(showName(name), want);
  });
}
