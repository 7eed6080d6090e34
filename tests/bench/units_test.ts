import { assertEquals } from "@std/assert";
import {
  showBytes,
  showCount,
  showMiB,
  showMs,
  showRatio,
  showShare,
  showUs,
} from "./units.ts";

const rows = [
  {
    name: "showCount() groups digits",
    got: showCount(1234567.4),
    want: "1 234 567",
  },
  {
    name: "showCount() leaves small numbers",
    got: showCount(999),
    want: "999",
  },
  {
    name: "showMs() keeps three digits",
    got: showMs(0.30149),
    want: "0.301 ms",
  },
  {
    name: "showMs() needs no fraction from 100 on",
    got: showMs(1234.5),
    want: "1 235 ms",
  },
  { name: "showUs() keeps three digits", got: showUs(17.256), want: "17.3 us" },
  { name: "showUs() shows what is not known", got: showUs(NaN), want: "-" },
  {
    name: "showMiB() has one decimal",
    got: showMiB(81_369_498),
    want: "77.6 MiB",
  },
  { name: "showBytes() says its unit", got: showBytes(4812), want: "4 812 B" },
  { name: "showRatio() has two decimals", got: showRatio(1.8), want: "1.80" },
  { name: "showShare() is a percentage", got: showShare(0.126), want: "13 %" },
];

for (const { name, got, want } of rows) {
  Deno.test(name, () => assertEquals(got, want));
}
