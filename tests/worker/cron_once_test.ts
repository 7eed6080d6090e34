/**
 * `Deno.cron` of an app that several workers load: its task runs in one of them.
 */

import { assertEquals, assertRejects } from "@std/assert";
import {
  Claims,
  type Cron,
  onlyOnce,
  type Task,
} from "../../lib/worker/cron_once.ts";
import { TaskClaims } from "../../lib/pool/task_claims.ts";

/** Registers a cron in a worker of its own. @returns what Deno calls when it is due */
function registered(claims: TaskClaims, task: Task): Task {
  const here = new Claims((name, minute) =>
    queueMicrotask(() => here.answer(name, minute, claims.claim(name, minute)))
  );
  let called: Task | null = null;
  const cron: Cron = (...args) => {
    assertEquals(args.slice(0, -1), ["tick", "* * * * *", options]);
    called = args.at(-1) as Task;
    return Promise.resolve();
  };
  onlyOnce(cron, here.claim)("tick", "* * * * *", options, task);
  return called!;
}

const options = { backoffSchedule: [1000] };

Deno.test("a task that is due in three workers runs in one of them", async () => {
  const claims = new TaskClaims();
  const ran: number[] = [];
  const due = [0, 1, 2].map((at) =>
    registered(claims, () => void ran.push(at))
  );
  await Promise.all(due.map((call) => call()));
  assertEquals(ran, [0]);
  // A worker that has taken the place of another asks late.
  await registered(claims, () => void ran.push(3))();
  assertEquals(ran, [0]);
});

Deno.test("a task that has failed is tried again by the worker that ran it", async () => {
  let left = 1;
  const call = registered(new TaskClaims(), () => {
    if (left-- > 0) throw new Error("not yet");
  });
  await assertRejects(async () => await call(), Error, "not yet");
  await call();
  assertEquals(left, -1);
});

Deno.test("tasks of other names and minutes are claimed apart", () => {
  const claims = new TaskClaims();
  const rows: [string, number, boolean][] = [
    ["a", 7, true],
    ["a", 7, false],
    ["b", 7, true],
    ["a", 8, true],
    ["a", 7, false],
    ["a", 6, false],
  ];
  for (const [name, minute, want] of rows) {
    assertEquals(claims.claim(name, minute), want, `${name} ${minute}`);
  }
});
