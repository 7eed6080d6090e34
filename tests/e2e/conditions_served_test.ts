/**
 * Conditions over sockets, with the dates of real files.
 */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { exchange } from "../support/exchange.ts";
import { startTestServer } from "../support/test_server.ts";
import { makeTree } from "../support/tree.ts";
import { changedAt, earlier, same } from "../support/changed_at.ts";

const old = new Date(changedAt + 123);

Deno.test("a server answers conditions of its files as the RFC has it", async () => {
  using tree = await makeTree({
    "www/page.html": "page",
    "www/large.bin": new Uint8Array(100_000),
    "www/docs/x": "x",
  });
  for (const name of ["page.html", "large.bin"]) {
    await Deno.utime(tree.path(`www/${name}`), old, old);
  }
  await using server = await startTestServer({ root: tree.root });
  for (const target of ["/page.html", "/large.bin"]) {
    const first = await exchange(server, target);
    const etag = first.fields.get("etag")!;
    assert(/^"[^"]+"$/.test(etag), etag);
    assertEquals(first.fields.get("last-modified"), same);
    const statusOf = async (
      fields: Record<string, string>,
      method = "GET",
    ) => (await exchange(server, target, { fields, method })).status;

    for (const method of ["GET", "HEAD"]) {
      assertEquals(await statusOf({ "If-None-Match": etag }, method), 304);
      assertEquals(await statusOf({ "If-None-Match": "*" }, method), 304);
      assertEquals(await statusOf({ "If-None-Match": '"x"' }, method), 200);
      assertEquals(await statusOf({ "If-Modified-Since": same }, method), 304);
      assertEquals(
        await statusOf({ "If-Modified-Since": earlier }, method),
        200,
      );
      assertEquals(await statusOf({ "If-Match": etag }, method), 200);
      assertEquals(await statusOf({ "If-Match": '"x"' }, method), 412);
      assertEquals(
        await statusOf({ "If-Unmodified-Since": earlier }, method),
        412,
      );
      assertEquals(
        await statusOf({ "If-Match": '"x"', "If-None-Match": etag }, method),
        412,
      );
    }
    // Section 13.2.1: conditions are no matter of OPTIONS.
    assertEquals(await statusOf({ "If-Match": '"x"' }, "OPTIONS"), 204);
  }
  assertEquals(server.log, []);
});

Deno.test("a server's 304 has the fields it must carry, and no content", async () => {
  using tree = await makeTree({ "www/page.html": "<p>page</p>".repeat(200) });
  await using server = await startTestServer({
    root: tree.root,
    files: { cors: true, headers: [["X-Frame-Options", "DENY"]] },
  });
  const fields = { "Accept-Encoding": "gzip" };
  const first = await exchange(server, "/page.html", { fields });
  const again = await exchange(server, "/page.html", {
    fields: { ...fields, "If-None-Match": first.fields.get("etag")! },
  });
  assertEquals([again.status, again.text], [304, ""]);
  for (
    const name of [
      "etag",
      "vary",
      "cache-control",
      "access-control-allow-origin",
      "x-frame-options",
    ]
  ) {
    assert(first.fields.has(name), name);
    assertEquals(again.fields.get(name), first.fields.get(name), name);
  }
  for (
    const name of [
      "content-type",
      "content-encoding",
      "content-length",
      "last-modified",
      "transfer-encoding",
    ]
  ) assertEquals(again.fields.get(name), undefined, name);
});

Deno.test("a server compares nothing where the answer is no content of the path", async () => {
  using tree = await makeTree({ "www/docs/x": "x", "www/404.html": "oops" });
  await using server = await startTestServer({ root: tree.root });
  for (
    const { target, status } of [
      { target: "/nothing", status: 404 },
      { target: "/docs", status: 301 },
      { target: "/%ff", status: 400 },
    ]
  ) {
    for (const name of ["If-Match", "If-None-Match"]) {
      const fields = { [name]: name === "If-Match" ? '"x"' : "*" };
      const answer = await exchange(server, target, { fields });
      assertEquals(answer.status, status, `${target} ${name}`);
    }
  }
});

Deno.test("a file that is replaced within the same second gets another ETag", async () => {
  using tree = await makeTree({});
  await using server = await startTestServer({ root: tree.root, workers: 1 });
  for (const size of [10, 70_000]) {
    const tags = new Set<string>();
    for (let round = 0; round < 5; round++) {
      // Another name each, so that nothing is kept, and the same whole second.
      const name = `${size}-${round}.bin`;
      const path = tree.path(`www/${name}`);
      await Deno.writeTextFile(path, `${round}`.repeat(size));
      await Deno.utime(path, old, old);
      const { fields } = await exchange(server, `/${name}`);
      assertEquals(fields.get("last-modified"), same);
      tags.add(fields.get("etag")!);
    }
    assertEquals(tags.size, 5);
  }
});

Deno.test("a large file that is replaced gets another ETag at once, be its size and time the same", async () => {
  using tree = await makeTree({ "www/large.bin": "a".repeat(70_000) });
  const path = tree.path("www/large.bin");
  await Deno.utime(path, old, old);
  await using server = await startTestServer({ root: tree.root });
  const before = await exchange(server, "/large.bin");
  await Deno.writeTextFile(`${path}.new`, "b".repeat(70_000));
  await Deno.utime(`${path}.new`, old, old);
  await Deno.rename(`${path}.new`, path);
  const after = await exchange(server, "/large.bin", {
    fields: { "If-None-Match": before.fields.get("etag")! },
  });
  assertEquals([after.status, after.text[0]], [200, "b"]);
  assertNotEquals(after.fields.get("etag"), before.fields.get("etag"));
});

Deno.test("a file from the future has no Last-Modified (section 8.8.2.1)", async () => {
  using tree = await makeTree({ "www/page.html": "page" });
  const future = new Date(Date.now() + 86_400_000);
  await Deno.utime(tree.path("www/page.html"), future, future);
  await using server = await startTestServer({ root: tree.root });
  const { status, fields } = await exchange(server, "/page.html", {
    fields: { "If-Modified-Since": future.toUTCString() },
  });
  assertEquals([status, fields.get("last-modified")], [200, undefined]);
});
