/**
 * What is counted of guesses: by whom, how many, and what is forgotten.
 */

import { assertEquals } from "@std/assert";
import { clientOf, GuessLimit } from "../../lib/auth/guess_limit.ts";
import { RecentKeys } from "../../lib/auth/recent_keys.ts";
import { requireLocal } from "../../lib/auth/exposure.ts";

const clients: readonly [peer: string, client: string][] = [
  ["192.0.2.1 5000", "192.0.2.1"],
  ["192.0.2.1 5001", "192.0.2.1"],
  ["::ffff:192.0.2.1 5000", "192.0.2.1"],
  ["::FFFF:192.0.2.1 5000", "192.0.2.1"],
  ["2001:db8:1:2:3:4:5:6 1", "8193:3512:1:2"],
  ["2001:db8:1:2::6 1", "8193:3512:1:2"],
  ["2001:0DB8:1:2::7 1", "8193:3512:1:2"],
  ["2001:db8::1:2:3:4:5 1", "8193:3512:0:1"],
  ["2001:db8:1:3::6 1", "8193:3512:1:3"],
  ["::1 1", "0:0:0:0"],
  [":: 1", "0:0:0:0"],
  ["fe80::1%eth0 1", "65152:0:0:0"],
  ["unix: 0", "unix:"],
];

for (const [peer, want] of clients) {
  Deno.test(`clientOf("${peer}") is ${want}`, () => {
    assertEquals(clientOf(peer), want);
  });
}

Deno.test("an address has some guesses at once, then one in each interval", () => {
  const limit = new GuessLimit(3, 1000);
  const takes = (address: string, ...times: number[]) =>
    times.map((now) => limit.take(address, now));
  assertEquals(takes("a", 0, 0, 0, 0, 400), [0, 0, 0, 1000, 600]);
  assertEquals(takes("b", 0), [0]);
  assertEquals(takes("a", 1000, 1000, 1500), [0, 1000, 500]);
  // All three again, and no more than these.
  assertEquals(takes("a", 99_000, 99_000, 99_000, 99_000), [0, 0, 0, 1000]);
  limit.giveBack("a");
  assertEquals(takes("a", 99_000, 99_000), [0, 1000]);
});

Deno.test("the addresses that were silent for longest are forgotten", () => {
  const limit = new GuessLimit(1, 1000);
  limit.take("first", 0);
  for (let i = 0; i < 9_999; i++) limit.take(`${i}`, 0);
  assertEquals(limit.take("first", 0), 1000);
  limit.take("one more", 0);
  assertEquals(limit.take("first", 0), 0);
});

Deno.test("keys are forgotten after their time, and where there are too many", () => {
  const keys = new RecentKeys(2, 100);
  keys.add("a", 0);
  keys.add("b", 50);
  keys.forget(99);
  assertEquals([keys.has("a"), keys.has("b")], [true, true]);
  keys.forget(100);
  assertEquals([keys.has("a"), keys.has("b")], [false, true]);
  keys.add("c", 60);
  keys.add("b", 70);
  keys.add("d", 80);
  assertEquals(["b", "c", "d"].map((key) => keys.has(key)), [
    true,
    false,
    true,
  ]);
  keys.clear();
  assertEquals(keys.has("d"), false);
});

const plain: readonly [hostname: string, isLocal: boolean][] = [
  ["127.0.0.1", true],
  ["127.8.9.1", true],
  ["::1", true],
  ["::ffff:127.0.0.1", true],
  ["0.0.0.0", false],
  ["::", false],
  ["10.0.0.1", false],
  ["128.0.0.1", false],
  ["::ffff:10.0.0.1", false],
  ["fe80::1", false],
];

for (const [hostname, isLocal] of plain) {
  Deno.test(`passwords ${isLocal ? "may" : "must not"} come in plain text to ${hostname}`, () => {
    let said = "";
    try {
      const path = { transport: "unix", path: "/run/x" } as const;
      requireLocal([path, { transport: "tcp", hostname, port: 80 }]);
    } catch (error) {
      said = (error as Error).name;
    }
    assertEquals(said, isLocal ? "" : "PlainAuthError");
  });
}
