import { assert, assertEquals } from "@std/assert";
import fc from "../support/fast_check.ts";
import { BoundedCache } from "../../lib/files/bounded_cache.ts";
import { seed } from "../support/seed.ts";

Deno.test("BoundedCache gives what was put there, and the newer of two", () => {
  const cache = new BoundedCache<string>(10_000);
  assertEquals(cache.get("a"), undefined);
  cache.set("a", "1", 10);
  cache.set("b", "2", 10);
  cache.set("a", "3", 10);
  assertEquals([cache.get("a"), cache.get("b")], ["3", "2"]);
  cache.delete("a");
  cache.delete("a");
  assertEquals([cache.get("a"), cache.get("b")], [undefined, "2"]);
  cache.delete("b");
  assertEquals(cache.bytes, 0);
});

Deno.test("BoundedCache forgets what was put there or renewed longest ago", () => {
  const cache = new BoundedCache<number>(5000);
  for (let i = 0; i < 3; i++) cache.set(`${i}`, i, 1000);
  cache.renew("0");
  cache.renew("nothing");
  cache.set("3", 3, 1000);
  assertEquals(["0", "1", "2", "3"].map((name) => cache.get(name)), [
    ...[0, undefined, 2, 3],
  ]);
});

Deno.test("BoundedCache makes room for what grows, and keeps nothing that is too large", () => {
  const cache = new BoundedCache<number>(5000);
  for (let i = 0; i < 3; i++) cache.set(`${i}`, i, 1000);
  cache.grow("2", 1000);
  assertEquals(["0", "1", "2"].map((name) => cache.get(name)), [
    ...[undefined, 1, 2],
  ]);
  cache.grow("nothing", 1_000_000);
  assertEquals(cache.get("1"), 1);
  cache.set("large", 9, 6000);
  assertEquals(cache.get("large"), undefined);
  assertEquals(cache.bytes, 0);
});

Deno.test("BoundedCache never weighs more than it may, nor less than it holds", () => {
  const step = fc.record({
    name: fc.constantFrom("a", "b", "c", "d", "e"),
    bytes: fc.nat(3000),
    how: fc.constantFrom("set", "grow", "delete", "renew"),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const cache = new BoundedCache<string>(6000);
      const weights = new Map<string, number>();
      for (const { name, bytes, how } of steps) {
        if (how === "set") {
          cache.set(name, name, bytes);
          weights.set(name, bytes);
        } else if (how === "grow") {
          cache.grow(name, bytes);
          weights.set(name, (weights.get(name) ?? 0) + bytes);
        } else if (how === "delete") cache.delete(name);
        else cache.renew(name);
        const held = [...weights].filter(([name]) => cache.get(name) === name);
        const weight = held.reduce((sum, [, bytes]) => sum + bytes, 0);
        assert(weight <= cache.bytes && cache.bytes <= 6000);
      }
      for (const name of ["a", "b", "c", "d", "e"]) cache.delete(name);
      assertEquals(cache.bytes, 0);
    }),
    { seed },
  );
});
