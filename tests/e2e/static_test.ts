/**
 * A directory served over sockets: what paths lead to.
 */

import { assertEquals } from "@std/assert";
import { exchange } from "../support/exchange.ts";
import { serveTree } from "../support/served_tree.ts";

Deno.test("a server finds index.html, clean URLs and the site's own 404.html", async () => {
  await using site = await serveTree({
    "www/index.html": "top",
    "www/404.html": "oops",
    "www/about.html": "about",
    "www/docs/index.html": "docs",
    "www/docs/guide.html": "guide",
    "www/both.html": "the page",
    "www/both/index.html": "the directory",
    "www/exact": "the file",
    "www/exact.html": "not this",
    "www/v1.2.html": "release",
    "www/empty": { kind: "directory" },
  });
  for (
    const { target, status, text } of [
      { target: "/", status: 200, text: "top" },
      { target: "/index.html", status: 200, text: "top" },
      { target: "/?q", status: 200, text: "top" },
      { target: "/about", status: 200, text: "about" },
      { target: "/about?q=1", status: 200, text: "about" },
      { target: "/about.html", status: 200, text: "about" },
      { target: "/about/", status: 404, text: "oops" },
      { target: "/docs/", status: 200, text: "docs" },
      { target: "/docs/guide", status: 200, text: "guide" },
      { target: "/both", status: 200, text: "the page" },
      { target: "/both/", status: 200, text: "the directory" },
      { target: "/exact", status: 200, text: "the file" },
      { target: "/v1.2", status: 200, text: "release" },
      { target: "/empty/", status: 404, text: "oops" },
      { target: "/nothing", status: 404, text: "oops" },
      { target: "/nothing/at/all", status: 404, text: "oops" },
      { target: "/about.html/more", status: 404, text: "oops" },
    ]
  ) {
    const answer = await exchange(site.server, target);
    assertEquals([answer.status, answer.text], [status, text], target);
  }
});

Deno.test("a server leads to a directory's slash, with the query, and never to another host", async () => {
  await using site = await serveTree({
    "www/docs/index.html": "docs",
    "www/a b/é/index.html": "deep",
    "www/evil.example/index.html": "a name",
  });
  for (
    const { target, location } of [
      { target: "/docs", location: "/docs/" },
      { target: "/docs?a=1&b=%20", location: "/docs/?a=1&b=%20" },
      { target: "//docs", location: "/docs/" },
      { target: "/a%20b/%C3%A9", location: "/a%20b/%C3%A9/" },
      { target: "//evil.example", location: "/evil.example/" },
      { target: "///evil.example?//x", location: "/evil.example/?//x" },
      { target: "http://localhost//evil.example", location: "/evil.example/" },
    ]
  ) {
    for (const method of ["GET", "HEAD"]) {
      const { status, fields } = await exchange(site.server, target, {
        method,
      });
      assertEquals([status, fields.get("location")], [301, location], target);
    }
  }
});

const navigation = { "Accept": "text/html,*/*;q=0.8" };

interface SpaCase {
  readonly target: string;
  readonly fields: Record<string, string>;
  /** Whether the top page answers. */
  readonly spa: boolean;
}

const spaCases: readonly SpaCase[] = [
  { target: "/users/7", fields: navigation, spa: true },
  { target: "/users/7/", fields: navigation, spa: true },
  { target: "/users/john.doe", fields: navigation, spa: true },
  // No file with these for a name is meant, but a page.
  { target: "/png", fields: navigation, spa: true },
  { target: "/old.html", fields: navigation, spa: true },
  { target: "/users/7?tab=1", fields: {}, spa: true },
  { target: "/users/7", fields: { Accept: "*/*" }, spa: true },
  {
    target: "/users/7",
    fields: { ...navigation, "Sec-Fetch-Mode": "navigate" },
    spa: true,
  },
  // What a page asks for is there or not.
  { target: "/missing.js", fields: navigation, spa: false },
  { target: "/missing.png", fields: { Accept: "image/*" }, spa: false },
  { target: "/app.3f9c2b1a.css", fields: { Accept: "*/*" }, spa: false },
  { target: "/api/x", fields: { Accept: "application/json" }, spa: false },
  {
    target: "/api/x",
    fields: { "Accept": "*/*", "Sec-Fetch-Mode": "cors" },
    spa: false,
  },
  { target: "/.env", fields: { Accept: "application/json" }, spa: false },
];

Deno.test("--spa answers with the top page who goes to a page, and nobody else", async (t) => {
  await using site = await serveTree({
    "www/index.html": "the app",
    "www/404.html": "oops",
  }, { files: { spa: true } });
  for (const { target, fields, spa } of spaCases) {
    await t.step(`${target} with ${JSON.stringify(fields)}`, async () => {
      const answer = await exchange(site.server, target, { fields });
      const want = spa ? [200, "the app"] : [404, "oops"];
      assertEquals([answer.status, answer.text], want);
      const head = await exchange(site.server, target, {
        fields,
        method: "HEAD",
      });
      assertEquals(head.status, want[0]);
      if (!spa) return;
      assertEquals(answer.fields.get("cache-control"), "no-cache");
      assertEquals(
        answer.fields.get("vary"),
        "Accept-Encoding, Accept, Sec-Fetch-Mode",
      );
    });
  }
});

Deno.test("--spa changes nothing about what is there, or cannot be", async () => {
  await using site = await serveTree({
    "www/index.html": "the app",
    "www/style.css": "css",
    "www/docs/index.html": "docs",
  }, { files: { spa: true } });
  const ask = async (target: string, method = "GET") => {
    const { status, text } = await exchange(site.server, target, { method });
    return [status, method === "GET" && status === 200 ? text : ""];
  };
  assertEquals(await ask("/style.css"), [200, "css"]);
  assertEquals(await ask("/docs/"), [200, "docs"]);
  assertEquals(await ask("/docs"), [301, ""]);
  assertEquals(await ask("/../x"), [400, ""]);
  assertEquals(await ask("/users/7", "POST"), [405, ""]);
});
