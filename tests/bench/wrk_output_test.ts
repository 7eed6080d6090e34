import { assertEquals, assertThrows } from "@std/assert";
import { parseWrkOutput, type WrkFigures } from "./wrk_output.ts";

/** What wrk 4.1.0 prints, with the parts that differ filled in. */
function output(
  {
    p50 = "301.00us",
    p99 = "1.29ms",
    rate = "126340.31",
    transfer = "44.22MB",
    trouble = "",
  },
): string {
  return `Running 1s test @ http://127.0.0.1:8999/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   355.04us  252.64us   5.98ms   95.20%
    Req/Sec   127.68k    16.01k  147.91k    70.00%
  Latency Distribution
     50%  ${p50}
     75%  409.00us
     90%  504.00us
     99%  ${p99}
  126936 requests in 1.00s, 44.43MB read
${trouble}Requests/sec: ${rate}
Transfer/sec:     ${transfer}
`;
}

const socketErrors =
  "  Socket errors: connect 1, read 20, write 300, timeout 4000\n";
const badAnswers = "  Non-2xx or 3xx responses: 7\n";

const rows: { name: string; wrk: string; want: Partial<WrkFigures> }[] = [
  {
    name: "a run with no errors",
    wrk: output({}),
    want: {
      requestsPerSecond: 126340.31,
      p50Ms: 0.301,
      p99Ms: 1.29,
      errors: 0,
    },
  },
  {
    name: "a p99 in seconds",
    wrk: output({ p99: "1.62s" }),
    want: { p99Ms: 1620 },
  },
  {
    name: "a p99 in minutes",
    wrk: output({ p99: "1.50m" }),
    want: { p99Ms: 90_000 },
  },
  {
    name: "a transfer in gigabytes of 1024",
    wrk: output({ transfer: "2.00GB" }),
    want: { bytesPerSecond: 2 * 1024 ** 3 },
  },
  {
    name: "a transfer of nothing",
    wrk: output({ transfer: "0.00B", rate: "0.00" }),
    want: { bytesPerSecond: 0, requestsPerSecond: 0 },
  },
  {
    name: "socket errors of all kinds",
    wrk: output({ trouble: socketErrors }),
    want: { errors: 4321 },
  },
  {
    name: "bad answers",
    wrk: output({ trouble: badAnswers }),
    want: { errors: 7 },
  },
  {
    name: "both kinds of errors",
    wrk: output({ trouble: socketErrors + badAnswers }),
    want: { errors: 4328 },
  },
];

for (const { name, wrk, want } of rows) {
  Deno.test(`parseWrkOutput() reads ${name}`, () => {
    const figures = parseWrkOutput(wrk);
    for (const [key, value] of Object.entries(want)) {
      assertEquals(figures[key as keyof WrkFigures], value);
    }
  });
}

const unreadable = [
  { name: "no output", wrk: "", says: 'no "Requests/sec" line' },
  {
    name: "output without --latency",
    wrk: output({}).replace(/^ +99%.*\n/m, ""),
    says: 'no "99%" line',
  },
  {
    name: "an unknown unit",
    wrk: output({ p50: "2.00days" }),
    says: 'unknown unit "days"',
  },
];

for (const { name, wrk, says } of unreadable) {
  Deno.test(`parseWrkOutput() refuses ${name}`, () => {
    assertThrows(() => parseWrkOutput(wrk), SyntaxError, says);
  });
}
