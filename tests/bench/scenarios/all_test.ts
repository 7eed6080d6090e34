import { assert, assertEquals } from "@std/assert";
import type { Scenario } from "../scenario.ts";
import { allScenarios } from "./all.ts";

const own = { name: "skein", dir: "." };
const other = { name: "skein (../other)", dir: "../other" };

function names(scenarios: Scenario[], only = /./): string[] {
  return scenarios.map(({ name }) => name).filter((name) => only.test(name));
}

Deno.test("allScenarios() gives each a name of its own", () => {
  const all = names(allScenarios([own]));
  assertEquals(new Set(all).size, all.length);
});

const families = [
  { only: /static/, want: ["page", "1 GiB file", "1000 files", "cold files"] },
  {
    only: /^app/,
    want: [
      "plain, 8",
      "plain",
      "plain, 256",
      "plain, 1000",
      "Hono, 8",
      "Hono",
      "Hono, 256",
      "Hono, 1000",
      "JSON",
      "computing",
      "light beside heavy",
      "endless loops",
    ],
  },
];

for (const { only, want } of families) {
  Deno.test(`allScenarios() has a family that ${only} selects`, () => {
    const rest = names(allScenarios([own]), only)
      .map((name) => name.slice(name.indexOf(" ") + 1));
    assertEquals(rest, want);
  });
}

for (const { name, servers, bars, load } of allScenarios([own, other])) {
  Deno.test(`${name} measures every checkout`, () => {
    const rows = servers.map((server) => server.name);
    assertEquals(rows.slice(0, 2), [own.name, other.name]);
    assertEquals(new Set(rows).size, rows.length);
  });

  Deno.test(`the bars of ${name} are about figures that there are`, () => {
    const all = allScenarios([own]);
    for (const figure of bars.flatMap(({ figure, over }) => [figure, over])) {
      if (figure === undefined) continue;
      const named = all.find((each) => each.name === figure.scenario);
      const within = figure.scenario === undefined ? { servers, load } : named;
      const { column, server } = figure;
      assert(within !== undefined, figure.scenario);
      assert(within.servers.some((each) => each.name === server), server);
      assert(within.load.columns.some(({ key }) => key === column), column);
    }
  });
}
