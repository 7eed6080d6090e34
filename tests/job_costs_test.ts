import { assertEquals, assertNotEquals } from "@std/assert";
import { JobCosts } from "../lib/job_costs.ts";

/** Costs that have learned of runs of routes, in that order. */
function learned(runs: Readonly<Record<string, readonly number[]>>): JobCosts {
  const costs = new JobCosts();
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
  costly: boolean;
}[] = [
  { name: "nothing is known of", runs: {}, route: "/", costly: true },
  {
    name: "nothing like it is known of",
    runs: { "/users/1": [light] },
    route: "/reports/1",
    costly: true,
  },
  {
    name: "only the parent of it is known",
    runs: { "/users": [light] },
    route: "/users/1",
    costly: true,
  },
  {
    name: "only a child of it is known",
    runs: { "/users/1": [light] },
    route: "/users",
    costly: true,
  },
  {
    name: "only another method of it is known",
    runs: { "/users/1": [light] },
    route: "POST /users/1",
    costly: true,
  },
  {
    name: "was light once",
    runs: { "/a": [light] },
    route: "/a",
    costly: false,
  },
  {
    name: "was heavy once",
    runs: { "/a": [heavy] },
    route: "/a",
    costly: true,
  },
  {
    name: "is beside a light one at the top, where that says nothing",
    runs: { "/light": many(light) },
    route: "/heavy",
    costly: true,
  },
  {
    name: "is beside a light one at the top, for another method",
    runs: { "POST /light": many(light) },
    route: "POST /heavy",
    costly: true,
  },
  {
    name: "has light siblings",
    runs: { "/users/1": [light] },
    route: "/users/2",
    costly: false,
  },
  {
    name: "has heavy siblings",
    runs: { "/users/1": [heavy] },
    route: "/users/2",
    costly: true,
  },
  {
    name: "is light among heavy siblings",
    runs: { "/reports/today": [light], "/reports/yearly": many(heavy) },
    route: "/reports/today",
    costly: false,
  },
  {
    name: "was light and looked heavy once, as it does where it is interrupted",
    runs: { "/a": [...many(light), heavy] },
    route: "/a",
    costly: false,
  },
  {
    name: "was light and is heavy every other time",
    runs: {
      "/a": [...many(light), heavy, light, heavy, light, heavy, light, heavy],
    },
    route: "/a",
    costly: true,
  },
  {
    name: "was light and has become heavy",
    runs: { "/a": [...many(light), ...many(heavy)] },
    route: "/a",
    costly: true,
  },
  {
    name: "was heavy and has become light",
    runs: { "/a": [...many(heavy), ...many(light)] },
    route: "/a",
    costly: false,
  },
];

for (const { name, runs, route, costly } of judgements) {
  Deno.test(`JobCosts takes a route that ${name} for ${costly ? "costly" : "cheap"}`, () => {
    assertEquals(learned(runs).route(route).costly, costly);
  });
}

for (
  const { ms, costly } of [
    { ms: 30, costly: false },
    { ms: 300, costly: true },
  ]
) {
  Deno.test(`JobCosts ${costly ? "believes" : "does not believe"} a thread's first jobs that they took ${ms} ms`, () => {
    const costs = new JobCosts();
    costs.route("/a").learn(ms, true);
    costs.route("/a").learn(light, true);
    assertEquals(costs.route("/a").costly, costly);
  });
}

Deno.test("JobCosts takes a route for costly, and what is unknown beside it, while a job of it holds others up", () => {
  const costs = learned({ "/users/1": many(light), "/users/2": many(light) });
  costs.route("/users/1").suspect();
  assertEquals(costs.route("/users/1").costly, true);
  assertEquals(costs.route("/users/3").costly, true);
  assertEquals(costs.route("/users/2").costly, false, "it is known better");
  costs.route("/users/1").acquit();
  assertEquals(costs.route("/users/1").costly, false);
  assertEquals(costs.route("/users/3").costly, false);
});

Deno.test("JobCosts takes a route for costly that held others up after it had waited", () => {
  const costs = learned({ "/late": many(light) });
  costs.route("/late").stalled();
  for (const ms of many(light)) costs.route("/late").learn(ms);
  assertEquals(costs.route("/late").costly, true, "its beginning is no excuse");
});

Deno.test("JobCosts counts a change where a route may be judged otherwise, and only there", () => {
  const costs = new JobCosts();
  const changes = [costs.changes];
  costs.route("/a").learn(light);
  changes.push(costs.changes);
  assertNotEquals(changes[1], changes[0]);
  for (const ms of [...many(light), heavy, light]) costs.route("/a").learn(ms);
  assertEquals(costs.changes, changes[1]);
  for (const ms of many(heavy)) costs.route("/a").learn(ms);
  assertNotEquals(costs.changes, changes[1]);
});

Deno.test("JobCosts forgets the routes of very many that were not used for longest", () => {
  const costs = learned({ "/in/use": [light], "/once/used": [light] });
  for (let i = 0; i < 10_000; i++) {
    costs.route(`/${i}/page`).learn(light);
    costs.route("/in/use").learn(light);
  }
  assertEquals(costs.route("/once/used").costly, true);
  assertEquals(costs.route("/0/page").costly, true);
  assertEquals(costs.route("/9999/page").costly, false);
  assertEquals(costs.route("/in/use").costly, false);
});
