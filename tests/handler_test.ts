import {
  assert,
  assertEquals,
  assertExists,
  assertFalse,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { handle, refuseMethod } from "../lib/handler.ts";
import { decodePath } from "../lib/paths.ts";
import {
  hiddenPaths,
  pathCases,
  wellKnownPaths,
} from "./support/path_cases.ts";
import { type Fields, fieldValue, type HttpResponse } from "../lib/message.ts";
import { MemorySite, unreadable } from "./support/memory_site.ts";
import { requestOf } from "./support/requests.ts";

const oops = "<h1>Oops!</h1>";

function makeSite(): MemorySite {
  return new MemorySite({
    "index.html": "<h1>Hello!</h1>",
    "404.html": oops,
    "style.css": "body {}",
    "notes": "no extension",
    "large.bin": { size: 5_000_000 },
    "secret.txt": unreadable,
    "docs/index.html": "<h1>Docs</h1>",
    "docs/a b.txt": "spaced",
    "empty/file.txt": "a directory without an index",
    "a b/é/index.html": "deep",
    "evil.example/index.html": "a directory with the name of a host",
    "100%/index.html": "a directory with a percent sign",
    "%2e%2e": "a name that looks encoded",
    "..suspicious": "hidden, and no way up",
    ".env": "PASSWORD=1",
    ".git/config": "hidden",
    "docs/.htaccess": "hidden",
    ".well-known/security.txt": "Contact: mailto:us@example.com",
    ".well-known/.secret": "hidden",
    "docs/.well-known/x": "hidden: it is not at the top",
  });
}

function ask(
  target: string,
  { method = "GET", fields = [], site = makeSite() }: {
    method?: string;
    fields?: Fields;
    site?: MemorySite;
  } = {},
): HttpResponse {
  return handle(requestOf(target, { method, fields }), site);
}

function text({ body }: HttpResponse): string {
  assert(body.kind === "bytes", `The body is of the kind ${body.kind}`);
  return new TextDecoder().decode(body.bytes);
}

/** The value of a field of a response, whose names are as they are written. */
function field(response: HttpResponse, name: string): string | undefined {
  return fieldValue(response.fields, name);
}

// --- methods ---

for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
  Deno.test(`handle() answers ${method} with 405 and what is allowed`, () => {
    const site = makeSite();
    const response = ask("/", { method, site });
    assertEquals(response.status, 405);
    assertEquals(field(response, "Allow"), "GET, HEAD, OPTIONS");
    assertStringIncludes(text(response), method);
    assertEquals(site.asked, []);
  });
}

// Methods are case-sensitive (RFC 9110 section 9.1): "get" is not GET.
for (const method of ["BREW", "get", "CONNECT", "TRACE", "PROPFIND", "<B>"]) {
  Deno.test(`handle() answers ${method} with 501`, () => {
    const site = makeSite();
    const response = ask("/", { method, site });
    assertEquals(response.status, 501);
    assertEquals(field(response, "Allow"), undefined);
    assertFalse(text(response).includes("<B>"));
    assertEquals(site.asked, []);
  });
}

for (const target of ["*", "/", "/nothing"]) {
  Deno.test(`handle() answers OPTIONS ${target} with what is allowed`, () => {
    const response = ask(target, { method: "OPTIONS" });
    assertEquals(response.status, 204);
    assertEquals(field(response, "Allow"), "GET, HEAD, OPTIONS");
    assertEquals(response.body, { kind: "none" });
  });
}

Deno.test("handle() gives HEAD what it gives GET, and leaves it to the writer", () => {
  const site = makeSite();
  for (const target of ["/", "/large.bin", "/docs", "/nothing", "/.."]) {
    assertEquals(
      ask(target, { method: "HEAD", site }),
      ask(target, { site }),
      target,
    );
  }
});

Deno.test("refuseMethod() refuses by the head alone what handle() would refuse", () => {
  for (const method of ["GET", "HEAD", "OPTIONS", "POST", "PATCH", "BREW"]) {
    const head = {
      method,
      target: "/",
      authority: "localhost",
      version: "1.1" as const,
      fields: [],
    };
    const { status } = ask("/", { method });
    assertEquals(refuseMethod(head)?.status, status < 400 ? undefined : status);
  }
});

// --- paths ---

for (const { path, why } of pathCases.filter(({ want }) => want === null)) {
  Deno.test(`handle() answers ${JSON.stringify(path)} (${why}) with 400 and asks nobody`, () => {
    const site = makeSite();
    assertEquals(ask(path, { site }).status, 400);
    assertEquals(site.asked, []);
  });
}

Deno.test("handle() looks a path up as it was decoded, once", () => {
  const site = makeSite();
  assertEquals(text(ask("/%252e%252e", { site })), "a name that looks encoded");
  assertEquals(text(ask("//docs///a%20b.txt", { site })), "spaced");
  assertEquals(site.asked, ["%2e%2e", "docs/a b.txt"]);
});

// --- hidden names ---

for (const path of hiddenPaths) {
  Deno.test(`handle() has nothing at the hidden ${path}`, () => {
    const site = makeSite();
    const response = ask(path, { site });
    assertEquals(response.status, 404);
    assertEquals(text(response), oops);
    // Not even whether it is there: a redirect would tell.
    assertEquals(site.asked, ["404.html"]);
  });
}

for (const path of wellKnownPaths) {
  Deno.test(`handle() serves ${path} (RFC 8615)`, () => {
    const response = ask(path);
    assertEquals(response.status, 200);
    assertStringIncludes(text(response), "Contact:");
  });
}

