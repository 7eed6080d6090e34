import { assert, assertEquals } from "@std/assert";
import { JobCosts } from "../lib/job_costs.ts";

Deno.test("JobCosts expects the worst of a route when it knows nothing like it", () => {
  const costs = new JobCosts();
  costs.learn("/users/1", 2);
  assertEquals(costs.expect("/"), Infinity);
  assertEquals(costs.expect("/reports/1"), Infinity);
  assertEquals(costs.expect("POST /users/1"), Infinity);
});

Deno.test("JobCosts expects of a route what it took", () => {
  const costs = new JobCosts();
  costs.learn("/a", 2);
  assertEquals(costs.expect("/a"), 2);
});

Deno.test("JobCosts judges a route it never saw by its siblings", () => {
  const costs = new JobCosts();
  costs.learn("/users/1", 2);
  assertEquals(costs.expect("/users/2"), 2);
  assertEquals(costs.expect("/users"), Infinity, "its parent is no sibling");
  assertEquals(costs.expect("/users/2/orders"), Infinity, "nor is its child");
});

Deno.test("JobCosts prefers a route's own cost to its siblings'", () => {
  const costs = new JobCosts();
  costs.learn("/reports/yearly", 900);
  costs.learn("/reports/today", 1);
  assertEquals(costs.expect("/reports/yearly"), 900);
  assertEquals(costs.expect("/reports/today"), 1);
});

Deno.test("JobCosts believes a cost that is surely high at once", () => {
  const costs = new JobCosts();
  costs.learn("/a", 0.1);
  costs.learn("/a", 100);
  assertEquals(costs.expect("/a"), 100);
});

Deno.test("JobCosts believes a cost that rises a little by and by, for a thread may only have been interrupted", () => {
  const costs = new JobCosts();
  costs.learn("/a", 0);
  costs.learn("/a", 8);
  assertEquals(costs.expect("/a"), 2);
  for (let i = 0; i < 20; i++) costs.learn("/a", 8);
  assert(costs.expect("/a") > 7, "twenty of them are no accident");
});

Deno.test("JobCosts believes a cost that falls little by little", () => {
  const costs = new JobCosts();
  costs.learn("/a", 100);
  costs.learn("/a", 0);
  assertEquals(costs.expect("/a"), 75);
  for (let i = 0; i < 20; i++) costs.learn("/a", 0);
  assert(costs.expect("/a") < 1, "twenty cheap ones make it cheap");
});

Deno.test("JobCosts forgets the oldest of very many routes, and only those", () => {
  const costs = new JobCosts();
  const count = 10_000;
  for (let i = 0; i < count; i++) costs.learn(`/${i}/page`, i);
  assertEquals(costs.expect("/0/page"), Infinity);
  assertEquals(costs.expect(`/${count - 1}/page`), count - 1);
});
