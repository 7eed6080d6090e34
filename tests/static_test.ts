/** A directory served over sockets: what paths lead to, and what never gets out. */

import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
} from "@std/assert";
import type { SiteOptions } from "../lib/site_options.ts";
import { exchange } from "./support/exchange.ts";
import { within } from "./support/in_time.ts";
import { pathCases } from "./support/path_cases.ts";
import { type ServedTree, serveTree } from "./support/served_tree.ts";
import type { TreeEntry } from "./support/tree.ts";

function startSite(
  entries: Record<string, TreeEntry>,
  options: Partial<SiteOptions> = {},
): Promise<ServedTree> {
  return serveTree(entries, { site: options });
}

// --- containment ---

const secret = "root:x:0:0";

/** Ways out that are no matter of one segment: all lead to 400 or 404. */
const waysOut = [
  "/../secret.txt",
  "/../../../../../../../../etc/passwd",
  "/docs/../../secret.txt",
  "/docs/..",
  "/./../secret.txt",
  "//../secret.txt",
  "/..//secret.txt",
  "/%2e%2e/secret.txt",
  "/%2E%2E/secret.txt",
  "/.%2e/secret.txt",
  "/%2e./secret.txt",
  "/docs/%2e%2e/%2e%2e/secret.txt",
  "/%2e%2e%2fsecret.txt",
  "/..%2fsecret.txt",
  "/..%2Fsecret.txt",
  "/docs%2f..%2f..%2fsecret.txt",
  "/%252e%252e/secret.txt",
  "/%252e%252e%252fsecret.txt",
  "/..%252fsecret.txt",
  "/%25252e%25252e/secret.txt",
  "/..\\secret.txt",
  "/..%5csecret.txt",
  "/..%5Csecret.txt",
  "/..%255csecret.txt",
  "/docs\\..\\..\\secret.txt",
  "/%5c..%5csecret.txt",
  "/\\secret.txt",
  "/%c0%ae%c0%ae/secret.txt",
  "/%c0%2e%c0%2e/secret.txt",
  "/..%c0%afsecret.txt",
  "/..%c1%9csecret.txt",
  "/..%e0%80%afsecret.txt",
  "/%e0%80%ae%e0%80%ae/secret.txt",
  "/%f0%80%80%ae%f0%80%80%ae/secret.txt",
  "/%u002e%u002e/secret.txt",
  "/%uff0e%uff0e/secret.txt",
  "/%ef%bc%8e%ef%bc%8e/secret.txt",
  "/..%ef%bc%8fsecret.txt",
  "/..%00/secret.txt",
  "/%00/../secret.txt",
  "/../secret.txt%00.html",
  "/../secret.txt%00",
  "/..;/secret.txt",
  "/docs/..;/..;/secret.txt",
  "/.../secret.txt",
  "/.../.../secret.txt",
  "/....//secret.txt",
  "/....//....//secret.txt",
  "/..%20/secret.txt",
  "/..%09/secret.txt",
  "/..%0d%0a/secret.txt",
  "/..%3f/secret.txt",
  "/..%23/secret.txt",
  "/~/secret.txt",
  "/~root/secret.txt",
  "/etc/passwd",
  "//etc/passwd",
  "///etc/passwd",
  "/%2fetc%2fpasswd",
  "/%2f%2fetc/passwd",
  "/file:///etc/passwd",
  "/file:%2f%2f%2fetc%2fpasswd",
  "/c:/windows/win.ini",
  "/c:%5cwindows%5cwin.ini",
  "/proc/self/environ",
  "/dev/zero",
  "/www/../secret.txt",
  "/../www-backup/secret.txt",
  "/../www/index.html",
  "/link-out.txt",
  "/link-to-passwd",
  "/dir-link-out/secret.txt",
  "/dir-link-out/",
  "/dir-link-out",
  "/link-up/secret.txt",
  "/link-to-device",
  "/fifo",
  "/socket",
];

