/**
 * How the access log is written: what was asked for, and what a person on a terminal sees
 * who has not asked.
 */

import { assertEquals } from "@std/assert";
import {
  type AccessLogFlags,
  type AccessLogPlan,
  planAccessLog,
} from "../../lib/cli/operate_flags.ts";

const colored = { isTerminal: true, isColored: true };
const plain = { isTerminal: true, isColored: false };
const elsewhere = { isTerminal: false, isColored: false };

const toStdout: AccessLogFlags = { target: "-", format: null, queries: false };
const toFile: AccessLogFlags = { ...toStdout, target: "log", queries: true };

const rows: readonly {
  readonly flags: AccessLogFlags | null;
  readonly terminal: typeof colored;
  readonly quiet?: boolean;
  readonly plan: AccessLogPlan | null;
}[] = [
  { flags: null, terminal: elsewhere, plan: null },
  { flags: null, terminal: colored, quiet: true, plan: null },
  { flags: null, terminal: colored, plan: to("-", "pretty", true, 200) },
  { flags: null, terminal: plain, plan: to("-", "pretty", false, 200) },
  { flags: toStdout, terminal: colored, plan: to("-", "pretty", true) },
  {
    flags: toStdout,
    terminal: colored,
    quiet: true,
    plan: to("-", "pretty", true),
  },
  { flags: toStdout, terminal: elsewhere, plan: to("-", "combined", false) },
  {
    flags: { ...toStdout, format: "json" },
    terminal: colored,
    plan: to("-", "json", true),
  },
  {
    flags: toFile,
    terminal: colored,
    plan: to("log", "combined", false, undefined, true),
  },
];

function to(
  target: string,
  format: AccessLogPlan["line"]["format"],
  color: boolean,
  maxInSecond?: number,
  queries = false,
): AccessLogPlan {
  return { target, line: { format, color, queries }, maxInSecond };
}

for (const { flags, terminal, quiet = false, plan } of rows) {
  const asked = JSON.stringify({ flags, terminal, quiet });
  Deno.test(`the access log of ${asked}`, () => {
    assertEquals(planAccessLog(flags, quiet, terminal), plan);
  });
}
