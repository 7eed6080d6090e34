/**
 * Directories as archives, over sockets: what is in them, how large they may be, and
 * what becomes of them when a file changes meanwhile.
 */

import { assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { crc32 } from "node:zlib";
import type { SkeinOptions } from "../../lib/skein.ts";
import { handleStatic } from "../../lib/files/static_handler.ts";
import { requestOf } from "../support/requests.ts";
import { exchange } from "../support/exchange.ts";
import { MemorySite } from "../support/memory_site.ts";
import { serveTree } from "../support/served_tree.ts";
import type { TreeEntry } from "../support/tree.ts";
import { get } from "../support/wire.ts";

/** The files of an archive by their names, each with the sum that it must have. */
function unzip(bytes: Uint8Array): Record<string, string> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = bytes.length - 22;
  assertEquals(view.getUint32(end, true), 0x06054b50);
  const text = new TextDecoder();
  const files: Record<string, string> = {};
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    assertEquals(view.getUint32(at, true), 0x02014b50);
    const [sum, , size] = [16, 20, 24].map((k) => view.getUint32(at + k, true));
    const [nameLength, extra, comment] = [28, 30, 32].map((k) =>
      view.getUint16(at + k, true)
    );
    const name = text.decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const local = view.getUint32(at + 42, true);
    const start = local + 30 + view.getUint16(local + 26, true) +
      view.getUint16(local + 28, true);
    const content = bytes.subarray(start, start + size);
    assertEquals(crc32(content), sum, name);
    files[name] = text.decode(content);
    at += 46 + nameLength + extra + comment;
  }
  return files;
}

const tree: Record<string, TreeEntry> = {
  "www/docs/a.txt": "in a",
  "www/docs/empty": { kind: "directory" },
  "www/docs/sub/deeper/ü.txt": "in ü",
  "www/docs/.cellar/x": "hidden",
  "www/docs/sub/.hidden": "hidden",
  "www/docs/link.txt": { kind: "link", to: "a.txt" },
  "www/docs/out.txt": { kind: "link", to: "../../secret.txt" },
  "www/docs/up": { kind: "link", to: ".." },
  "www/docs/fifo": { kind: "fifo" },
  "www/docs/site/index.html": "not listed",
  "www/docs/site/other.txt": "nor this",
  "www/page/index.html": "a page",
  'www/ä "b"/x': "x",
  "secret.txt": "secret",
};

const zip = { list: true, zip: true };

Deno.test("--zip sends what a listing shows as an archive", async () => {
  await using site = await serveTree(tree, { files: zip });
  const { status, fields, bytes } = await exchange(site.server, "/docs/?zip");
  assertEquals(status, 200);
  assertEquals(fields.get("content-type"), "application/zip");
  assertEquals(fields.get("content-length"), `${bytes.length}`);
  assertEquals(unzip(bytes), {
    "a.txt": "in a",
    "empty/": "",
    "link.txt": "in a",
    "site/": "",
    "site/index.html": "not listed",
    "sub/": "",
    "sub/deeper/": "",
    "sub/deeper/ü.txt": "in ü",
  });
  const head = await exchange(site.server, "/docs/?zip", { method: "HEAD" });
  assertEquals([head.status, head.text], [200, ""]);
  assertEquals(head.fields.get("content-length"), `${bytes.length}`);
  const odd = await exchange(site.server, "/%C3%A4%20%22b%22/?zip");
  assertEquals(
    odd.fields.get("content-disposition"),
    `attachment; filename="_ _b_.zip"; filename*=UTF-8''%C3%A4%20%22b%22.zip`,
  );
  const page = await exchange(site.server, "/docs/");
  assertStringIncludes(page.text, '<a href="?zip">Download as ZIP</a>');
});

const others: [target: string, files: SkeinOptions["files"], text: string][] = [
  ["/docs/?zip", { list: true }, "<title>Index of /docs/</title>"],
  ["/docs/?sort=size", zip, "<title>Index of /docs/</title>"],
  ["/page/?zip", zip, "a page"],
  ["/nothing/?zip", zip, "404"],
  ["/.cellar/?zip", zip, "404"],
  ["/docs/?zip", { zip: true }, "404"],
];

