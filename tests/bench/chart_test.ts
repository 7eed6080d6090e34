import { assertEquals, assertStringIncludes } from "@std/assert";
import { chart } from "./chart.ts";
import type { Result } from "./results.ts";
import { connectionCounts, smallPage } from "./scenarios/small_page.ts";

const scenarios = smallPage([{ name: "skein", dir: "." }]);

/** Every server twice as good with each number of connections. */
function results(): Result[] {
  return scenarios.slice(0, connectionCounts.length).map((scenario, at) => ({
    scenario,
    rows: scenario.servers.map(({ name }) => ({
      server: name,
      samples: [{
        figures: { rate: 10_000 * 2 ** at, cpu: 40 / 2 ** at },
        errors: 0,
      }],
      outcome: name === "lighttpd"
        ? { kind: "absent" as const, why: "it is not installed" }
        : { kind: "measured" as const },
    })),
  }));
}

Deno.test("chart() has a bar for each figure, as high as that is", () => {
  const svg = chart(results(), "here & now");
  // Two panels, four numbers of connections, four servers; and five in the legend.
  assertEquals(svg.match(/<rect /g)?.length, 2 * 4 * 4 + 5);
  const heights = [
    ...svg.matchAll(/class="b0"[^>]* width="30" height="([\d.]+)"/g),
  ]
    .map(([, height]) => Number(height));
  assertEquals(heights, [16.3, 32.5, 65, 130, 130, 65, 32.5, 16.3]);
  assertStringIncludes(svg, "here &amp; now");
  assertStringIncludes(svg, "with 8 connections: skein 10 000, nginx 10 000,");
});

Deno.test("chart() is whole where nothing was measured", () => {
  const svg = chart([], "");
  assertEquals(svg.match(/<rect /g)?.length, 5);
  assertEquals(/NaN|Infinity|undefined/.test(svg), false);
});
