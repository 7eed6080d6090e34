/**
 * Inside a worker: a span for each request, by OpenTelemetry's semantic conventions for
 * HTTP servers. A trace that the client has begun goes on (W3C Trace Context), and what
 * the handler fetches is below the span. Must not know where spans are sent.
 *
 * @module
 */

import type { Handler, HandlerResponse } from "../http/handler.ts";
import {
  fieldValue,
  type HttpRequest,
  type HttpResponse,
} from "../http/message.ts";
import { natives } from "../natives.ts";

/** The parts of `Deno.telemetry` that are used; it follows OpenTelemetry's API. */
interface Telemetry {
  readonly tracerProvider: { getTracer(name: string): Tracer };
  readonly contextManager: {
    active(): Context;
    with<T>(context: Context, run: () => T): T;
  };
}

interface Tracer {
  startSpan(name: string, options: SpanOptions, parent: Context): Span;
}

interface SpanOptions {
  readonly kind: number;
  readonly attributes: Readonly<Record<string, string>>;
}

interface Span {
  setAttribute(name: string, value: string | bigint): void;
  setStatus(status: { readonly code: number }): void;
  end(): void;
}

interface Context {
  setValue(key: symbol, value: unknown): Context;
}

// The names of OpenTelemetry's API.
const spanKey = Symbol.for("OpenTelemetry Context Key SPAN");
const serverKind = 1;
const errorCode = 2;

// https://www.w3.org/TR/trace-context/#traceparent-header; later versions may add more.
const traceParent =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-|$)/;

/** The handler within spans; the handler alone where the runtime exports none. */
export function traced(handler: Handler): Handler {
  try {
    return new TracedHandler(handler);
  } catch {
    return handler;
  }
}

/** Handles requests within spans. */
class TracedHandler implements Handler {
  readonly #handler: Handler;
  readonly #telemetry: Telemetry;
  readonly #tracer: Tracer;

  /** @throws where the runtime has no telemetry, or it is not on */
  constructor(handler: Handler) {
    const { telemetry } = Deno as unknown as { telemetry: Telemetry };
    this.#handler = handler;
    this.#telemetry = telemetry;
    this.#tracer = telemetry.tracerProvider.getTracer("skein");
    // It is never ended, so that nobody hears of it.
    this.#start("", {}, telemetry.contextManager.active());
  }

  #start(
    name: string,
    attributes: SpanOptions["attributes"],
    parent: Context,
  ): Span {
    return this.#tracer.startSpan(
      name,
      { kind: serverKind, attributes },
      parent,
    );
  }

  handle(
    ...[request, job]: Parameters<Handler["handle"]>
  ): ReturnType<Handler["handle"]> {
    const { contextManager } = this.#telemetry;
    const parent = parentOf(request, contextManager.active());
    const span = this.#start(request.method, attributesOf(request), parent);
    return contextManager.with(parent.setValue(spanKey, span), () => {
      try {
        return this.#settle(this.#handler.handle(request, job), span);
      } catch (error) {
        fail(span, error);
        throw error;
      }
    });
  }

  #settle(
    result: HttpResponse | Promise<HandlerResponse>,
    span: Span,
  ): HttpResponse | Promise<HandlerResponse> {
    if (!(result instanceof natives.Promise)) {
      end(span, result.status);
      return result;
    }
    return result.then((settled) => {
      end(span, settled.response.status);
      return settled;
    }, (error) => {
      fail(span, error);
      throw error;
    });
  }
}

/** The context that a client's trace goes on in. */
function parentOf(request: HttpRequest, active: Context): Context {
  const value = fieldValue(request.fields, "traceparent");
  const match = value === undefined ? null : traceParent.exec(value);
  if (match === null) return active;
  const [, traceId, spanId, flags] = match;
  const context = {
    ...{ traceId, spanId, isRemote: true },
    traceFlags: parseInt(flags, 16) & 1,
  };
  return active.setValue(spanKey, { spanContext: () => context });
}

function attributesOf(request: HttpRequest): SpanOptions["attributes"] {
  const { method, target, scheme, authority, version, peer } = request;
  const query = target.indexOf("?");
  const agent = fieldValue(request.fields, "user-agent");
  return {
    "http.request.method": method,
    // A query may hold secrets.
    "url.path": query < 0 ? target : target.slice(0, query),
    "url.scheme": scheme,
    "server.address": authority.replace(/:[0-9]*$/, ""),
    "client.address": peer.split(" ", 1)[0],
    "network.protocol.version": version,
    ...(agent === undefined ? {} : { "user_agent.original": agent }),
  };
}

/** A number would become a double, which no backend takes for a status. */
function end(span: Span, status: number): void {
  span.setAttribute("http.response.status_code", BigInt(status));
  if (status >= 500) {
    span.setAttribute("error.type", `${status}`);
    span.setStatus({ code: errorCode });
  }
  span.end();
}

/** The request gets a 500. */
function fail(span: Span, error: unknown): void {
  span.setAttribute("http.response.status_code", 500n);
  span.setAttribute(
    "error.type",
    error instanceof Error ? error.name : "unknown",
  );
  span.setStatus({ code: errorCode });
  span.end();
}
