/** Metrics as text: what a scraper has to be able to read. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Histogram } from "../../lib/histogram.ts";
import { LatencyWindow } from "../../lib/operate/latency_window.ts";
import { metricsText } from "../../lib/operate/metrics.ts";
import { Traffic } from "../../lib/operate/traffic.ts";
import type { Inspection } from "../../lib/skein.ts";

function inspection(): Inspection {
  const wait = new Histogram([0.001, 1]);
  wait.observe(0.001);
  wait.observe(0.5);
  wait.observe(2);
  return {
    state: "ready",
    connections: {
      ...{ total: 3, limit: 10, turnedAway: 1 },
      byState: { idle: 1, waiting: 1, writing: 1 },
    },
    queue: { length: 4, limit: 10, oldestMs: 5, wait },
    workers: [],
    recentReplacements: [],
    replacements: new Map([["crash", 2]]),
    rejected: new Map([["queue_full", 7]]),
    ...{ handlerTimeouts: 5, lostThreads: 1, reloads: 0, routes: [] },
  };
}

function text(openMetrics: boolean): string {
  const traffic = new Traffic();
  for (const [method, status] of [["GET", 200], ['A"\n\\', 404]] as const) {
    traffic.observe({
      head: {
        ...{ method, target: "/", authority: "h", version: "1.1", fields: [] },
      },
      ...{ peer: "a 1", status, bytesSent: 300, headBytes: 100 },
      ...{
        complete: true,
        worker: null,
        refusal: null,
        bodyBytesReceived: 7,
        receivedAt: 0,
        endedAt: 30,
      },
    });
  }
  return metricsText({
    inspection: inspection(),
    traffic,
    droppedLines: 9,
    process: {
      ...{ rssBytes: 1e6, descriptors: null, eventLoopDelayMs: 1 },
      startedAt: 5000,
    },
  }, openMetrics);
}

for (const openMetrics of [false, true]) {
  Deno.test(`metrics are lines that a scraper reads, ${openMetrics ? "OpenMetrics" : "Prometheus"}`, () => {
    const lines = text(openMetrics).split("\n").slice(0, -1);
    if (openMetrics) assertEquals(lines.pop(), "# EOF");
    const types = new Map<string, string>();
    for (const line of lines) {
      const [, name, type] = /^# TYPE (\w+) (\w+)$/.exec(line) ?? [];
      if (name !== undefined) {
        assert(!types.has(name), `${name} comes once`);
        types.set(name, type);
      }
      if (line.startsWith("#")) continue;
      assertMatch(line, /^[a-z_]+(\{(\w+="[^"\n]*",?)+\})? [0-9.e+-]+$/);
      const [full] = line.split(/[{ ]/, 1);
      const base = full.replace(/_(bucket|sum|count|total)$/, "");
      assert(types.has(base) || types.has(full), `${full} has a type`);
    }
    const counter = openMetrics
      ? "skein_handler_timeouts"
      : "skein_handler_timeouts_total";
    assertEquals(types.get(counter), "counter");
  });
}

Deno.test("metrics have the figures", () => {
  const lines = text(false).split("\n");
  for (
    const line of [
      'http_server_request_duration_seconds_bucket{http_request_method="GET",http_response_status_class="2xx",le="0.025"} 0',
      'http_server_request_duration_seconds_bucket{http_request_method="GET",http_response_status_class="2xx",le="0.05"} 1',
      // A client that invents methods makes no series.
      'http_server_request_duration_seconds_count{http_request_method="_OTHER",http_response_status_class="4xx"} 1',
      'http_server_request_body_size_bytes_sum{http_request_method="GET",http_response_status_class="2xx"} 7',
      'http_server_response_body_size_bytes_sum{http_request_method="GET",http_response_status_class="2xx"} 200',
      "http_server_active_requests 2",
      'skein_connections{state="idle"} 1',
      "skein_queue_depth 4",
      'skein_queue_wait_seconds_bucket{le="0.001"} 1',
      'skein_queue_wait_seconds_bucket{le="1.0"} 2',
      'skein_queue_wait_seconds_bucket{le="+Inf"} 3',
      'skein_worker_replacements_total{reason="crash"} 2',
      'skein_rejected_total{reason="queue_full"} 7',
      'skein_rejected_total{reason="too_many_connections"} 1',
      "skein_handler_timeouts_total 5",
      "skein_access_log_lost_lines_total 9",
      "process_start_time_seconds 5",
    ]
  ) assert(lines.includes(line), line);
});

Deno.test("LatencyWindow knows percentiles of the last seconds, and a history", () => {
  const window = new LatencyWindow();
  assertEquals(window.latency.p99Ms, 0);
  for (let ms = 1; ms <= 100; ms++) window.observe(ms, ms > 98);
  window.turn(3);
  const { perSecond, p50Ms, p90Ms, p99Ms } = window.latency;
  assertEquals(perSecond, 50);
  // Buckets are a quarter wide.
  assert(p50Ms >= 50 && p50Ms < 63, `${p50Ms}`);
  assert(p90Ms >= 90 && p90Ms < 113, `${p90Ms}`);
  assert(p99Ms >= 99 && p99Ms < 124, `${p99Ms}`);
  const [{ p99Ms: sameMs, ...moment }] = window.history;
  assertEquals(moment, { perSecond: 50, queue: 3, errors: 2 });
  assertEquals(sameMs, p99Ms);
  for (let turn = 0; turn < 200; turn++) window.turn(0);
  assertEquals(window.history.length, 150);
  assertEquals(window.latency.perSecond, 0);
});
