/**
 * The admin listener: health, metrics and the status page, on the main thread and with
 * limits of its own, so that it responds while all workers are busy. Must not know how
 * requests of others are served.
 *
 * @module
 */

import { errorResponse } from "../http/error.ts";
import {
  type BodySource,
  type Exchange,
  type ReceivedRequest,
  type WireResponse,
  wireResponseOf,
} from "../http/exchange.ts";
import type { Field } from "../http/message.ts";
import { encodeFieldLines } from "../http/response_fields.ts";
import { defaultLimits } from "../limits.ts";
import type { Listener } from "../server/listen.ts";
import { Server } from "../server/server.ts";
import {
  type MetricsSource,
  metricsText,
  openMetricsType,
  prometheusType,
} from "./metrics.ts";
import { statusOf, type StatusSource } from "./status.ts";
import { StatusFeed } from "./status_feed.ts";
import { statusPage } from "./status_page.ts";

/** What an admin listener tells of. */
export interface AdminOptions {
  readonly listener: Listener;
  /** Everything that there is to tell, at this moment. */
  readonly source: () => StatusSource & MetricsSource;
  /** Hears of bugs. */
  readonly onBug: (error: unknown) => void;
}

const limits = {
  ...defaultLimits,
  maxConnections: 64,
  maxBodyBytes: 1,
  headTimeoutMs: 5000,
};

const encoder = new TextEncoder();
// The rest of its policy is in the page.
const pageFields = fieldLines("text/html; charset=utf-8", [
  ["Content-Security-Policy", "frame-ancestors 'none'"],
]);

/** A listener for the people on call. */
export class Admin {
  readonly #server: Server;
  readonly #feed: StatusFeed;
  readonly #source: AdminOptions["source"];
  readonly #isLoopback: boolean;

  constructor({ listener, source, onBug }: AdminOptions) {
    this.#source = source;
    this.#isLoopback = isLoopback(listener.addr);
    this.#feed = new StatusFeed(() => JSON.stringify(statusOf(source())));
    this.#server = new Server([{ listener }], {
      limits,
      dispatch: (request) => this.#dispatch(request),
      wantsBodies: false,
      refuse: () => null,
      maxStreamedBodyBytes: null,
      serverName: null,
      secureLines: null,
      onRequest: null,
      proxies: null,
      readProxyHeader: null,
      onBug,
    });
  }

  #dispatch(request: ReceivedRequest): Exchange {
    const response = this.#respond(request);
    return {
      response: Promise.resolve(response),
      worker: null,
      abandon: () => {
        if (response.kind === "open" && isSource(response.body)) {
          response.body.cancel();
        }
      },
      handedOver: () => {},
    };
  }

  #respond({ head }: ReceivedRequest): WireResponse {
    if (this.#isLoopback && !isLocalName(head.authority)) {
      return wireResponseOf(
        errorResponse(403, "Ask for this by its address, or as localhost."),
        head,
      );
    }
    if (head.method !== "GET" && head.method !== "HEAD") {
      return wireResponseOf(
        errorResponse(405, "There is nothing to change here.", [
          ["Allow", "GET, HEAD"],
        ]),
        head,
      );
    }
    const [path, query = ""] = head.target.split("?", 2);
    switch (path) {
      case "/":
        return open(200, pageFields, encoder.encode(statusPage));
      case "/events":
        return open(200, fieldLines("text/event-stream"), this.#feed.source());
      case "/status.json":
        return text(
          "application/json",
          `${JSON.stringify(statusOf(this.#source()), null, 1)}\n`,
        );
      case "/livez":
        return text("text/plain; charset=utf-8", "ok\n");
      case "/readyz":
        return this.#readiness(query.split("&").includes("verbose"));
      case "/metrics": {
        const accepted = head.fields.find(([name]) => name === "accept")?.[1];
        const isOpen = accepted?.includes("application/openmetrics-text") ??
          false;
        return text(
          isOpen ? openMetricsType : prometheusType,
          metricsText(this.#source(), isOpen),
        );
      }
      default:
        return wireResponseOf(
          errorResponse(404, "There is no such page."),
          head,
        );
    }
  }

  #readiness(verbose: boolean): WireResponse {
    const { notReady, inspection } = this.#source();
    const status = notReady === null ? 200 : 503;
    const ready = inspection.workers.filter(({ state }) => state === "ready");
    const more = verbose
      ? `${notReady ?? "The server is ready."}\n` +
        `Workers that are ready: ${ready.length}\n` +
        `Requests that wait: ${inspection.queue.length}\n`
      : notReady === null
      ? "ok\n"
      : "not ready\n";
    return text("text/plain; charset=utf-8", more, status);
  }

  /** Ends it, with all that read events. */
  async close(): Promise<void> {
    this.#feed.close();
    await this.#server.drain(Promise.resolve());
  }
}

function isSource(
  body: Extract<WireResponse, { kind: "open" }>["body"],
): body is BodySource {
  return body !== null && "read" in body;
}

function text(type: string, content: string, status = 200): WireResponse {
  return open(status, fieldLines(type), encoder.encode(content));
}

function open(
  status: number,
  fieldLines: string,
  body: Uint8Array | BodySource,
): WireResponse {
  return { kind: "open", status, fieldLines, body };
}

function fieldLines(type: string, more: readonly Field[] = []): string {
  return encodeFieldLines([
    ["Content-Type", type],
    ["Cache-Control", "no-store"],
    ["X-Content-Type-Options", "nosniff"],
    ...more,
  ]);
}

function isLoopback(address: Deno.NetAddr | Deno.UnixAddr): boolean {
  return address.transport === "tcp" &&
    /^(127\.|::1$)/.test(address.hostname);
}

/** A page of another site may give its own name this address, and would read what is
 * here: so a name has to be of this machine. Health checks of proxies send none. */
function isLocalName(authority: string): boolean {
  if (authority === "") return true;
  const host = authority.replace(/:[0-9]*$/, "").toLowerCase();
  return host === "localhost" || host.endsWith(".localhost") ||
    /^\[[0-9a-f:.]+\]$/.test(host) || /^[0-9.]+$/.test(host);
}