for (const list of [false, true]) {
  Deno.test(`a server ${list ? "that lists " : ""}gives away nothing that is outside`, async () => {
    await using site = await startSite({
      "www/index.html": "inside",
      "www/docs/page.html": "inside",
      "secret.txt": secret,
      "www-backup/secret.txt": secret,
      "www/link-out.txt": { kind: "link", to: "/secret.txt" },
      "www/link-to-passwd": { kind: "link", to: "../../../../../etc/passwd" },
      "www/dir-link-out": { kind: "link", to: "/www-backup" },
      "www/link-up": { kind: "link", to: ".." },
      "www/link-to-device": { kind: "link", to: "../../../../../dev/zero" },
      "www/fifo": { kind: "fifo" },
      "www/socket": { kind: "socket" },
    }, { list });
    const targets = [
      ...waysOut,
      ...waysOut.map((path) => `${path}/`),
      ...waysOut.map((path) => `${path}?x=/../secret.txt`),
    ];
    for (const target of targets) {
      const answer = await exchange(site.server, target);
      assert(
        answer.status === 400 || answer.status === 404,
        `${target} is answered ${answer.status}`,
      );
      assertFalse(answer.text.includes(secret), target);
      assertFalse(answer.text.includes("inside"), target);
    }
    const listing = await exchange(site.server, "/docs/");
    assertEquals(listing.status, list ? 200 : 404);
    assertEquals(site.server.log, []);
  });
}

Deno.test("a server answers 400 to every path that no name can have", async () => {
  await using site = await startSite({ "www/index.html": "inside" });
  for (const { path, want, why } of pathCases) {
    // What is no character of a request line is refused before it is a path.
    if (path.includes("\0") || path === "/") continue;
    const { status } = await exchange(site.server, path);
    assertEquals(status, want === null ? 400 : 404, `${path} (${why})`);
  }
});

Deno.test("a server hides dotfiles, whatever is below them, and not .well-known", async () => {
  await using site = await startSite({
    "www/.env": secret,
    "www/.git/config": secret,
    "www/docs/.htaccess": secret,
    "www/.well-known/security.txt": "Contact: us",
    "www/.well-known/.secret": secret,
    "www/.index.html": secret,
    "www/.hidden/index.html": secret,
  }, { list: true, spa: false });
  for (
    const path of [
      "/.env",
      "/%2eenv",
      "/.git/config",
      "/.git/",
      "/.git",
      "/docs/.htaccess",
      "/.well-known/.secret",
      "/.hidden/",
      "/.index",
      "/.",
    ]
  ) {
    const { status, text } = await exchange(site.server, path);
    assertEquals(status, path === "/." ? 400 : 404, path);
    assertFalse(text.includes(secret), path);
  }
  for (
    const path of ["/.well-known/security.txt", "/%2ewell-known/security.txt"]
  ) {
    assertEquals((await exchange(site.server, path)).text, "Contact: us");
  }
  for (const path of ["/", "/docs/", "/.well-known/"]) {
    const { status, text } = await exchange(site.server, path);
    assertEquals(status, 200);
    for (const name of [".env", ".git", ".htaccess", ".secret", ".hidden"]) {
      assertFalse(text.includes(name), `${path} tells of ${name}`);
    }
  }
});

// --- resolution ---