Deno.test("an archive is sent only where it is asked for and a listing would be", async () => {
  for (const [target, files, text] of others) {
    await using site = await serveTree(tree, { files, workers: 1 });
    const found = await exchange(site.server, target);
    assertStringIncludes(found.text, text, target);
  }
});

const bounds: [limits: SkeinOptions["limits"], status: number][] = [
  [{ maxArchiveEntries: 8, maxArchiveBytes: 23 }, 200],
  [{ maxArchiveEntries: 7 }, 403],
  [{ maxArchiveBytes: 22 }, 403],
];

for (const [limits, want] of bounds) {
  Deno.test(`an archive within ${JSON.stringify(limits)}: ${want}`, async () => {
    await using site = await serveTree(tree, {
      files: zip,
      limits,
      workers: 1,
    });
    const { status, text } = await exchange(site.server, "/docs/?zip");
    assertEquals(status, want);
    if (want === 403) assertStringIncludes(text, "too large to be sent");
  });
}

Deno.test("an archive has nothing that a rule of the site keeps back", async () => {
  await using site = await serveTree({
    "www/_redirects": "/private/* /404 404!\n/drafts/ /elsewhere 302\n" +
      "/page/ /elsewhere 302\n/*.key / 302!",
    "www/_headers": "/*\n  X-A: 1",
    "www/a.txt": "a",
    "www/b.key": "key",
    "www/drafts/b.txt": "b",
    "www/page/index.html": "page",
    "www/private/deep/c.txt": "c",
    "www/private/index.html": "c",
  }, { files: zip, workers: 1 });
  const { fields, bytes } = await exchange(site.server, "/?zip");
  assertEquals(unzip(bytes), {
    "a.txt": "a",
    "drafts/": "",
    "page/": "",
    "page/index.html": "page",
    "private/": "",
  });
  assertEquals(fields.get("x-a"), "1");
  const drafts = await exchange(site.server, "/drafts/?zip");
  assertEquals(drafts.status, 302);
});

Deno.test("many who want the same directory are served for one look at it", () => {
  class Counting extends MemorySite {
    looks = 0;
    override list(segments: readonly string[]) {
      this.looks++;
      return super.list(segments);
    }
  }
  const store = new Counting({ "a/b.txt": "b" }, zip);
  for (const target of ["/a/?zip", "/a/?zip", "/?zip"]) {
    assertEquals(handleStatic(requestOf(target), store).status, 200);
  }
  // Each asks once whether it would be listed; the top has one directory.
  assertEquals(store.looks, 2 + 1 + 1 + 2);
});

const MiB = 1024 * 1024;

Deno.test("an archive ends early where a file changes while it is sent", async () => {
  await using site = await serveTree({
    "www/a.bin": new Uint8Array(32 * MiB),
    "www/b.bin": new Uint8Array(32 * MiB),
  }, { files: zip });
  using client = await site.server.connect();
  await client.send(get("/?zip"));
  await client.readUntil("\r\n\r\n");
  // Neither has been read whole: no buffer of the system holds so much.
  for (const name of ["a.bin", "b.bin"]) {
    await Deno.truncate(site.tree.path(`www/${name}`), 1);
  }
  assertLess((await client.readAll()).length, 64 * MiB);
  await site.server.logged("Cannot send the rest of the content");
});

Deno.test("a client that leaves within an archive leaves no file open", async () => {
  await using site = await serveTree({
    "www/a.bin": new Uint8Array(32 * MiB),
  }, { files: zip });
  const client = await site.server.connect();
  await client.send(get("/?zip"));
  await client.readUntil("\r\n\r\n");
  client[Symbol.dispose]();
  const { status } = await exchange(site.server, "/");
  assertEquals([status, site.server.log], [200, []]);
});
