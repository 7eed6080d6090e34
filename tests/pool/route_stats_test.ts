import { assertEquals, assertNotEquals } from "@std/assert";
import { type Risk, RouteStats } from "../../lib/pool/route_stats.ts";

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
  risk: Risk;
}[] = [
  { name: "nothing is known of", runs: {}, route: "/", risk: "unknown" },
  {
    name: "nothing like it is known of",
    runs: { "/users/1": [light] },
    route: "/reports/1",
    risk: "unknown",
  },
  {
    name: "only the parent of it is known",
    runs: { "/users": [light] },
    route: "/users/1",
    risk: "unknown",
  },
  {
    name: "only a child of it is known",
    runs: { "/users/1": [light] },
    route: "/users",
    risk: "unknown",
  },
  {
    name: "only another method of it is known",
    runs: { "/users/1": [light] },
    route: "POST /users/1",
    risk: "unknown",
  },
  {
    name: "was light once",
    runs: { "/a": [light] },
    route: "/a",
    risk: "light",
  },
  {
    name: "was very long at last",
    runs: { "/a": [heavy, 3000] },
    route: "/a",
    risk: "blocking",
  },
  {
    name: "was very long before",
    runs: { "/a": [3000, heavy] },
    route: "/a",
    risk: "costly",
  },
  {
    name: "was light for the most part and very long at last",
    runs: { "/a": [...many(light), 3000] },
    route: "/a",
    risk: "light",
  },
  {
    name: "was heavy once",
    runs: { "/a": [heavy] },
    route: "/a",
    risk: "costly",
  },
  {
    name: "is beside a light one at the top, where that says nothing",
    runs: { "/light": many(light) },
    route: "/heavy",
    risk: "unknown",
  },
  {
    name: "is beside a light one at the top, for another method",
    runs: { "POST /light": many(light) },
    route: "POST /heavy",
    risk: "unknown",
  },
  {
    name: "is beside a heavy one at the top",
    runs: { "/heavy": [heavy] },
    route: "/other",
    risk: "costly",
  },
  {
    name:
      "is beside as many heavy ones at the top as light ones, which came often",
    runs: { "/heavy": [heavy], "/light": many(light) },
    route: "/other",
    risk: "costly",
  },
  {
    name: "has light siblings",
    runs: { "/users/1": [light] },
    route: "/users/2",
    risk: "light",
  },
  {
    name: "has heavy siblings",
    runs: { "/users/1": [heavy] },
    route: "/users/2",
    risk: "costly",
  },
  {
    name: "is light among heavy siblings",
    runs: { "/reports/today": [light], "/reports/yearly": many(heavy) },
    route: "/reports/today",
    risk: "light",
  },
  {
    name: "was light and looked heavy once, as it does where it is interrupted",
    runs: { "/a": [...many(light), heavy] },
    route: "/a",
    risk: "light",
  },
  {
    name: "was light and is heavy every other time",
    runs: {
      "/a": [...many(light), heavy, light, heavy, light, heavy, light, heavy],
    },
    route: "/a",
    risk: "costly",
  },
  {
    name: "was light and has become heavy",
    runs: { "/a": [...many(light), ...many(heavy)] },
    route: "/a",
    risk: "costly",
  },
  {
    name: "was heavy and has become light",
    runs: { "/a": [...many(heavy), ...many(light)] },
    route: "/a",
    risk: "light",
  },
];

for (const { name, runs, route, risk } of judgements) {
  Deno.test(`RouteStats takes a route that ${name} for ${risk}`, () => {
    assertEquals(learned(runs).route(route).risk, risk);
  });
}

/** What those routes are taken for, one after the other. */
function risksOf(costs: RouteStats, ...routes: string[]): Risk[] {
  return routes.map((route) => costs.route(route).risk);
}

Deno.test("RouteStats takes an unknown route for costly, and what is unknown beside it, while it is tried", () => {
  const costs = new RouteStats();
  const all = ["/users/1", "/users/2", "/reports/1", "/a", "/b"];
  costs.route("/users/1").begin();
  costs.route("/a").begin();
  assertEquals(
    risksOf(costs, ...all),
    ["costly", "costly", "unknown", "costly", "unknown"],
  );
  for (const route of ["/users/1", "/a"]) costs.route(route).takeBack();
  assertEquals(risksOf(costs, ...all), all.map(() => "unknown"));
  costs.route("/users/1").begin();
  costs.route("/users/1").learn(light);
  assertEquals(risksOf(costs, "/users/1", "/users/2"), ["light", "light"]);
});

Deno.test("RouteStats takes a route for unknown again when it was tried by a thread that had just begun", () => {
  const costs = new RouteStats();
  costs.route("/a").begin();
  costs.route("/a").learn(30, true);
  assertEquals(risksOf(costs, "/a"), ["unknown"]);
});

Deno.test("RouteStats does not take a route that it knows for costly because it is tried again", () => {
  const costs = learned({ "/a": [light] });
  costs.route("/a").begin();
  assertEquals(risksOf(costs, "/a"), ["light"]);
});

for (
  const { ms, risk } of [
    { ms: 30, risk: "light" },
    { ms: 300, risk: "costly" },
  ]
) {
  Deno.test(`RouteStats ${risk === "costly" ? "believes" : "does not believe"} a thread's first jobs that they took ${ms} ms`, () => {
    const costs = new RouteStats();
    costs.route("/a").learn(ms, true);
    costs.route("/a").learn(light, true);
    assertEquals(costs.route("/a").risk, risk);
  });
}

for (
  const { known, beside } of [
    { known: "light", beside: "unknown" },
    { known: "heavy", beside: "blocking" },
    { known: "unknown", beside: "costly" },
  ] as const
) {
  Deno.test(`RouteStats takes a route for blocking while a job of it holds others up, and what is beside such a ${known} one for ${beside}`, () => {
    const costs = learned(
      known === "unknown"
        ? {}
        : { "/users/1": many(known === "heavy" ? heavy : light) },
    );
    const before = risksOf(costs, "/users/1", "/users/2");
    costs.route("/users/1").markBlocking();
    assertEquals(
      risksOf(costs, "/users/1", "/users/2", "/reports/1"),
      ["blocking", beside, "unknown"],
    );
    costs.route("/users/1").clearBlocking();
    assertEquals(risksOf(costs, "/users/1", "/users/2"), before);
  });
}

Deno.test("RouteStats takes a route for what it is known for while another one holds others up", () => {
  const costs = learned({ "/users/1": many(light), "/users/2": many(light) });
  costs.route("/users/1").markBlocking();
  assertEquals(risksOf(costs, "/users/2"), ["light"]);
});

Deno.test("RouteStats takes a route for costly that held others up after it had waited", () => {
  const costs = learned({ "/late": many(light) });
  costs.route("/late").stalled();
  for (const ms of many(light)) costs.route("/late").learn(ms);
  assertEquals(
    risksOf(costs, "/late"),
    ["costly"],
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
    risksOf(costs, "/once/used", "/0/page", "/9999/page", "/in/use"),
    ["unknown", "unknown", "light", "light"],
  );
});
