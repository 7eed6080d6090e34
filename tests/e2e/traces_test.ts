/** Spans of a real server, as a collector of this test gets them. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { greeted } from "../support/child_server.ts";
import { spawnCommand } from "../support/command.ts";
import { inTime, until } from "../support/in_time.ts";
import { makeTree } from "../support/tree.ts";

interface OtlpSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly {
    readonly key: string;
    readonly value: { stringValue?: string; intValue?: string | number };
  }[];
}

/** A collector that keeps spans. */
function startCollector() {
  const spans: OtlpSpan[] = [];
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const content = await request.json();
      for (const resource of content.resourceSpans ?? []) {
        for (const scope of resource.scopeSpans) spans.push(...scope.spans);
      }
      return Response.json({});
    },
  );
  return {
    spans,
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function attribute(span: OtlpSpan, name: string) {
  const value = span.attributes.find(({ key }) => key === name)?.value;
  return value?.stringValue ?? Number(value?.intValue);
}

Deno.test(
  "OTEL_DENO=true: each request is a span, below its client's, with what its handler fetches",
  inTime(async () => {
    await using collector = startCollector();
    using tree = await makeTree({
      "app.ts": `export default {
        async fetch(request: Request) {
          const { pathname, origin } = new URL(request.url);
          if (pathname === "/outer") {
            const response = await fetch(origin + "/inner");
            return new Response(await response.text());
          }
          if (pathname === "/throw") throw new TypeError("no");
          if (pathname === "/inner") {
            return new Response(request.headers.get("traceparent"));
          }
        },
      };`,
    });
    await using server = await greeted(
      spawnCommand(["-p", "0", "-w", "2", "--app", tree.path("app.ts")], {
        env: {
          OTEL_DENO: "true",
          OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
          OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
          OTEL_BSP_SCHEDULE_DELAY: "50",
        },
      }),
    );
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    const ask = async (path: string, headers = {}) => {
      const response = await fetch(server.url + path, { headers });
      return await response.text();
    };
    // The handler's own fetch tells who it is below.
    assertMatch(
      await ask("/outer?secret", { traceparent }),
      new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`),
    );
    await ask("/throw");
    await ask("/", { traceparent: "00-zz" });
    const ofServer = () => collector.spans.filter(({ kind }) => kind === 2);
    await until(() => ofServer().length === 4);

    const named = (path: string) =>
      ofServer().find((span) => attribute(span, "url.path") === path)!;
    const outer = named("/outer");
    assertEquals([outer.name, outer.traceId, outer.parentSpanId], [
      ...["GET", traceId, "b7ad6b7169203331"],
    ]);
    assertEquals(attribute(outer, "http.response.status_code"), 200);
    // Outer, then the client's span of its fetch, then inner.
    const inner = named("/inner");
    const fetched = collector.spans.find(({ spanId }) =>
      spanId === inner.parentSpanId
    );
    assertEquals(inner.traceId, traceId);
    assertEquals(fetched?.parentSpanId, outer.spanId);
    const thrown = named("/throw");
    assertEquals(attribute(thrown, "http.response.status_code"), 500);
    assertEquals(attribute(thrown, "error.type"), "TypeError");
    assert(thrown.traceId !== traceId);
    // A file is a request as well; what is no traceparent begins a trace.
    assert(named("/").traceId !== traceId);
    assert(!JSON.stringify(ofServer()).includes("secret"));
  }, 60_000),
);
