/**
 * What a worker tells of the files that it serves, and when.
 */

import { assertEquals } from "@std/assert";
import { CachedFileStore } from "../../lib/files/cached_file_store.ts";
import type { HotFile } from "../../lib/files/file_store.ts";
import { freshMs } from "../../lib/files/freshness.ts";
import { HotReports } from "../../lib/files/hot_reports.ts";
import { handleStatic } from "../../lib/files/static_handler.ts";
import type { Field } from "../../lib/http/message.ts";
import { makeTree } from "../support/tree.ts";

Deno.test("a worker tells of a file that is asked for twice, and of each later look", async () => {
  using tree = await makeTree({
    "www/a.html": "x".repeat(2000),
    "www/large.bin": "x".repeat(70_000),
  });
  // Old enough that an unchanged time proves that the content is the same.
  const old = new Date(Date.now() - 60_000);
  await Deno.utime(tree.path("www/a.html"), old, old);
  const store = new CachedFileStore(await Deno.realPath(tree.root));
  const told: HotFile[] = [];
  const reports = new HotReports(store, (file) => told.push(file));
  const ask = (target: string, fields: Field[] = []) => {
    handleStatic(
      { method: "GET", target, authority: "h", version: "1.1", fields },
      store,
    );
    reports.note(target);
    return told.splice(0).map(({ key, file, compressed }) => [
      key,
      file?.name ?? null,
      Object.keys(compressed),
    ]);
  };
  const rows: [string, Field[], unknown[]][] = [
    ["/a.html", [], []],
    ["/a.html", [], [["/a.html", "a.html", []]]],
    ["/a.html", [], []],
    ["/a.html", [["accept-encoding", "gzip"]], [["/a.html", null, ["gzip"]]]],
    ["/a.html", [["accept-encoding", "gzip"]], []],
    ["/a.html", [["accept-encoding", "br"]], [["/a.html", null, ["br"]]]],
    ["/a", [], []],
    ["/a", [], []],
    ["/large.bin", [], []],
    ["/large.bin", [], []],
    ["/missing", [], []],
    ["/missing", [], []],
  ];
  for (const [target, fields, want] of rows) {
    assertEquals(ask(target, fields), want, `${target} ${fields}`);
  }
  const { now } = Date;
  try {
    Date.now = () => now() + freshMs;
    assertEquals(ask("/a.html"), [["/a.html", null, []]]);
    assertEquals(ask("/a.html"), []);
  } finally {
    Date.now = now;
  }
});
