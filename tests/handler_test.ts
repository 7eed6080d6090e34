import {
  assert,
  assertEquals,
  assertFalse,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { handle, refuseMethod } from "../lib/handler.ts";
import { decodePath } from "../lib/paths.ts";
import {
  type Fields,
  fieldValue,
  type HttpRequest,
  type HttpResponse,
} from "../lib/message.ts";
import { MemorySite, unreadable } from "./support/memory_site.ts";

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
  const request: HttpRequest = {
    method,
    target,
    authority: "localhost",
    version: "1.1",
    fields,
    body: null,
    peer: "127.0.0.1 50000",
  };
  return handle(request, site);
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

interface PathCase {
  readonly path: string;
  /** `null` where it has to be refused. */
  readonly want: string[] | null;
  readonly why: string;
}

const pathCases: PathCase[] = [
  { path: "/", want: [], why: "the top" },
  { path: "/a", want: ["a"], why: "a name" },
  { path: "/a/b/c.txt", want: ["a", "b", "c.txt"], why: "names" },
  { path: "/a/", want: ["a"], why: "a trailing slash" },
  { path: "//a///b//", want: ["a", "b"], why: "empty segments" },
  { path: "/a%20b", want: ["a b"], why: "a space" },
  { path: "/a+b", want: ["a+b"], why: "a plus, which is none" },
  { path: "/%C3%A9", want: ["é"], why: "UTF-8" },
  { path: "/%f0%9f%a7%b6", want: ["🧶"], why: "UTF-8 of four bytes" },
  { path: "/100%25", want: ["100%"], why: "a percent sign" },
  { path: "/a%23b%3Fc", want: ["a#b?c"], why: "what would end a path" },
  { path: "/a;b=1", want: ["a;b=1"], why: "parameters, which are a name" },
  { path: "/a%0D%0Ab", want: ["a\r\nb"], why: "a line's end in a name" },
  { path: "/...", want: ["..."], why: "three dots" },
  { path: "/..a", want: ["..a"], why: "a name that begins with two dots" },
  { path: "/a..", want: ["a.."], why: "a name that ends with two dots" },
  { path: "/a.", want: ["a."], why: "a name that ends with a dot" },
  { path: "/~root", want: ["~root"], why: "a tilde" },
  { path: "/C:", want: ["C:"], why: "a drive" },

  { path: "/..", want: null, why: "the way up" },
  { path: "/../etc/passwd", want: null, why: "the way up, first" },
  { path: "/a/../../etc/passwd", want: null, why: "the way up, in between" },
  { path: "/a/..", want: null, why: "the way up, last" },
  { path: "/a/../", want: null, why: "the way up, with a slash" },
  { path: "/.", want: null, why: "a dot" },
  { path: "/a/./b", want: null, why: "a dot in between" },
  { path: "/%2e%2e/etc/passwd", want: null, why: "encoded dots" },
  { path: "/%2E%2E/etc/passwd", want: null, why: "encoded dots, upper case" },
  { path: "/.%2e/etc/passwd", want: null, why: "one encoded dot" },
  { path: "/%2e./etc/passwd", want: null, why: "the other encoded dot" },
  { path: "/%2e", want: null, why: "an encoded dot" },
  { path: "/%2e%2e%2fetc", want: null, why: "encoded dots and slash" },
  { path: "/..%2f..%2fetc%2fpasswd", want: null, why: "encoded slashes" },
  { path: "/a%2fb", want: null, why: "an encoded slash" },
  { path: "/a%2Fb", want: null, why: "an encoded slash, upper case" },
  { path: "/%2fetc/passwd", want: null, why: "an absolute path, encoded" },
  { path: "//etc/passwd", want: ["etc", "passwd"], why: "an absolute path" },
  { path: "/..\\..\\etc", want: null, why: "backslashes" },
  { path: "/a\\b", want: null, why: "a backslash" },
  { path: "/a%5cb", want: null, why: "an encoded backslash" },
  { path: "/%5c%5chost%5cshare", want: null, why: "a UNC path" },
  { path: "/a%00", want: null, why: "NUL" },
  { path: "/a%00.html", want: null, why: "NUL before an extension" },
  { path: "/\0", want: null, why: "NUL as it is" },

  // Decoded once: what a second decoding would find is part of a name.
  { path: "/%252e%252e/a", want: ["%2e%2e", "a"], why: "dots encoded twice" },
  { path: "/..%252fetc", want: ["..%2fetc"], why: "a slash encoded twice" },
  { path: "/a%2500", want: ["a%00"], why: "NUL encoded twice" },

  { path: "/%c0%ae%c0%ae/etc", want: null, why: "overlong dots" },
  { path: "/%c0%af", want: null, why: "an overlong slash" },
  { path: "/%e0%80%ae", want: null, why: "an overlong dot of three bytes" },
  { path: "/%f0%80%80%ae", want: null, why: "an overlong dot of four bytes" },
  { path: "/%c0%80", want: null, why: "an overlong NUL" },
  { path: "/%ff", want: null, why: "no UTF-8 at all" },
  { path: "/%c3", want: null, why: "UTF-8 cut short" },
  { path: "/%ed%a0%80", want: null, why: "half of a surrogate pair" },
  { path: "/%", want: null, why: "nothing after the percent sign" },
  { path: "/%2", want: null, why: "one digit after the percent sign" },
  { path: "/%zz", want: null, why: "no digits after the percent sign" },
  { path: "/%u002e%u002e", want: null, why: "IIS's own encoding" },

  // They look like dots and slashes, and are letters to a file system.
  { path: "/%ef%bc%8e%ef%bc%8e", want: ["．．"], why: "fullwidth dots" },
  { path: "/%e2%88%95", want: ["∕"], why: "a division slash" },
];

for (const { path, want, why } of pathCases) {
  const verb = want === null ? "refuses" : "reads";
  Deno.test(`decodePath() ${verb} ${JSON.stringify(path)}: ${why}`, () => {
    assertEquals(decodePath(path), want);
  });
}

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

for (
  const path of [
    "/.env",
    "/%2eenv",
    "/.git/config",
    "/.git/",
    "/.git",
    "/docs/.htaccess",
    "/docs/.well-known/x",
    "/.well-known/.secret",
    "/..suspicious",
    "/.wel%6c-knownn",
    "/.Well-Known/security.txt",
  ]
) {
  Deno.test(`handle() has nothing at the hidden ${path}`, () => {
    const site = makeSite();
    const response = ask(path, { site });
    assertEquals(response.status, 404);
    assertEquals(text(response), oops);
    // Not even whether it is there: a redirect would tell.
    assertEquals(site.asked, ["404.html"]);
  });
}

for (
  const path of ["/.well-known/security.txt", "/%2ewell-known/security.txt"]
) {
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

// --- If-None-Match (RFC 9110 section 13.1.2) ---

const etag = field(ask("/style.css"), "ETag")!;

for (
  const { name, values, status } of [
    { name: "the same tag", values: [etag], status: 304 },
    // The comparison is weak here.
    { name: "the same tag, weak", values: [`W/${etag}`], status: 304 },
    { name: "a star", values: ["*"], status: 304 },
    { name: "another tag", values: ['"other"'], status: 200 },
    { name: "a list with it", values: [`"x", ${etag}, "y"`], status: 304 },
    { name: "a list without spaces", values: [`"x",${etag}`], status: 304 },
    { name: "a list without it", values: [`"x", W/"y"`], status: 200 },
    { name: "a list in two lines", values: [`"x"`, etag], status: 304 },
    { name: "empty elements", values: [`, ,${etag},`], status: 304 },
    { name: "the tag unquoted", values: [etag.slice(1, -1)], status: 200 },
    { name: "a part of the tag", values: [etag.slice(0, -2)], status: 200 },
    { name: "a small w", values: [`w/${etag}`], status: 200 },
    { name: "nothing", values: [""], status: 200 },
  ]
) {
  for (const method of ["GET", "HEAD"]) {
    Deno.test(`handle() answers ${method} with If-None-Match of ${name} with ${status}`, () => {
      const fields: Fields = values.map((value) => ["if-none-match", value]);
      const response = ask("/style.css", { method, fields });
      assertEquals(response.status, status);
    });
  }
}

Deno.test("handle() gives 304 the fields of the answer it stands for, and no content", () => {
  const site = makeSite();
  const full = ask("/style.css", { site });
  const fields: Fields = [["if-none-match", etag]];
  const response = ask("/style.css", { fields, site });
  assertEquals(response.body, { kind: "none" });
  for (const name of ["ETag", "Cache-Control"]) {
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
