import { assertEquals, assertThrows } from "@std/assert";
import type { Result, Row } from "./results.ts";
import { allScenarios } from "./scenarios/all.ts";
import { summaryTable, summedUp, withTable } from "./summary.ts";

const scenarios = allScenarios([{ name: "skein", dir: "." }]);

function result(name: string, rows: Row[]): Result {
  const scenario = scenarios.find((each) => each.name === name)!;
  return { scenario, rows };
}

function row(
  server: string,
  figures: Record<string, number>,
  errors = 0,
): Row {
  return {
    server,
    samples: [{ figures, errors }],
    outcome: { kind: "measured" },
  };
}

const absent: Row = {
  server: "Caddy",
  samples: [],
  outcome: { kind: "absent", why: "Caddy is not installed" },
};

Deno.test("summaryTable() has scenarios and servers that are measured", () => {
  const names = scenarios.map(({ name }) => name);
  assertEquals(summedUp.filter((name) => !names.includes(name)), []);
});

Deno.test("summaryTable() compares rates with Skein's, and shows times as they are", () => {
  const table = summaryTable([
    result("small page", [
      row("skein", { rate: 40_000, cpu: 20 }),
      row("Deno.serve", { rate: 30_000, cpu: 25 }),
      row("nginx", { rate: 20_000, cpu: NaN }),
      absent,
    ]),
    result("app Hono", [
      row("skein", { rate: 100, cpu: 10 }),
      row("deno serve", { rate: 250, cpu: 4 }, 3),
    ]),
    result("start app", [
      row("skein", { first: 181.4 }),
      row("deno serve", { first: 50.72 }),
    ]),
  ]);
  const lines = table.split("\n");
  assertEquals(lines.filter((_, index) => [0, 1, 2, 4, 8].includes(index)), [
    "| what is asked for                     | Skein       | nginx   | Caddy | `deno serve` |",
    "| ------------------------------------- | ----------- | ------- | ----- | ------------ |",
    "| a page of 855 bytes                   | 1.00, 20 us | 0.50, - | –     | 0.75, 25 us  |",
    "| hello from an app (Hono)              | 1.00, 10 us | –       | –     | errors       |",
    "| first response of an app              | 181 ms      | –       | –     | 50.7 ms      |",
  ]);
});

Deno.test("withTable() replaces the earlier table and nothing else", () => {
  const table = summaryTable([]);
  const text =
    "# A\n\n| what is asked for | x |\n| -- | -- |\n| a | b |\n\nB\n";
  assertEquals(withTable(text, table), `# A\n\n${table}\n\nB\n`);
  assertEquals(
    withTable(withTable(text, table), table),
    withTable(text, table),
  );
  assertThrows(() => withTable("| option | x |\n", table), Error, "no table");
});

Deno.test("the README has a table to replace", async () => {
  const readme = new URL("../../README.md", import.meta.url);
  withTable(await Deno.readTextFile(readme), summaryTable([]));
});
