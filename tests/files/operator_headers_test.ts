/** Fields by the operator's choice, CORS and OPTIONS, over sockets. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import type { StaticOptions } from "../../lib/files/static_options.ts";
import { exchange } from "../support/exchange.ts";
import { type ServedTree, serveTree } from "../support/served_tree.ts";

function startSite(options: Partial<StaticOptions>): Promise<ServedTree> {
  return serveTree({
    "www/index.html": "<p>page</p>".repeat(200),
    "www/style.css": "css",
    "www/app.3f9c2b1a.js": "js",
    "www/docs/index.html": "docs",
    "www/404.html": "oops",
  }, { files: options });
}

/** A request for each kind of answer of a site. */
const kinds: [number, string, Record<string, string>?, string?][] = [
  [200, "/"],
  [200, "/", { "Accept-Encoding": "gzip" }],
  [206, "/style.css", { Range: "bytes=0-0" }],
  [206, "/", { Range: "bytes=0-0,1000-1000" }],
  [301, "/docs"],
  [304, "/style.css", { "If-None-Match": "*" }],
  [400, "/%ff"],
  [404, "/nothing"],
  [405, "/", {}, "POST"],
  [412, "/", { "If-Match": '"x"' }],
  [416, "/style.css", { Range: "bytes=99-" }],
  [501, "/", {}, "BREW"],
  [204, "/", {}, "OPTIONS"],
];

Deno.test("every answer of a site has the operator's fields", async () => {
  await using site = await startSite({
    cors: true,
    headers: [["X-Frame-Options", "DENY"], ["Link", "<a>"], ["Link", "<b>"]],
  });
  for (const [status, target, fields, method] of kinds) {
    const answer = await exchange(site.server, target, { fields, method });
    assertEquals(answer.status, status, `${method} ${target}`);
    assertEquals(answer.fields.get("x-frame-options"), "DENY", `${status}`);
    assertEquals(answer.fields.get("link"), "<a>, <b>", `${status}`);
    assertEquals(answer.fields.get("access-control-allow-origin"), "*");
  }
});

Deno.test("a site has no fields that nobody has chosen", async () => {
  await using site = await startSite({});
  for (const [status, target, fields, method] of kinds) {
    const answer = await exchange(site.server, target, { fields, method });
    assertEquals(answer.status, status);
    for (const name of answer.fields.keys()) {
      assertEquals(name.startsWith("access-control-"), false, name);
    }
    if (status !== 204 && status !== 304) {
      assertEquals(answer.fields.get("x-content-type-options"), "nosniff");
    }
  }
});

Deno.test("a field of the operator takes the place of ours, but for Vary", async () => {
  await using site = await startSite({
    cors: true,
    headers: [
      ["cache-control", "public, max-age=5"],
      ["X-Content-Type-Options", "other"],
      ["Access-Control-Allow-Origin", "https://a.example"],
      ["Vary", "Origin"],
    ],
  });
  const { fields } = await exchange(site.server, "/");
  assertEquals(fields.get("cache-control"), "public, max-age=5");
  assertEquals(fields.get("x-content-type-options"), "other");
  assertEquals(
    fields.get("access-control-allow-origin"),
    "https://a.example",
  );
  assertEquals(fields.get("vary"), "Accept-Encoding, Origin");
  // That nothing is there is not for keeping.
  for (const target of ["/nothing", "/docs", "/%ff"]) {
    const answer = await exchange(site.server, target);
    assertEquals(answer.fields.get("cache-control"), "no-store", target);
  }
});

for (
  const { options, want } of [
    {
      options: {},
      want: [
        "no-cache",
        "public, max-age=60",
        "public, max-age=31536000, immutable",
      ],
    },
    {
      options: { cacheSeconds: 3600 },
      want: [
        "no-cache",
        "public, max-age=3600",
        "public, max-age=31536000, immutable",
      ],
    },
    {
      options: { cacheSeconds: 0 },
      want: ["no-cache", "no-cache", "public, max-age=31536000, immutable"],
    },
    {
      options: { cacheSeconds: null },
      want: ["no-store", "no-store", "no-store"],
    },
  ]
) {
  Deno.test(`a site says how long to keep what, with ${JSON.stringify(options)}`, async () => {
    await using site = await startSite(options);
    const got: (string | undefined)[] = [];
    for (const target of ["/", "/style.css", "/app.3f9c2b1a.js"]) {
      const { fields } = await exchange(site.server, target);
      got.push(fields.get("cache-control"));
    }
    assertEquals(got, want);
  });
}

// --- OPTIONS and CORS (the Fetch Standard) ---

const preflight = {
  "Origin": "https://a.example",
  "Access-Control-Request-Method": "GET",
  "Access-Control-Request-Headers": "range,x-token",
};

Deno.test("--cors answers a preflight", async () => {
  await using site = await startSite({ cors: true });
  for (const target of ["/", "/nothing", "*"]) {
    const { status, fields, text } = await exchange(site.server, target, {
      method: "OPTIONS",
      fields: preflight,
    });
    assertEquals([status, text], [204, ""]);
    assertEquals(fields.get("allow"), "GET, HEAD, OPTIONS");
    assertEquals(fields.get("access-control-allow-origin"), "*");
    assertEquals(
      fields.get("access-control-allow-methods"),
      "GET, HEAD, OPTIONS",
    );
    assertEquals(
      fields.get("access-control-allow-headers"),
      "range,x-token",
    );
    assertEquals(fields.get("access-control-max-age"), "86400");
    assertStringIncludes(
      fields.get("vary")!,
      "Access-Control-Request-Headers",
    );
    // RFC 9110 section 8.6: a 204 has no length.
    assertEquals(fields.get("content-length"), undefined);
  }
});

Deno.test("--cors answers a question that is no preflight without a permission", async () => {
  await using site = await startSite({ cors: true });
  const { Origin, ...rest } = preflight;
  const questions: Record<string, string>[] = [{}, rest, { Origin }];
  for (const fields of questions) {
    const answer = await exchange(site.server, "/", {
      method: "OPTIONS",
      fields,
    });
    assertEquals(answer.status, 204);
    assertEquals(
      answer.fields.get("access-control-allow-methods"),
      undefined,
    );
  }
});

Deno.test("--cors repeats no names of fields that are none", async () => {
  await using site = await startSite({ cors: true });
  for (const names of ["a\xffb", "a<b>", 'a"b', "", "a;b"]) {
    const { status, fields } = await exchange(site.server, "/", {
      method: "OPTIONS",
      fields: { ...preflight, "Access-Control-Request-Headers": names },
    });
    assertEquals(status, 204);
    assertEquals(fields.get("access-control-allow-headers"), undefined, names);
  }
});

Deno.test("without --cors a preflight is answered with what is possible, and no more", async () => {
  await using site = await startSite({});
  const { status, fields } = await exchange(site.server, "/", {
    method: "OPTIONS",
    fields: preflight,
  });
  assertEquals(status, 204);
  assertEquals(fields.get("allow"), "GET, HEAD, OPTIONS");
  assertEquals(fields.get("access-control-allow-origin"), undefined);
  assertEquals(fields.get("access-control-allow-methods"), undefined);
});
