/**
 * Directories that are listed, over sockets.
 */

import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { exchange } from "../support/exchange.ts";
import { within } from "../support/in_time.ts";
import type { TreeEntry } from "../support/tree.ts";
import { serveTree } from "../support/served_tree.ts";

const secret = "root:x:0:0";

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
  await using site = await serveTree(listed, { files: { list: true } });
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
  await using site = await serveTree(listed, { files: { list: true } });
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
  await using site = await serveTree(many, { files: { list: true } });
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
  await using quiet = await serveTree(entries);
  assertEquals((await exchange(quiet.server, "/docs/")).status, 404);
  await using open = await serveTree(entries, { files: { list: true } });
  assertEquals((await exchange(open.server, "/with/")).text, "index");
  assertEquals((await exchange(open.server, "/docs")).status, 301);
  assertEquals((await exchange(open.server, "/nothing/")).status, 404);
  assertEquals((await exchange(open.server, "/docs/x.txt/")).status, 404);
});

Deno.test("--list opens tables and prose as text; --mime has the last word", async () => {
  const entries = { "www/a.csv": "a,b", "www/a.md": "# a", "www/a.tsv": "a" };
  await using site = await serveTree(entries, {
    files: { list: true, mediaTypes: { tsv: "text/x-own" } },
  });
  for (
    const [path, want] of [
      ["/a.csv", "text/plain; charset=utf-8"],
      ["/a.md", "text/plain; charset=utf-8"],
      ["/a.tsv", "text/x-own; charset=utf-8"],
    ]
  ) {
    const { fields } = await exchange(site.server, path);
    assertEquals(fields.get("content-type"), want, path);
    assertEquals(fields.get("x-content-type-options"), "nosniff");
  }
});

Deno.test("--list shows the README.md of a directory below its names", async () => {
  await using site = await serveTree({
    "www/one/ReadMe.md": "# Hello *you*",
    "www/two/readme.md": "second",
    "www/two/README.md": "first",
    "www/out/README.md": { kind: "link", to: "../../secret.txt" },
    "www/dir/README.md/x": "",
    "www/huge/README.md": "huge\n".repeat(20_000),
    "secret.txt": secret,
  }, { files: { list: true } });
  const readme = async (path: string, fields = {}) => {
    const { text, fields: got } = await exchange(site.server, path, { fields });
    const [, html] = /<section class="readme"[^>]*>\n([^]*?)<\/section>/
      .exec(text) ?? [];
    return { html, etag: got.get("etag")! };
  };
  const { html, etag } = await readme("/one/");
  assertEquals(
    html,
    '<h2 id="readme-hello-you">Hello <em>you</em></h2>\n',
  );
  assertEquals((await readme("/two/")).html, "<p>first</p>\n");
  for (const path of ["/out/", "/dir/", "/huge/"]) {
    assertEquals((await readme(path)).html, undefined, path);
  }
  const { text } = await exchange(site.server, "/one/", {
    fields: { Accept: "application/json" },
  });
  assertFalse(text.includes("Hello"));
  // As long as before, and with the same time.
  const file = site.tree.path("www/one/ReadMe.md");
  const { mtime } = await Deno.stat(file);
  await Deno.writeTextFile(file, "# Hello *all*");
  await Deno.utime(file, mtime!, mtime!);
  await within(5000, async () => {
    const now = await readme("/one/", { "If-None-Match": etag });
    return now.html !== undefined && now.html.includes("all");
  });
});

Deno.test("a README.md is shown where an app leaves a request to the files", async () => {
  await using site = await serveTree({ "www/README.md": "shown" }, {
    app: new URL("../apps/slow.ts", import.meta.url),
    files: { list: true },
  });
  const { text } = await exchange(site.server, "/");
  assertStringIncludes(text, "<p>shown</p>");
});
