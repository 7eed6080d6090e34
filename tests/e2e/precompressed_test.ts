/**
 * What was compressed beforehand, over sockets: it is taken where it may be, and never
 * when it is out of date.
 */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { compress } from "../../lib/files/compress.ts";
import { type Coding, codings } from "../../lib/http/negotiate.ts";
import { exchange } from "../support/exchange.ts";
import { accept, decode, prose, startSite } from "../support/encodings.ts";

/** A file beside another, whose content shows that it was taken. */
function sibling(coding: Coding, text = `${coding} beforehand`) {
  return compress(new TextEncoder().encode(text), coding);
}

for (
  const [coding, suffix] of [["br", ".br"], ["zstd", ".zst"], [
    "gzip",
    ".gz",
  ]] as const
) {
  for (const size of [10, 10_000, 100_000, 3_000_000]) {
    Deno.test(`a server sends the ${suffix} beside a file of ${size} bytes`, async () => {
      const text = prose(size);
      await using site = await startSite({
        "www/app.js": text,
        [`www/app.js${suffix}`]: sibling(coding),
      });
      const answer = await exchange(
        site.server,
        "/app.js",
        accept(`identity;q=0.5, ${coding}`),
      );
      assertEquals(answer.status, 200);
      assertEquals(answer.fields.get("content-encoding"), coding);
      assertEquals(
        answer.fields.get("content-type"),
        "text/javascript; charset=utf-8",
      );
      assertEquals(answer.fields.get("vary"), "Accept-Encoding");
      assertEquals(decode(answer), `${coding} beforehand`);
      const plain = await exchange(site.server, "/app.js");
      assertEquals(plain.fields.get("content-encoding"), undefined);
      assertEquals(plain.text, text);
      assertNotEquals(plain.fields.get("etag"), answer.fields.get("etag"));
    });
  }
}

Deno.test("a server sends a large .br in pieces, and ranges of it", async () => {
  const noise = crypto.getRandomValues(new Uint8Array(60_000));
  const hex = Array.from(noise, (byte) => byte.toString(16)).join(" ").repeat(
    4,
  );
  const bytes = sibling("br", hex.repeat(3));
  assert(bytes.length > 65_536);
  await using site = await startSite({
    "www/app.js": hex.repeat(20),
    "www/app.js.br": bytes,
  });
  const answer = await exchange(site.server, "/app.js", accept("br"));
  assertEquals(answer.bytes, bytes);
  const part = await exchange(site.server, "/app.js", {
    fields: { "Accept-Encoding": "br", "Range": "bytes=-100" },
  });
  assertEquals([part.status, part.bytes], [206, bytes.slice(-100)]);
});

Deno.test("a server takes what was compressed beforehand first, and the client's wish before that", async () => {
  await using site = await startSite({
    "www/app.js": prose(10_000),
    "www/app.js.gz": sibling("gzip"),
  });
  for (
    const { value, coding, beforehand } of [
      { value: "gzip, br, zstd", coding: "gzip", beforehand: true },
      { value: "br, zstd", coding: "br", beforehand: false },
      { value: "gzip;q=0.5, br", coding: "br", beforehand: false },
      { value: "identity", coding: undefined, beforehand: false },
    ]
  ) {
    const answer = await exchange(site.server, "/app.js", accept(value));
    assertEquals(answer.fields.get("content-encoding"), coding, value);
    assertEquals(decode(answer).endsWith("beforehand"), beforehand, value);
  }
});

Deno.test("a server never sends what was compressed before its file changed", async () => {
  await using site = await startSite({
    "www/app.js": prose(10_000, "new"),
    "www/app.js.br": sibling("br", "old"),
    "www/copied.js": prose(10_000),
    "www/copied.js.br": sibling("br", "kept"),
  });
  const { tree, server } = site;
  const at = (text: string) => new Date(`2026-07-01T12:00:${text}Z`);
  await Deno.utime(tree.path("www/app.js"), at("01"), at("01"));
  await Deno.utime(tree.path("www/app.js.br"), at("00.999"), at("00.999"));
  // A tool that copies times copies whole seconds.
  await Deno.utime(tree.path("www/copied.js"), at("01.500"), at("01.500"));
  await Deno.utime(tree.path("www/copied.js.br"), at("01"), at("01"));
  const stale = await exchange(server, "/app.js", accept("br"));
  assertEquals(decode(stale), prose(10_000, "new"));
  const copied = await exchange(server, "/copied.js", accept("br"));
  assertEquals(decode(copied), "kept");
});

Deno.test("a server takes nothing beside a file that leads out, is hidden, or is none", async () => {
  await using site = await startSite({
    "outside/app.js.br": sibling("br", "outside"),
    "www/app.js": prose(10_000),
    "www/app.js.br": { kind: "link", to: "/outside/app.js.br" },
    "www/app.js.gz/x": "a directory",
    "www/app.js.zst": { kind: "fifo" },
  });
  for (const coding of codings) {
    const answer = await exchange(site.server, "/app.js", accept(coding));
    assertEquals(decode(answer), prose(10_000), coding);
  }
  assertEquals(site.server.log, []);
});
