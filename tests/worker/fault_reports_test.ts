import { assertEquals, assertMatch } from "@std/assert";
import { FaultReports } from "../../lib/worker/fault_reports.ts";
import { inTime, until } from "../support/in_time.ts";

Deno.test(
  "FaultReports tells of the first errors and counts the others, span after span",
  inTime(async () => {
    const told: string[] = [];
    const reports = new FaultReports((trace) => told.push(trace));
    let texts = 0;
    const error = () =>
      Object.defineProperty(new Error(), "stack", {
        get: () => `its text, made ${++texts} times`,
      });
    for (let count = 0; count < 20_000; count++) reports.add("Late", error());
    assertEquals([told.length, texts], [50, 50]);
    assertMatch(told[0], /^Late: its text/);
    await until(() => told.length === 51);
    assertEquals(told[50], "Of such errors there were 19950 more");
    // The next span begins anew, and of none nothing is said.
    for (let count = 0; count < 51; count++) reports.add("Late", error());
    await until(() => told.length > 101);
    assertEquals(told[101], "Of such errors there were 1 more");
  }),
);
