import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { type Route, RouteStats } from "../../lib/pool/route_stats.ts";

/** What a route is taken for: its class, and what it may do besides. */
type Verdict = "light" | "untried" | "heavy" | "blocking";

function verdictOf(route: Route): Verdict {
  const { isHeavy, isUntried, isBlocking } = route;
  assert(isHeavy || !(isUntried || isBlocking), "both are heavy");
  assert(!(isUntried && isBlocking));
  if (!isHeavy) return "light";
  if (isUntried) return "untried";
  return isBlocking ? "blocking" : "heavy";
}

/** Costs that have learned of runs of routes, in that order. */
function learned(
  runs: Readonly<Record<string, readonly number[]>>,
): RouteStats {
  const costs = new RouteStats();
  for (const [route, costsMs] of Object.entries(runs)) {
    for (const ms of costsMs) costs.route(route).learn(ms);
  }
  return costs;
}

const light = 0.1;
const heavy = 200;
const many = (ms: number) => Array<number>(8).fill(ms);

const judgements: {
  name: string;
  runs: Readonly<Record<string, readonly number[]>>;
  route: string;
  verdict: Verdict;
}[] = [
  { name: "nothing is known of", runs: {}, route: "/", verdict: "untried" },
  {
    name: "nothing like it is known of",
    runs: { "/users/1": [light] },
    route: "/reports/1",
    verdict: "untried",
  },
  {
    name: "only the parent of it is known",
    runs: { "/users": [light] },
    route: "/users/1",
    verdict: "untried",
  },
  {
    name: "only a child of it is known",
    runs: { "/users/1": [light] },
    route: "/users",
    verdict: "untried",
  },
  {
    name: "only another method of it is known",
    runs: { "/users/1": [light] },
    route: "POST /users/1",
    verdict: "untried",
  },
  {
    name: "was light once",
    runs: { "/a": [light] },
    route: "/a",
    verdict: "light",
  },
  {
    name: "was very long at last",
    runs: { "/a": [heavy, 3000] },
    route: "/a",
    verdict: "blocking",
  },
  {
    name: "was very long before",
    runs: { "/a": [3000, heavy] },
    route: "/a",
    verdict: "heavy",
  },
  {
    name: "was light for the most part and very long at last",
    runs: { "/a": [...many(light), 3000] },
    route: "/a",
    verdict: "light",
  },
  {
    name: "was heavy once",
    runs: { "/a": [heavy] },
    route: "/a",
    verdict: "heavy",
  },
  {
    name: "is beside a light one at the top, where that says nothing",
    runs: { "/light": many(light) },
    route: "/heavy",
    verdict: "untried",
  },
  {
    name: "is beside a light one at the top, for another method",
    runs: { "POST /light": many(light) },
    route: "POST /heavy",
    verdict: "untried",
  },
  {
    name: "is beside a heavy one at the top",
    runs: { "/heavy": [heavy] },
    route: "/other",
    verdict: "heavy",
  },
  {
    name:
      "is beside as many heavy ones at the top as light ones, which came often",
    runs: { "/heavy": [heavy], "/light": many(light) },
    route: "/other",
    verdict: "heavy",
  },
  {
    name: "has light siblings",
    runs: { "/users/1": [light] },
    route: "/users/2",
    verdict: "light",
  },
  {
    name: "has heavy siblings",
    runs: { "/users/1": [heavy] },
    route: "/users/2",
    verdict: "heavy",
  },
  {
    name: "is light among heavy siblings",
    runs: { "/reports/today": [light], "/reports/yearly": many(heavy) },
    route: "/reports/today",
    verdict: "light",
  },
  {
    name: "was light and looked heavy once, as it does where it is interrupted",
    runs: { "/a": [...many(light), heavy] },
    route: "/a",
    verdict: "light",
  },
  {
    name: "was light and is heavy every other time",
    runs: {
      "/a": [...many(light), heavy, light, heavy, light, heavy, light, heavy],
    },
    route: "/a",
    verdict: "heavy",
  },
  {
    name: "was light and has become heavy",
    runs: { "/a": [...many(light), ...many(heavy)] },
    route: "/a",
    verdict: "heavy",
  },
  {
    name: "was heavy and has become light",
    runs: { "/a": [...many(heavy), ...many(light)] },
    route: "/a",
    verdict: "light",
  },
];

for (const { name, runs, route, verdict } of judgements) {
  Deno.test(`RouteStats takes a route that ${name} for ${verdict}`, () => {
    assertEquals(verdictOf(learned(runs).route(route)), verdict);
  });
}

