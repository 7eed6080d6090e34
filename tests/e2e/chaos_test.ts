/**
 * A short chaos (`deno task chaos` is a long one): handlers die in every way at
 * random, and each request has the one answer that is right for it.
 */

import { assert, assertEquals } from "@std/assert";
import { chaos } from "../chaos/chaos.ts";
import { ChaosLog } from "../chaos/log.ts";
import { complaint } from "../chaos/client.ts";
import { findings } from "../chaos/findings.ts";
import { anyRequest, kinds } from "../chaos/requests.ts";
import { Random } from "../fuzz/random.ts";
import { inTime } from "../support/in_time.ts";

Deno.test(
  "chaos comes to nothing: no wrong answer, no lost request, no thread missing",
  // Its rounds are bounded, but a slow machine takes long to boot their workers.
  inTime(async () => {
    const result = await chaos({ seed: 7878, ms: 3000, lost: 1 });
    assertEquals(findings(result), []);
    assert(result.replaced > 0, "some worker was replaced");
    assertEquals(result.answers.get("loopAfterTimer"), 1);
  }, 60_000),
);

Deno.test("chaos asks for everything, and the same for the same seed", () => {
  const requests = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 5000 }, (_, i) => anyRequest(random, `${i}`));
  };
  const some = requests(1);
  assertEquals(
    new Set(some.map(({ kind }) => kind)),
    new Set(kinds),
  );
  assertEquals(requests(1).slice(0, 100), some.slice(0, 100));
});

Deno.test("chaos complains of every other answer", () => {
  const get = { kind: "", path: "", content: null, cut: false };
  const whole = { ...get, status: 200, wants: "content" };
  const right = { status: 200, content: "content", cut: false };
  assertEquals(complaint(whole, right), null);
  for (
    const wrong of [{ status: 500 }, { content: "contents" }, { cut: true }]
  ) {
    assert(complaint(whole, { ...right, ...wrong }) !== null);
  }
  assert(complaint({ ...whole, cut: true }, right) !== null);
  const part = { ...get, status: 200, wants: { part: "ten" } };
  assertEquals(complaint(part, right), null);
  assert(complaint(part, { ...right, content: "con" }) !== null);
});

Deno.test("chaos complains of what it does not expect in a log, and in memory", () => {
  const log = new ChaosLog();
  log.read(
    "2026-11-28T10:43:47.100Z Request 0123abcd (GET /throw) failed: Error: thrown on purpose",
  );
  log.read("    at fetch (app.ts:1:2)");
  log.read("A worker was replaced: the app called Deno.exit()");
  assertEquals([log.unexpected, log.replaced], [[], 1]);
  log.read("Request 4567abcd (GET /throw) failed: Error: oops");
  assertEquals(log.unexpected.length, 1);
  assertEquals([...log.failures], ["0123abcd", "4567abcd"]);
  const result = {
    answers: new Map<string, number>(),
    complaints: [],
    unexpected: [],
    unlogged: [],
    replaced: 0,
    grownBytes: 1024,
  };
  assertEquals(findings(result), []);
  for (
    const worse of [
      { complaints: ["one"] },
      { unexpected: ["line"] },
      { unlogged: ["4567abcd"] },
      { grownBytes: 2 ** 30 },
    ]
  ) assertEquals(findings({ ...result, ...worse }).length, 1);
});
