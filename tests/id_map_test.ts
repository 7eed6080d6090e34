import { assertEquals } from "@std/assert";
import fc from "./support/fast_check.ts";
import { IdMap } from "../lib/id_map.ts";
import { seed } from "./support/seed.ts";

Deno.test("IdMap gives what was put there, once it is taken nothing", () => {
  const ledger = new IdMap<string>();
  ledger.add(7, "a");
  ledger.add(3, "b");
  assertEquals([ledger.get(7), ledger.get(3), ledger.get(1)], [
    ...["a", "b", undefined],
  ]);
  assertEquals(ledger.values().sort(), ["a", "b"]);
  assertEquals([ledger.take(7), ledger.take(7)], ["a", undefined]);
  assertEquals([ledger.size, ...ledger.values()], [1, "b"]);
  ledger.clear();
  assertEquals([ledger.size, ledger.get(3), ...ledger.values()], [
    ...[0, undefined],
  ]);
});

Deno.test("IdMap may be taken from while its values are gone through", () => {
  const ledger = new IdMap<number>();
  for (let id = 0; id < 100; id++) ledger.add(id, id);
  const seen = ledger.values().filter((value) => ledger.take(value) === value);
  assertEquals([seen.length, ledger.size], [100, 0]);
});

// Great ones are past 31, 32 and 53 bits; those that are 2 ** 32 apart share their places.
const ids = fc.oneof(
  fc.nat(20),
  fc.nat(5).map((n) => n * 2 ** 32),
  fc.nat(20).map((n) => 2 ** 31 - 10 + n),
  fc.nat(20).map((n) => 2 ** 32 - 10 + n),
  fc.nat(20).map((n) => 2 ** 53 - 1 - n),
);
const steps = fc.array(
  fc.record({ step: fc.constantFrom("add", "add", "take", "get"), id: ids }),
  { maxLength: 300 },
);

Deno.test("IdMap holds what a Map would", () => {
  fc.assert(
    fc.property(steps, (steps) => {
      const ledger = new IdMap<number>();
      const map = new Map<number, number>();
      for (const [at, { step, id }] of steps.entries()) {
        assertEquals(ledger.get(id), map.get(id));
        if (step === "take") {
          assertEquals(ledger.take(id), map.get(id));
          map.delete(id);
        } else if (step === "add" && !map.has(id)) {
          ledger.add(id, at);
          map.set(id, at);
        }
        assertEquals(ledger.size, map.size);
      }
      assertEquals(
        ledger.values().sort((a, b) => a - b),
        [...map.values()].sort((a, b) => a - b),
      );
    }),
    { seed },
  );
});