Deno.test("a server finds index.html, clean URLs and the site's own 404.html", async () => {
  await using site = await startSite({
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
  await using site = await startSite({
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
  await using site = await startSite({
    "www/index.html": "the app",
    "www/404.html": "oops",
  }, { spa: true });
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
  await using site = await startSite({
    "www/index.html": "the app",
    "www/style.css": "css",
    "www/docs/index.html": "docs",
  }, { spa: true });
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

// --- listing ---

const listed: Record<string, TreeEntry> = {
  "www/docs/b.txt": "12345",
  "www/docs/a.txt": "1",
  'www/docs/<i>&".txt': "",
  "www/docs/sub/x": "x",
  "www/docs/.hidden": "hidden",
  "www/docs/link-in": { kind: "link", to: "b.txt" },
  "www/docs/dir-link-in": { kind: "link", to: "sub" },
  "www/docs/link-out": { kind: "link", to: "/secret.txt" },
  "www/docs/dangling": { kind: "link", to: "nowhere" },
  "www/docs/fifo": { kind: "fifo" },
  "secret.txt": secret,
};

Deno.test("--list lists a directory as a page", async () => {
  await using site = await startSite(listed, { list: true });
  const { status, fields, text } = await exchange(site.server, "/docs/");
  assertEquals(status, 200);
  assertEquals(fields.get("content-type"), "text/html; charset=utf-8");
  assertEquals(fields.get("vary"), "Accept, Accept-Encoding");
  assertEquals(fields.get("cache-control"), "no-cache");
  for (const name of ["a.txt", "b.txt", "sub/", "link-in", "dir-link-in/"]) {
    assertStringIncludes(text, `href="${name}"`);
  }
  assertFalse(text.includes("<i>"));
  for (const name of ["hidden", "link-out", "dangling", "fifo"]) {
    assertFalse(text.includes(`${name}"`), name);
  }
});

interface Listing {
  readonly path: string;
  readonly entries: { name: string; kind: string; size?: number }[];
}

Deno.test("--list lists a directory as JSON, in the order asked for", async () => {
  await using site = await startSite(listed, { list: true });
  const ask = async (query: string) => {
    const fields = { Accept: "application/json" };
    const answer = await exchange(site.server, `/docs/${query}`, { fields });
    assertEquals(
      answer.fields.get("content-type"),
      "application/json; charset=utf-8",
    );
    return JSON.parse(answer.text) as Listing;
  };
  const { path, entries } = await ask("");
  assertEquals(path, "/docs/");
  assertEquals(entries.map(({ name, kind }) => `${kind} ${name}`).sort(), [
    "directory dir-link-in",
    "directory sub",
    'file <i>&".txt',
    "file a.txt",
    "file b.txt",
    "file link-in",
  ]);
  // The size of what a link leads to.
  assertEquals(entries.find(({ name }) => name === "link-in")?.size, 5);
  const bySize = await ask("?sort=size&order=desc");
  assertEquals(
    bySize.entries.filter(({ kind }) => kind === "file").map(({ name }) =>
      name
    ),
    ["b.txt", "link-in", "a.txt", '<i>&".txt'],
  );
});

Deno.test("--list answers conditions, codings and HEAD as a file does, and sees what is new", async () => {
  const many = Object.fromEntries(
    Array.from({ length: 50 }, (_, i) => [`www/docs/file-${i}.txt`, "x"]),
  );
  await using site = await startSite(many, { list: true });
  const gzip = { "Accept-Encoding": "gzip" };
  const first = await exchange(site.server, "/docs/", { fields: gzip });
  assertEquals(first.fields.get("content-encoding"), "gzip");
  const etag = first.fields.get("etag")!;
  const again = await exchange(site.server, "/docs/", {
    fields: { ...gzip, "If-None-Match": etag },
  });
  assertEquals(again.status, 304);
  const head = await exchange(site.server, "/docs/", {
    method: "HEAD",
    fields: gzip,
  });
  assertEquals(
    head.fields.get("content-length"),
    first.fields.get("content-length"),
  );
  await Deno.writeTextFile(site.tree.path("www/docs/new.txt"), "new");
  const fields = { "If-None-Match": etag.replace("-gzip", "") };
  await within(1000, async () => {
    const { status, text } = await exchange(site.server, "/docs/", { fields });
    if (status === 200) return text.includes("new.txt");
    assertEquals(status, 304);
    return false;
  });
});

Deno.test("a directory is listed only where that was asked for, and has no index", async () => {
  const entries = { "www/docs/x.txt": "x", "www/with/index.html": "index" };
  await using quiet = await startSite(entries);
  assertEquals((await exchange(quiet.server, "/docs/")).status, 404);
  await using open = await startSite(entries, { list: true });
  assertEquals((await exchange(open.server, "/with/")).text, "index");
  assertEquals((await exchange(open.server, "/docs")).status, 301);
  assertEquals((await exchange(open.server, "/nothing/")).status, 404);
  assertEquals((await exchange(open.server, "/docs/x.txt/")).status, 404);
});