/** What those routes are taken for, one after the other. */
function verdictsOf(costs: RouteStats, ...routes: string[]): Verdict[] {
  return routes.map((route) => verdictOf(costs.route(route)));
}

Deno.test("RouteStats takes an unknown route for heavy, and what is unknown beside it, while it is tried", () => {
  const costs = new RouteStats();
  const all = ["/users/1", "/users/2", "/reports/1", "/a", "/b"];
  costs.route("/users/1").begin();
  costs.route("/a").begin();
  assertEquals(
    verdictsOf(costs, ...all),
    ["heavy", "heavy", "untried", "heavy", "untried"],
  );
  for (const route of ["/users/1", "/a"]) costs.route(route).takeBack();
  assertEquals(verdictsOf(costs, ...all), all.map(() => "untried"));
  costs.route("/users/1").begin();
  costs.route("/users/1").learn(light);
  assertEquals(verdictsOf(costs, "/users/1", "/users/2"), ["light", "light"]);
});

Deno.test("RouteStats takes a route for untried again when it was tried by a thread that had just begun", () => {
  const costs = new RouteStats();
  costs.route("/a").begin();
  costs.route("/a").learn(30, true);
  assertEquals(verdictsOf(costs, "/a"), ["untried"]);
});

Deno.test("RouteStats does not take a route that it knows for heavy because it is tried again", () => {
  const costs = learned({ "/a": [light] });
  costs.route("/a").begin();
  assertEquals(verdictsOf(costs, "/a"), ["light"]);
});

for (
  const { ms, verdict } of [
    { ms: 30, verdict: "light" },
    { ms: 300, verdict: "heavy" },
  ]
) {
  Deno.test(`RouteStats ${verdict === "heavy" ? "believes" : "does not believe"} a thread's first jobs that they took ${ms} ms`, () => {
    const costs = new RouteStats();
    costs.route("/a").learn(ms, true);
    costs.route("/a").learn(light, true);
    assertEquals(verdictOf(costs.route("/a")), verdict);
  });
}

for (
  const { known, beside } of [
    { known: "light", beside: "untried" },
    { known: "heavy", beside: "blocking" },
    { known: "untried", beside: "heavy" },
  ] as const
) {
  Deno.test(`RouteStats takes a route for blocking while a job of it holds others up, and what is beside such a ${known} one for ${beside}`, () => {
    const costs = learned(
      known === "untried"
        ? {}
        : { "/users/1": many(known === "heavy" ? heavy : light) },
    );
    const before = verdictsOf(costs, "/users/1", "/users/2");
    costs.route("/users/1").markBlocking();
    assertEquals(
      verdictsOf(costs, "/users/1", "/users/2", "/reports/1"),
      ["blocking", beside, "untried"],
    );
    costs.route("/users/1").clearBlocking();
    assertEquals(verdictsOf(costs, "/users/1", "/users/2"), before);
  });
}

Deno.test("RouteStats takes a route for what it is known for while another one holds others up", () => {
  const costs = learned({ "/users/1": many(light), "/users/2": many(light) });
  costs.route("/users/1").markBlocking();
  assertEquals(verdictsOf(costs, "/users/2"), ["light"]);
});

Deno.test("RouteStats takes a route for heavy that held others up after it had waited", () => {
  const costs = learned({ "/late": many(light) });
  costs.route("/late").stalled();
  for (const ms of many(light)) costs.route("/late").learn(ms);
  assertEquals(
    verdictsOf(costs, "/late"),
    ["heavy"],
    "its beginning is no excuse",
  );
});

Deno.test("RouteStats counts a change where a route may be judged otherwise, and only there", () => {
  const costs = new RouteStats();
  const changes = [costs.changes];
  costs.route("/a").learn(light);
  changes.push(costs.changes);
  assertNotEquals(changes[1], changes[0]);
  for (const ms of [...many(light), heavy, light]) costs.route("/a").learn(ms);
  assertEquals(costs.changes, changes[1]);
  for (const ms of many(heavy)) costs.route("/a").learn(ms);
  assertNotEquals(costs.changes, changes[1]);
});

Deno.test("RouteStats forgets the routes of very many that were not used for longest", () => {
  const costs = learned({ "/in/use": [light], "/once/used": [light] });
  for (let i = 0; i < 10_000; i++) {
    costs.route(`/${i}/page`).learn(light);
    costs.route("/in/use").learn(light);
  }
  assertEquals(
    verdictsOf(costs, "/once/used", "/0/page", "/9999/page", "/in/use"),
    ["untried", "untried", "light", "light"],
  );
});