// --- files ---

Deno.test("handle() serves a file with what describes it", () => {
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

Deno.test("handle() leaves a large file to whoever writes it", () => {
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
    ["a.unheard-of", "application/octet-stream"],
    ["a", "application/octet-stream"],
  ]
) {
  Deno.test(`handle() calls ${name} ${type}`, () => {
    const site = new MemorySite({ [name]: "content" });
    assertEquals(field(ask(`/${name}`, { site }), "Content-Type"), type);
  });
}

Deno.test("handle() serves index.html for a directory", () => {
  const response = ask("/docs/");
  assertEquals(response.status, 200);
  assertEquals(text(response), "<h1>Docs</h1>");
  assertEquals(field(response, "Content-Type"), "text/html; charset=utf-8");
  assertEquals(text(ask("/?query")), "<h1>Hello!</h1>");
});

Deno.test("handle() has nothing at a directory without index.html", () => {
  assertEquals(ask("/empty/").status, 404);
});

Deno.test("handle() has nothing behind a file", () => {
  assertEquals(ask("/style.css/").status, 404);
  assertEquals(ask("/style.css/more").status, 404);
});

Deno.test("handle() leaves the query out of the name", () => {
  assertEquals(text(ask("/style.css?v=1")), "body {}");
  assertEquals(text(ask("/style.css?a=/../b?c")), "body {}");
  assertEquals(text(ask("/style.css?")), "body {}");
  assertEquals(text(ask("/style.css?%zz")), "body {}");
});

Deno.test("handle() answers 403 for what it may not read", () => {
  const response = ask("/secret.txt");
  assertEquals(response.status, 403);
  assertFalse(text(response).includes("secret"));
});

// --- redirects ---

for (
  const { target, location } of [
    { target: "/docs", location: "/docs/" },
    { target: "/docs?a=1&b=%20/?x", location: "/docs/?a=1&b=%20/?x" },
    { target: "/docs?", location: "/docs/?" },
    { target: "//docs", location: "/docs/" },
    { target: "/a%20b/%C3%A9", location: "/a%20b/%C3%A9/" },
    { target: "/100%25", location: "/100%25/" },
    // What begins with two slashes, or a slash and a backslash, names a host.
    { target: "//evil.example", location: "/evil.example/" },
    { target: "///evil.example?//evil", location: "/evil.example/?//evil" },
    { target: "/docs?//evil.example", location: "/docs/?//evil.example" },
  ]
) {
  Deno.test(`handle() leads ${target} to ${location}`, () => {
    const response = ask(target);
    assertEquals(response.status, 301);
    assertEquals(field(response, "Location"), location);
    const there = new URL(location, "http://localhost:7878/");
    assertEquals(there.host, "localhost:7878");
  });
}

Deno.test("handle() leads to no host and no second line whatever a directory is called", () => {
  for (
    const name of ["@evil.example", "a\r\nX: y", "javascript:x", "a b", "ü?#"]
  ) {
    const site = new MemorySite({ [`${name}/index.html`]: "" });
    const response = ask(`/${encodeURIComponent(name)}`, { site });
    assertEquals(response.status, 301, name);
    const location = field(response, "Location")!;
    assert(/^\/[\x21-\x7e]*$/.test(location), location);
    const there = new URL(location, "http://localhost:7878/");
    assertEquals(there.host, "localhost:7878");
    assertEquals(decodePath(there.pathname), [name]);
  }
});

// --- 404 ---

Deno.test("handle() answers 404 with the site's own page", () => {
  const response = ask("/nothing");
  assertEquals(response.status, 404);
  assertEquals(text(response), oops);
  assertEquals(field(response, "Content-Type"), "text/html; charset=utf-8");
  assertEquals(field(response, "Cache-Control"), "no-store");
  // It is not the content of this path: nothing may be validated by it.
  assertEquals(field(response, "ETag"), undefined);
  assertEquals(field(response, "Last-Modified"), undefined);
});

Deno.test("handle() answers 404 with a page of its own where the site has none", () => {
  const response = ask("/nothing", { site: new MemorySite({}) });
  assertEquals(response.status, 404);
  assertStringIncludes(text(response), "404 Not Found");
});

Deno.test("handle() answers 404 to whoever has the page already", () => {
  const etag = field(ask("/404.html"), "ETag")!;
  assertEquals(ask("/404.html").status, 200);
  const fields: Fields = [["if-none-match", etag]];
  assertEquals(ask("/nothing", { fields }).status, 404);
  assertEquals(
    ask("/nothing", { fields: [["if-none-match", "*"]] }).status,
    404,
  );
});

// --- conditions; all of them are in conditional_test.ts ---

Deno.test("handle() gives 304 the fields of the answer it stands for, and no content", () => {
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

Deno.test("handle() gives different files different tags", () => {
  const site = new MemorySite({ "a.txt": "same", "b.txt": "same" });
  assertNotEquals(
    field(ask("/a.txt", { site }), "ETag"),
    field(ask("/b.txt", { site }), "ETag"),
  );
});

Deno.test("handle() ignores If-None-Match where there is nothing to compare", () => {
  const fields: Fields = [["if-none-match", "*"]];
  assertEquals(ask("/docs", { fields }).status, 301);
  assertEquals(ask("/secret.txt", { fields }).status, 403);
  assertEquals(ask("/..", { fields }).status, 400);
});
