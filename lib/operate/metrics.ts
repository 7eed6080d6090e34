/**
 * Metrics in the text format of Prometheus, and in that of OpenMetrics. Names follow
 * OpenTelemetry's semantic conventions where these have one. Pure.
 *
 * @module
 */

import type { Histogram } from "../histogram.ts";
import type { Inspection } from "../skein.ts";
import type { Traffic } from "./traffic.ts";

/** The media types of the two formats. */
export const prometheusType = "text/plain; version=0.0.4; charset=utf-8";
/** @see {@link prometheusType} */
export const openMetricsType =
  "application/openmetrics-text; version=1.0.0; charset=utf-8";

/** What metrics are made of. */
export interface MetricsSource {
  readonly inspection: Inspection;
  readonly traffic: Traffic;
  /** Lines of the access log that were lost. */
  readonly droppedLines: number;
  readonly process: ProcessFigures;
}

/** Figures of the whole process. */
export interface ProcessFigures {
  readonly rssBytes: number;
  /** `null` where they cannot be counted. */
  readonly descriptors: number | null;
  /** The longest that the event loop was late, in the last seconds. */
  readonly eventLoopDelayMs: number;
  /** `Date.now()` milliseconds. */
  readonly startedAt: number;
}

type Labels = Readonly<Record<string, string>>;
type Values = Iterable<readonly [labels: Labels, value: number]>;

/** Writes one format. */
class Writer {
  readonly #openMetrics: boolean;
  text = "";

  constructor(openMetrics: boolean) {
    this.#openMetrics = openMetrics;
  }

  #head(name: string, type: string, help: string): void {
    this.text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  }

  #value(name: string, labels: Labels, value: number): void {
    this.text += `${name}${labelText(labels)} ${value}\n`;
  }

  gauge(name: string, help: string, values: Values): void {
    this.#head(name, "gauge", help);
    for (const [labels, value] of values) this.#value(name, labels, value);
  }

  /** @param name without `_total`, which OpenMetrics leaves out of the head */
  counter(name: string, help: string, values: Values): void {
    this.#head(this.#openMetrics ? name : `${name}_total`, "counter", help);
    for (const [labels, value] of values) {
      this.#value(`${name}_total`, labels, value);
    }
  }

  histogram(
    name: string,
    help: string,
    values: Iterable<readonly [labels: Labels, histogram: Histogram]>,
  ): void {
    this.#head(name, "histogram", help);
    for (const [labels, { bounds, counts, sum, count }] of values) {
      let below = 0;
      bounds.forEach((bound, index) => {
        below += counts[index];
        this.#value(`${name}_bucket`, { ...labels, le: le(bound) }, below);
      });
      this.#value(`${name}_bucket`, { ...labels, le: "+Inf" }, count);
      this.#value(`${name}_sum`, labels, sum);
      this.#value(`${name}_count`, labels, count);
    }
  }

  end(): string {
    return this.#openMetrics ? `${this.text}# EOF\n` : this.text;
  }
}

/** OpenMetrics wants bounds to look like floating-point numbers. */
function le(bound: number): string {
  return Number.isInteger(bound) ? `${bound}.0` : `${bound}`;
}

function labelText(labels: Labels): string {
  const entries = Object.entries(labels);
  if (entries.length === 0) return "";
  const pairs = entries.map(([name, value]) =>
    `${name}="${
      value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll(
        "\n",
        "\\n",
      )
    }"`
  );
  return `{${pairs.join(",")}}`;
}

const one = (value: number): Values => [[{}, value]];

function* labelled(
  name: string,
  entries: Iterable<readonly [string, number]>,
): Values {
  for (const [label, value] of entries) yield [{ [name]: label }, value];
}

// States that a request is under way in.
const activeStates = ["head", "body", "waiting", "writing"];

/** Requests that are under way. */
export function activeRequests({ connections }: Inspection): number {
  return activeStates.reduce(
    (sum, state) => sum + (connections.byState[state] ?? 0),
    0,
  );
}

/** All metrics as text. */
export function metricsText(
  source: MetricsSource,
  openMetrics: boolean,
): string {
  const writer = new Writer(openMetrics);
  writeTraffic(writer, source);
  writePool(writer, source.inspection);
  writeProcess(writer, source);
  return writer.end();
}

function writeTraffic(
  writer: Writer,
  { inspection, traffic, droppedLines }: MetricsSource,
): void {
  const series = [...traffic.series].map((each) =>
    [{
      http_request_method: each.method,
      http_response_status_class: each.statusClass,
    }, each] as const
  );
  writer.histogram(
    "http_server_request_duration_seconds",
    "From the first byte of a request to the last of its response.",
    series.map(([labels, { duration }]) => [labels, duration]),
  );
  writer.histogram(
    "http_server_request_body_size_bytes",
    "Bytes of request bodies that were read.",
    series.map(([labels, { requestBytes }]) => [labels, requestBytes]),
  );
  writer.histogram(
    "http_server_response_body_size_bytes",
    "Bytes of response bodies as they were sent.",
    series.map(([labels, { responseBytes }]) => [labels, responseBytes]),
  );
  writer.gauge(
    "http_server_active_requests",
    "Requests that are under way.",
    one(activeRequests(inspection)),
  );
  writer.gauge(
    "skein_connections",
    "Connections of clients.",
    labelled("state", Object.entries(inspection.connections.byState)),
  );
  writer.counter(
    "skein_access_log_lost_lines",
    "Lines of the access log that were lost.",
    one(droppedLines),
  );
}

function writePool(writer: Writer, inspection: Inspection): void {
  const { queue, workers, connections, rejected } = inspection;
  const states = { booting: 0, ready: 0, retiring: 0 };
  for (const { state } of workers) states[state]++;
  writer.gauge(
    "skein_workers",
    "Worker threads.",
    labelled("state", Object.entries(states)),
  );
  writer.gauge(
    "skein_queue_depth",
    "Requests that wait for a worker.",
    one(queue.length),
  );
  writer.histogram(
    "skein_queue_wait_seconds",
    "How long requests have waited for a worker.",
    [[{}, queue.wait]],
  );
  writer.counter(
    "skein_worker_replacements",
    "Workers that were replaced.",
    labelled("reason", inspection.replacements),
  );
  writer.gauge(
    "skein_workers_lost",
    "Threads that could not be stopped.",
    one(inspection.lostThreads),
  );
  writer.counter(
    "skein_handler_timeouts",
    "Requests whose handler took too long.",
    one(inspection.handlerTimeouts),
  );
  writer.counter(
    "skein_rejected",
    "Requests that were not run.",
    labelled("reason", [
      ...rejected,
      ["too_many_connections", connections.turnedAway],
    ]),
  );
  writer.counter(
    "skein_reloads",
    "Reloads that gave the pool new workers.",
    one(inspection.reloads),
  );
}

function writeProcess(writer: Writer, { process }: MetricsSource): void {
  writer.gauge(
    "process_resident_memory_bytes",
    "Memory of the whole process.",
    one(process.rssBytes),
  );
  if (process.descriptors !== null) {
    writer.gauge(
      "process_open_fds",
      "Open file descriptors.",
      one(process.descriptors),
    );
  }
  writer.gauge(
    "process_start_time_seconds",
    "When the process was started.",
    one(process.startedAt / 1000),
  );
  writer.gauge(
    "skein_event_loop_delay_seconds",
    "How late the main thread's event loop was, at most, in the last seconds.",
    one(process.eventLoopDelayMs / 1000),
  );
}
