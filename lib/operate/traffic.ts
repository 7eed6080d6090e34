/**
 * What the requests of a server were, counted: by method, status, duration and size.
 * Must not know how it is shown.
 *
 * @module
 */

import { Histogram } from "../histogram.ts";
import type { RequestEvent } from "../http/exchange.ts";
import { LatencyWindow } from "./latency_window.ts";

// Those of OpenTelemetry's semantic conventions, in seconds.
const durationBounds = [
  ...[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75],
  ...[1, 2.5, 5, 7.5, 10],
];
const sizeBounds = [100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];

// RFC 9110 section 9 and RFC 5789. A client may invent others without end.
const knownMethods = [
  ...["GET", "HEAD", "POST", "PUT", "DELETE"],
  ...["CONNECT", "OPTIONS", "TRACE", "PATCH"],
];
const otherMethods = "_OTHER";

/** The requests of one method and one class of status. */
export interface Series {
  readonly method: string;
  /** Such as `2xx`. */
  readonly statusClass: string;
  /** Seconds. */
  readonly duration: Histogram;
  /** Bytes of request bodies. */
  readonly requestBytes: Histogram;
  /** Bytes of response bodies. */
  readonly responseBytes: Histogram;
}

/** Counts requests. */
export class Traffic {
  /** By method, then by the first digit of the status. */
  readonly #byMethod = new Map<string, (Series | undefined)[]>(
    [...knownMethods, otherMethods].map((method) => [method, []]),
  );
  readonly recent = new LatencyWindow();

  /** All series that there are. */
  get series(): Iterable<Series> {
    return [...this.#byMethod.values()].flat().filter((each) =>
      each !== undefined
    );
  }

  /** Counts one; given to `onRequest`. */
  readonly observe = (event: RequestEvent): void => {
    const { head, status } = event;
    const ms = event.endedAt - event.receivedAt;
    const series = this.#seriesOf(
      head?.method ?? otherMethods,
      Math.floor(status / 100),
    );
    series.duration.observe(ms / 1000);
    series.requestBytes.observe(event.bodyBytesReceived);
    series.responseBytes.observe(
      Math.max(event.bytesSent - event.headBytes, 0),
    );
    this.recent.observe(ms, status >= 500);
  };

  /** Without a key that is put together: that was a fifth of all that this costs. */
  #seriesOf(method: string, statusClass: number): Series {
    const classes = this.#byMethod.get(method);
    if (classes === undefined) return this.#seriesOf(otherMethods, statusClass);
    return classes[statusClass] ??= newSeries(method, statusClass);
  }

  /** How many requests there were. */
  get total(): number {
    let total = 0;
    for (const { duration } of this.series) total += duration.count;
    return total;
  }

  /** How many requests there were of each class of status. */
  get statuses(): Record<string, number> {
    const statuses: Record<string, number> = {};
    for (const { statusClass, duration } of this.series) {
      statuses[statusClass] = (statuses[statusClass] ?? 0) + duration.count;
    }
    return statuses;
  }
}

function newSeries(method: string, statusClass: number): Series {
  return {
    method,
    statusClass: `${statusClass}xx`,
    duration: new Histogram(durationBounds),
    requestBytes: new Histogram(sizeBounds),
    responseBytes: new Histogram(sizeBounds),
  };
}
