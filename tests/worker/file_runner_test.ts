/**
 * The runner of a worker that serves files only.
 */

import { assertEquals } from "@std/assert";
import type { HttpResponse, RequestHead } from "../../lib/http/message.ts";
import type { FromWorker } from "../../lib/messages/messages.ts";
import { FileRunner } from "../../lib/worker/file_runner.ts";
import { packPaths, statuses, text } from "../support/runner_bench.ts";
import { claimsClosed } from "../../lib/messages/messages.ts";

type Done = Extract<FromWorker, { kind: "batch-done" }>;

/** Runs those paths as one batch. */
function run(
  handle: (request: RequestHead) => HttpResponse,
  claims: Int32Array,
  ...paths: string[]
): Done {
  const messages: FromWorker[] = [];
  const post = (message: FromWorker) =>
    void messages.push(structuredClone(message));
  const runner = new FileRunner({ handle, post, claims, serverName: null });
  runner.run(packPaths(1, paths));
  const [done, ...others] = messages;
  assertEquals([done.kind, others], ["batch-done", []]);
  return done as Done;
}

function newClaims(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}

Deno.test("FileRunner responds to each job of a batch, and tells no costs", () => {
  const done = run(() => text("yes"), newClaims(), "/a", "/b");
  assertEquals([statuses(done), done.costs], [{ 1: 200, 2: 200 }, []]);
});

Deno.test("FileRunner fails the one job that throws", () => {
  const handle = ({ target }: RequestHead) => {
    if (target === "/bad") throw new Deno.errors.NotFound("a message");
    return text("");
  };
  const done = run(handle, newClaims(), "/a", "/bad", "/a");
  assertEquals(statuses(done), { 1: 200, 2: 500, 3: 200 });
  assertEquals(done.failures[0].trace.split("\n", 1), [
    "NotFound: a message",
  ]);
});

Deno.test("FileRunner runs no job that the pool has taken back", () => {
  const claims = newClaims();
  const handle = () => {
    Atomics.store(claims, 0, claimsClosed);
    return text("");
  };
  assertEquals(statuses(run(handle, claims, "/a", "/b", "/b")), { 1: 200 });
});

Deno.test("FileRunner ends a batch, though one job waits for a module", async () => {
  const messages: FromWorker[] = [];
  const late = Promise.withResolvers<void>();
  const runner = new FileRunner({
    handle: ({ target }) => {
      if (target === "/a") return text("now");
      const response = { response: text("later"), stream: null };
      return late.promise.then(() => {
        if (target === "/bad") throw new Error("no module");
        return response;
      });
    },
    post: (message) => void messages.push(structuredClone(message)),
    claims: newClaims(),
    serverName: null,
  });
  runner.run(packPaths(1, ["/late", "/a", "/bad"]));
  assertEquals(messages.map(({ kind }) => kind), ["batch-done"]);
  assertEquals(statuses(messages[0] as Done), { 2: 200 });
  late.resolve();
  while (messages.length < 2) await new Promise((done) => setTimeout(done));
  const after = messages.slice(1) as Extract<
    FromWorker,
    { kind: "late-responses" }
  >[];
  assertEquals(
    new Set(after.map(({ kind }) => kind)),
    new Set(["late-responses"]),
  );
  assertEquals(
    Object.assign({}, ...after.map((message) => statuses(message))),
    { 1: 200, 3: 500 },
  );
});
