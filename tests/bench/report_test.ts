import { assertEquals } from "@std/assert";
import { judgeBars } from "./bars.ts";
import { progressLine, scenarioTable } from "./report.ts";
import { asJson, type Outcome, type Result, type Row } from "./results.ts";
import type { Bar } from "./scenario.ts";
import { showCount } from "./units.ts";

const nobody = () =>
  Promise.reject(new Error("Nothing is measured in these tests"));

function row(
  server: string,
  rates: number[],
  errors = 0,
  outcome: Outcome = { kind: "measured" },
  others?: number,
): Row {
  return {
    server,
    samples: rates.map((rate) => ({
      figures: { rate },
      errors,
      ...(others === undefined ? {} : { others }),
    })),
    outcome,
  };
}

function result(name: string, rows: Row[], bars: Bar[] = []): Result {
  const columns = [{
    key: "rate",
    title: "requests/s",
    show: showCount,
    ratio: "to skein",
  }];
  const load = { columns, measure: nobody };
  return {
    scenario: {
      name,
      what: "what it is",
      servers: [],
      prepare: nobody,
      load,
      bars,
    },
    rows,
  };
}

const absent: Outcome = { kind: "absent", why: "it is not installed" };

Deno.test("scenarioTable() shows medians, errors, what else the machine did, and ratios to Skein", () => {
  const rows = [
    row("skein", [1000, 3000, 2000]),
    row("quick", [4000, 4000, 4000], 0, undefined, 0.12),
    row("shaky", [500, 500, 500], 4),
    row("nginx", [], 0, absent),
  ];
  assertEquals(scenarioTable(result("small", rows)).split("\n"), [
    "small: what it is",
    "",
    "server  requests/s  spread  errors  others' CPU  to skein",
    "skein        2 000   100 %    none            -      1.00",
    "quick        4 000     0 %    none         12 %      2.00",
    "shaky          500     0 %    12 !            -      0.25",
    "nginx   absent: it is not installed",
  ]);
});

Deno.test("scenarioTable() has no ratios when Skein was not measured", () => {
  const rows = [row("skein", [], 0, absent), row("quick", [4000])];
  assertEquals(scenarioTable(result("small", rows)).split("\n").slice(-2), [
    "skein   absent: it is not installed",
    "quick        4 000     0 %    none            -         -",
  ]);
});

Deno.test("progressLine() tells the newest sample", () => {
  const { scenario } = result("small", []);
  assertEquals(
    progressLine(2, scenario, row("skein", [1000, 3000])),
    "round 2, small, skein: requests/s 3 000",
  );
});

Deno.test("asJson() holds every sample", () => {
  const json = JSON.parse(
    asJson([result("small", [row("skein", [1, 2])])], { rounds: 2 }),
  );
  assertEquals(json.rounds, 2);
  assertEquals(json.scenarios, [{
    name: "small",
    rows: [row("skein", [1, 2])],
  }]);
});

const half: Bar = {
  says: "half of quick",
  figure: { server: "skein", column: "rate" },
  over: { server: "quick", column: "rate" },
  limit: { kind: "at least", value: 0.5 },
};
const atMost: Bar = {
  says: "not too many",
  figure: { server: "skein", column: "rate" },
  limit: { kind: "at most", value: 2000 },
};
const elsewhere: Bar = {
  ...half,
  over: { scenario: "other", server: "skein", column: "rate" },
};
const other = result("other", [row("skein", [1000])]);

const judgements = [
  {
    name: "a ratio that is reached exactly",
    results: [
      result("small", [row("skein", [50]), row("quick", [100])], [half]),
    ],
    want: { verdict: "holds", measured: "0.50", limit: "at least 0.50" },
  },
  {
    name: "a ratio that is missed",
    results: [
      result("small", [row("skein", [49]), row("quick", [100])], [half]),
    ],
    want: { verdict: "falls short", measured: "0.49", limit: "at least 0.50" },
  },
  {
    name: "a figure by itself, in the unit of its column",
    results: [result("small", [row("skein", [2001])], [atMost])],
    want: { verdict: "falls short", measured: "2 001", limit: "at most 2 000" },
  },
  {
    name: "a ratio to another scenario",
    results: [other, result("small", [row("skein", [900])], [elsewhere])],
    want: { verdict: "holds", measured: "0.90", limit: "at least 0.50" },
  },
  {
    name: "a ratio to a scenario that was left out",
    results: [result("small", [row("skein", [900])], [elsewhere])],
    want: {
      verdict: "not measured",
      measured: 'needs skein of "other"',
      limit: "at least 0.50",
    },
  },
  {
    name: "a ratio to an absent server",
    results: [
      result("small", [row("skein", [900]), row("quick", [], 0, absent)], [
        half,
      ]),
    ],
    want: {
      verdict: "not measured",
      measured: "quick absent",
      limit: "at least 0.50",
    },
  },
  {
    name: "a figure that errors made better",
    results: [result("small", [row("skein", [100], 3)], [atMost])],
    want: {
      verdict: "falls short",
      measured: "100, with 3 errors",
      limit: "at most 2 000",
    },
  },
  {
    name: "a figure from a busy machine",
    results: [
      result("small", [
        row("skein", [60], 0, undefined, 0.05),
        row("quick", [100], 0, undefined, 0.3),
      ], [half]),
    ],
    want: {
      verdict: "holds",
      measured: "0.60, 30 % busy",
      limit: "at least 0.50",
    },
  },
  {
    name: "a figure from a quiet machine",
    results: [
      result("small", [row("skein", [60], 0, undefined, 0.1)], [atMost]),
    ],
    want: { verdict: "holds", measured: "60", limit: "at most 2 000" },
  },
];

for (const { name, results, want } of judgements) {
  Deno.test(`judgeBars() judges ${name}`, () => {
    const [{ verdict, measured, limit }] = judgeBars(results);
    assertEquals<unknown>({ verdict, measured, limit }, want);
  });
}
