/**
 * What is handled and what is refused: methods, paths and names; and where a path leads
 * elsewhere. What is answered with is in handler_files_test.ts.
 */

import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
} from "@std/assert";
import { refuseMethod } from "../../lib/files/file_response.ts";
import { decodePath } from "../../lib/files/paths.ts";
import {
  hiddenPaths,
  pathCases,
  wellKnownPaths,
} from "../support/path_cases.ts";
import { MemorySite } from "../support/memory_site.ts";
import { ask, field, makeSite, oops, text } from "../support/handled.ts";

// --- methods ---

for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
  Deno.test(`handleStatic() answers ${method} with 405 and what is allowed`, () => {
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
  Deno.test(`handleStatic() answers ${method} with 501`, () => {
    const site = makeSite();
    const response = ask("/", { method, site });
    assertEquals(response.status, 501);
    assertEquals(field(response, "Allow"), undefined);
    assertFalse(text(response).includes("<B>"));
    assertEquals(site.asked, []);
  });
}

for (const target of ["*", "/", "/nothing"]) {
  Deno.test(`handleStatic() answers OPTIONS ${target} with what is allowed`, () => {
    const response = ask(target, { method: "OPTIONS" });
    assertEquals(response.status, 204);
    assertEquals(field(response, "Allow"), "GET, HEAD, OPTIONS");
    assertEquals(response.body, { kind: "none" });
  });
}

Deno.test("handleStatic() gives HEAD what it gives GET, and leaves it to the writer", () => {
  const site = makeSite();
  for (const target of ["/", "/large.bin", "/docs", "/nothing", "/.."]) {
    assertEquals(
      ask(target, { method: "HEAD", site }),
      ask(target, { site }),
      target,
    );
  }
});

Deno.test("refuseMethod() refuses by the head alone what handleStatic() would refuse", () => {
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
  Deno.test(`handleStatic() answers ${JSON.stringify(path)} (${why}) with 400 and asks nobody`, () => {
    const site = makeSite();
    assertEquals(ask(path, { site }).status, 400);
    assertEquals(site.asked, []);
  });
}

Deno.test("handleStatic() looks a path up as it was decoded, once", () => {
  const site = makeSite();
  assertEquals(text(ask("/%252e%252e", { site })), "a name that looks encoded");
  assertEquals(text(ask("//docs///a%20b.txt", { site })), "spaced");
  assertEquals(site.asked, ["%2e%2e", "docs/a b.txt"]);
});

// --- hidden names ---

for (const path of hiddenPaths) {
  Deno.test(`handleStatic() has nothing at the hidden ${path}`, () => {
    const site = makeSite();
    const response = ask(path, { site });
    assertEquals(response.status, 404);
    assertEquals(text(response), oops);
    // Not even whether it is there: a redirect would tell.
    assertEquals(site.asked, ["404.html"]);
  });
}

for (const path of wellKnownPaths) {
  Deno.test(`handleStatic() serves ${path} (RFC 8615)`, () => {
    const response = ask(path);
    assertEquals(response.status, 200);
    assertStringIncludes(text(response), "Contact:");
  });
}

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
  Deno.test(`handleStatic() leads ${target} to ${location}`, () => {
    const response = ask(target);
    assertEquals(response.status, 301);
    assertEquals(field(response, "Location"), location);
    const there = new URL(location, "http://localhost:7878/");
    assertEquals(there.host, "localhost:7878");
  });
}

Deno.test("handleStatic() leads to no host and no second line whatever a directory is called", () => {
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
