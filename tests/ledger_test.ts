import { assertEquals } from "@std/assert";
import { Ledger } from "../lib/ledger.ts";

Deno.test("Ledger gives what was put there, once it is taken nothing", () => {
  const ledger = new Ledger<string>();
  ledger.add(7, "a");
  ledger.add(3, "b");
  assertEquals([ledger.get(7), ledger.get(3), ledger.get(1)], [
    ...["a", "b", undefined],
  ]);
  assertEquals([...ledger.values()], ["a", "b"]);
  assertEquals([ledger.take(7), ledger.take(7)], ["a", undefined]);
  assertEquals([ledger.size, ...ledger.values()], [1, "b"]);
  ledger.clear();
  assertEquals([ledger.size, ...ledger.values()], [0]);
});

Deno.test("Ledger may be taken from while its values are gone through", () => {
  const ledger = new Ledger<number>();
  for (let id = 0; id < 100; id++) ledger.add(id, id);
  const seen: number[] = [];
  for (const value of ledger.values()) {
    seen.push(value);
    ledger.take(value);
    ledger.take(value + 1);
  }
  assertEquals(seen, Array.from({ length: 50 }, (_, index) => index * 2));
  assertEquals(ledger.size, 0);
});
