import { assert, assertEquals, assertThrows } from "@std/assert";
import { quickWarmUpSeconds, warmUpSeconds } from "./loads/warm_up.ts";
import { parseOptions } from "./options.ts";

Deno.test("parseOptions() has defaults", () => {
  const { rounds, seconds, only, against, json, list } = parseOptions([]);
  assertEquals({ rounds, seconds, list }, {
    rounds: 3,
    seconds: 2,
    list: false,
  });
  assertEquals([against, json], [undefined, undefined]);
  assert(only.test("any name"));
});

Deno.test("parseOptions() reads every option", () => {
  const line =
    "--rounds 2 --seconds 3 --only ^small --against ../old --json out.json --write out --list";
  const { only, ...rest } = parseOptions(line.split(" "));
  const against = "../old";
  const json = "out.json";
  assertEquals(rest, {
    rounds: 2,
    seconds: 3,
    against,
    json,
    write: "out",
    warmUpSeconds,
    list: true,
    help: false,
  });
  assertEquals(only.source, "^small");
});

Deno.test("parseOptions() has other defaults for a quick look", () => {
  const { only, ...quick } = parseOptions(["--quick", "--seconds", "3"]);
  assertEquals([quick.rounds, quick.seconds], [2, 3]);
  assertEquals(quick.warmUpSeconds, quickWarmUpSeconds);
  assert(only.test("small page"));
  assertEquals(only.test("app endless loops"), false);
});

for (
  const line of [
    "--rounds 0",
    "--seconds 1.5",
    "--seconds x",
    "--only (",
    "--bogus",
    "word",
  ]
) {
  Deno.test(`parseOptions() refuses ${line}`, () => {
    assertThrows(() => parseOptions(line.split(" ")));
  });
}
