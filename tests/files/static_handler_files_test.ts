/**
 * What a path is answered with: a file and what describes it, or that there is none. All of
 * the conditions are in conditional_test.ts.
 */

import {
  assert,
  assertEquals,
  assertExists,
  assertFalse,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import type { Fields } from "../../lib/http/message.ts";
import { MemorySite } from "../support/memory_site.ts";
import { ask, field, makeSite, oops, text } from "../support/handled.ts";

Deno.test("handleStatic() serves a file with what describes it", () => {
  const response = ask("/style.css");
  assertEquals(response.status, 200);
  assertEquals(text(response), "body {}");
  assertEquals(field(response, "Content-Type"), "text/css; charset=utf-8");
  assertEquals(
    field(response, "Last-Modified"),
    "Wed, 01 Jul 2026 12:00:00 GMT",
  );
  assertEquals(field(response, "X-Content-Type-Options"), "nosniff");
  assertEquals(field(response, "Cache-Control"), "public, max-age=60");
  assert(/^"[!\x23-\x7e]+"$/.test(field(response, "ETag") ?? ""));
});

Deno.test("handleStatic() leaves a large file to whoever writes it", () => {
  const { status, body } = ask("/large.bin");
  assertEquals(status, 200);
  assert(body.kind === "file");
  assertEquals(body.path, "/memory/large.bin");
  assertEquals(body.offset, 0);
  assertEquals(body.length, 5_000_000);
  assertEquals(body.identity.size, 5_000_000);
});

for (
  const [name, type] of [
    ["a.html", "text/html; charset=utf-8"],
    ["a.js", "text/javascript; charset=utf-8"],
    ["a.mjs", "text/javascript; charset=utf-8"],
    ["a.json", "application/json; charset=utf-8"],
    ["a.svg", "image/svg+xml; charset=utf-8"],
    ["a.txt", "text/plain; charset=utf-8"],
    ["a.TXT", "text/plain; charset=utf-8"],
    ["a.png", "image/png"],
    ["a.woff2", "font/woff2"],
    ["a.wasm", "application/wasm"],
    ["a.pdf", "application/pdf"],
    ["a.ts", "text/plain; charset=utf-8"],
    ["a.rs", "text/plain; charset=utf-8"],
    ["a.toml", "text/plain; charset=utf-8"],
    ["a.log", "text/plain; charset=utf-8"],
    ["Makefile", "text/plain; charset=utf-8"],
    ["LICENSE", "text/plain; charset=utf-8"],
    ["license", "application/octet-stream"],
    ["a.md", "text/markdown; charset=utf-8"],
    ["a.csv", "text/csv; charset=utf-8"],
    ["a.unheard-of", "application/octet-stream"],
    ["a", "application/octet-stream"],
  ]
) {
  Deno.test(`handleStatic() calls ${name} ${type}`, () => {
    const site = new MemorySite({ [name]: "content" });
    assertEquals(field(ask(`/${name}`, { site }), "Content-Type"), type);
  });
}

Deno.test("handleStatic() serves index.html for a directory", () => {
  const response = ask("/docs/");
  assertEquals(response.status, 200);
  assertEquals(text(response), "<h1>Docs</h1>");
  assertEquals(field(response, "Content-Type"), "text/html; charset=utf-8");
  assertEquals(text(ask("/?query")), "<h1>Hello!</h1>");
});

Deno.test("handleStatic() has nothing at a directory without index.html", () => {
  assertEquals(ask("/empty/").status, 404);
});

Deno.test("handleStatic() has nothing behind a file", () => {
  assertEquals(ask("/style.css/").status, 404);
  assertEquals(ask("/style.css/more").status, 404);
});

Deno.test("handleStatic() leaves the query out of the name", () => {
  assertEquals(text(ask("/style.css?v=1")), "body {}");
  assertEquals(text(ask("/style.css?a=/../b?c")), "body {}");
  assertEquals(text(ask("/style.css?")), "body {}");
  assertEquals(text(ask("/style.css?%zz")), "body {}");
});

Deno.test("handleStatic() answers 403 for what it may not read", () => {
  const response = ask("/secret.txt");
  assertEquals(response.status, 403);
  assertFalse(text(response).includes("secret"));
});

// --- 404 ---

Deno.test("handleStatic() answers 404 with the site's own page", () => {
  const response = ask("/nothing");
  assertEquals(response.status, 404);
  assertEquals(text(response), oops);
  assertEquals(field(response, "Content-Type"), "text/html; charset=utf-8");
  assertEquals(field(response, "Cache-Control"), "no-store");
  // It is not the content of this path: nothing may be validated by it.
  assertEquals(field(response, "ETag"), undefined);
  assertEquals(field(response, "Last-Modified"), undefined);
});

Deno.test("handleStatic() answers 404 with a sentence where the site has no page", () => {
  const response = ask("/nothing", { site: new MemorySite({}) });
  assertEquals(response.status, 404);
  assertEquals(text(response), "There is nothing here.");
});

Deno.test("handleStatic() says of a directory without index.html how it would be listed", () => {
  const site = new MemorySite({ "empty/file.txt": "" });
  const response = ask("/empty/", { site });
  assertEquals(response.status, 404);
  assertStringIncludes(text(response), "--list");
});

Deno.test("handleStatic() answers 404 to whoever has the page already", () => {
  const etag = field(ask("/404.html"), "ETag")!;
  assertEquals(ask("/404.html").status, 200);
  const fields: Fields = [["if-none-match", etag]];
  assertEquals(ask("/nothing", { fields }).status, 404);
  assertEquals(
    ask("/nothing", { fields: [["if-none-match", "*"]] }).status,
    404,
  );
});

Deno.test("handleStatic() gives 304 the fields of the answer it stands for, and no content", () => {
  const site = makeSite();
  const full = ask("/style.css", { site });
  const fields: Fields = [["if-none-match", field(full, "ETag")!]];
  const response = ask("/style.css", { fields, site });
  assertEquals([full.status, response.status], [200, 304]);
  assertEquals(response.body, { kind: "none" });
  for (const name of ["ETag", "Cache-Control", "Vary"]) {
    assertExists(field(full, name), name);
    assertEquals(field(response, name), field(full, name));
  }
  assertEquals(field(response, "Content-Type"), undefined);
});

Deno.test("handleStatic() gives different files different tags", () => {
  const site = new MemorySite({ "a.txt": "same", "b.txt": "same" });
  assertNotEquals(
    field(ask("/a.txt", { site }), "ETag"),
    field(ask("/b.txt", { site }), "ETag"),
  );
});

Deno.test("handleStatic() ignores If-None-Match where there is nothing to compare", () => {
  const fields: Fields = [["if-none-match", "*"]];
  assertEquals(ask("/docs", { fields }).status, 301);
  assertEquals(ask("/secret.txt", { fields }).status, 403);
  assertEquals(ask("/..", { fields }).status, 400);
});

for (
  const { name, type, encoding } of [
    { name: "a.glb", type: "model/gltf-binary" },
    // Text is text, whoever names it; and what is compressible is compressed.
    { name: "a.ini", type: "text/plain; charset=utf-8", encoding: "gzip" },
    { name: "a.jp", type: "text/html; charset=shift_jis", encoding: "gzip" },
    // A type of the table is replaced, in any case of the name.
    { name: "a.PNG", type: "image/x-own" },
    { name: "glb", type: "application/octet-stream" },
    { name: "constructor", type: "application/octet-stream" },
    { name: "a.constructor", type: "application/octet-stream" },
  ]
) {
  Deno.test(`handleStatic() sends ${name} as ${type} where the operator says so`, () => {
    const site = new MemorySite({ [name]: "content ".repeat(500) }, {
      mediaTypes: {
        glb: "model/gltf-binary",
        ini: "text/plain",
        jp: "text/html; charset=shift_jis",
        png: "image/x-own",
      },
    });
    const fields: Fields = [["accept-encoding", "gzip"]];
    const response = ask(`/${name}`, { site, fields });
    assertEquals(field(response, "Content-Type"), type);
    assertEquals(field(response, "Content-Encoding"), encoding);
  });
}

Deno.test("handleStatic() sends what is gzip by its name as it is, with its coding", () => {
  const site = new MemorySite({ "pic.svgz": "compressed".repeat(500) });
  for (const accepted of ["gzip, br", "identity", "br"]) {
    const response = ask("/pic.svgz", {
      site,
      fields: [["accept-encoding", accepted]],
    });
    assertEquals(response.status, 200);
    assertEquals(text(response), "compressed".repeat(500));
    assertEquals(field(response, "Content-Encoding"), "gzip");
    assertStringIncludes(field(response, "Content-Type")!, "image/svg+xml");
    assertEquals(field(response, "Vary"), undefined);
  }
});
