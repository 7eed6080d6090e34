/**
 * Content codings over sockets: what is compressed on the fly, and that it always becomes
 * what it was. What was compressed beforehand is in precompressed_test.ts.
 */

import { assert, assertEquals, assertLess } from "@std/assert";
import { compress } from "../../lib/files/compress.ts";
import { codings } from "../../lib/http/negotiate.ts";
import { CachedFileStore } from "../../lib/files/cached_file_store.ts";
import { handleStatic } from "../../lib/files/static_handler.ts";
import { exchange } from "../support/exchange.ts";
import { within } from "../support/in_time.ts";
import { requestOf } from "../support/requests.ts";
import { makeTree } from "../support/tree.ts";
import {
  accept,
  decode,
  decodeFrom,
  prose,
  startSite,
} from "../support/encodings.ts";

for (const coding of codings) {
  Deno.test(`compress() makes less of text in ${coding}, and of any bytes what it was`, () => {
    const text = new TextEncoder().encode(prose(20_000));
    const compressed = compress(text, coding);
    assertLess(compressed.length, text.length / 4);
    // A view would take what is behind it along to another thread.
    assertEquals(compressed.byteLength, compressed.buffer.byteLength);
    for (const bytes of [text, new Uint8Array(0), Uint8Array.of(1, 2, 3)]) {
      assertEquals(
        new Uint8Array(decodeFrom(coding, compress(bytes, coding))),
        bytes,
      );
    }
  });

  // 10 KB travel with the answer; 200 KB would be read by another thread.
  for (const size of [10_000, 200_000]) {
    Deno.test(`a server compresses a page of ${size} bytes in ${coding} on the fly`, async () => {
      const text = prose(size);
      await using site = await startSite({ "www/index.html": text });
      const answer = await exchange(site.server, "/", accept(coding));
      assertEquals(answer.status, 200);
      assertEquals(answer.fields.get("content-encoding"), coding);
      assertEquals(answer.fields.get("vary"), "Accept-Encoding");
      assertEquals(
        answer.fields.get("content-length"),
        `${answer.bytes.length}`,
      );
      assertLess(answer.bytes.length, size / 4);
      assertEquals(decode(answer), text);
      const again = await exchange(site.server, "/", accept(coding));
      assertEquals(again.text, answer.text);
      assertEquals(again.fields.get("etag"), answer.fields.get("etag"));
    });
  }
}

Deno.test("a server compresses neither what is small, nor large, nor compressed", async () => {
  await using site = await startSite({
    "www/small.html": prose(1000).slice(0, 1023),
    "www/enough.html": prose(2000).slice(0, 1024),
    "www/picture.png": prose(5000),
    "www/unknown": prose(5000),
    "www/large.txt": prose(2 * 1024 * 1024 + 1),
  });
  for (
    const { target, coding, vary } of [
      { target: "/small.html", coding: undefined, vary: "Accept-Encoding" },
      { target: "/enough.html", coding: "br", vary: "Accept-Encoding" },
      { target: "/large.txt", coding: undefined, vary: "Accept-Encoding" },
      { target: "/picture.png", coding: undefined, vary: undefined },
      { target: "/unknown", coding: undefined, vary: undefined },
    ]
  ) {
    const { fields } = await exchange(site.server, target, {
      method: "HEAD",
      ...accept("br, gzip"),
    });
    assertEquals(fields.get("content-encoding"), coding, target);
    assertEquals(fields.get("vary"), vary, target);
  }
});

Deno.test("a server has another ETag for each coding, and knows each again", async () => {
  const text = prose(5000);
  await using site = await startSite({ "www/index.html": text });
  const tags = new Set<string>();
  for (const coding of ["identity", ...codings]) {
    const { fields } = await exchange(site.server, "/", accept(coding));
    const etag = fields.get("etag")!;
    assert(/^"[^"]+"$/.test(etag), etag);
    tags.add(etag);
    const again = await exchange(site.server, "/", {
      fields: { "Accept-Encoding": coding, "If-None-Match": etag },
    });
    assertEquals([again.status, again.fields.get("etag")], [304, etag]);
    assertEquals(again.fields.get("vary"), "Accept-Encoding");
    // What the client has is in another coding than what it wants.
    const other = await exchange(site.server, "/", {
      fields: {
        "Accept-Encoding": coding === "br" ? "gzip" : "br",
        "If-None-Match": etag,
      },
    });
    assertEquals(other.status, 200);
  }
  assertEquals(tags.size, 1 + codings.length);
});

Deno.test("a server tells HEAD, and sends ranges, of what it would send in that coding", async () => {
  await using site = await startSite({ "www/index.html": prose(20_000) });
  for (const coding of ["identity", ...codings]) {
    const { fields, text } = await exchange(site.server, "/", accept(coding));
    const head = await exchange(site.server, "/", {
      method: "HEAD",
      ...accept(coding),
    });
    assertEquals(head.text, "");
    for (const name of ["content-length", "content-encoding", "etag", "vary"]) {
      assertEquals(head.fields.get(name), fields.get(name), name);
    }
    const part = await exchange(site.server, "/", {
      fields: {
        "Accept-Encoding": coding,
        "Range": "bytes=10-19",
        "If-Range": fields.get("etag")!,
      },
    });
    assertEquals([part.status, part.text], [206, text.slice(10, 20)]);
    assertEquals(
      part.fields.get("content-range"),
      `bytes 10-19/${text.length}`,
    );
    for (const name of ["content-encoding", "etag", "vary"]) {
      assertEquals(part.fields.get(name), fields.get(name), name);
    }
    // A part of one coding is no part of another.
    const other = await exchange(site.server, "/", {
      fields: {
        "Accept-Encoding": coding === "br" ? "gzip" : "br",
        "Range": "bytes=10-19",
        "If-Range": fields.get("etag")!,
      },
    });
    assertEquals(other.status, 200);
    const several = await exchange(site.server, "/", {
      fields: { "Accept-Encoding": coding, "Range": "bytes=0-9,-10" },
    });
    // Its fields would speak of the coding of its parts as of its own.
    assertEquals(several.status, coding === "identity" ? 206 : 200);
  }
});

Deno.test("a server honours identity;q=0 where it can, and says so where it cannot", async () => {
  await using site = await startSite({
    "www/tiny.txt": "tiny",
    "www/picture.png": "png",
    "www/404.html": "oops",
  });
  const only = accept("gzip, identity;q=0");
  const tiny = await exchange(site.server, "/tiny.txt", only);
  assertEquals([tiny.status, decode(tiny)], [200, "tiny"]);
  assertEquals(tiny.fields.get("content-encoding"), "gzip");
  const picture = await exchange(site.server, "/picture.png", only);
  assertEquals(picture.status, 406);
  assertEquals(picture.fields.get("vary"), "Accept-Encoding");
  for (const value of ["identity;q=0", "*;q=0"]) {
    const none = await exchange(site.server, "/tiny.txt", accept(value));
    assertEquals(none.status, 406, value);
    // It is not there, in whatever coding.
    const missing = await exchange(site.server, "/nothing", accept(value));
    assertEquals(missing.status, 404, value);
  }
});

Deno.test("a server compresses the page of answers that there is nothing", async () => {
  const text = prose(5000, "missing");
  await using site = await startSite({ "www/404.html": text });
  const answer = await exchange(site.server, "/nothing", accept("br"));
  assertEquals([answer.status, decode(answer)], [404, text]);
  assertEquals(answer.fields.get("content-encoding"), "br");
  assertEquals(answer.fields.get("vary"), "Accept-Encoding");
  assertEquals(answer.fields.get("etag"), undefined);
});

for (const size of [5000, 100_000]) {
  Deno.test(`a server sends a changed file of ${size} bytes fresh within a second, in any coding`, async () => {
    await using site = await startSite({ "www/a.js": prose(size, "old") });
    const wordOf = async (coding: string) => {
      const answer = await exchange(site.server, "/a.js", accept(coding));
      return /<p>(\w+) 0</.exec(decode(answer))?.[1];
    };
    for (const coding of ["identity", ...codings]) {
      assertEquals(await wordOf(coding), "old");
    }
    await Deno.writeTextFile(site.tree.path("www/a.js"), prose(size, "new"));
    await within(1000, async () => {
      const words = ["identity", ...codings].map(wordOf);
      return (await Promise.all(words)).every((word) => word === "new");
    });
  });
}

Deno.test("a site compresses a file once, as long as it is the same", async () => {
  using tree = await makeTree({ "www/a.js": prose(5000) });
  const old = new Date("2026-07-01T12:00:00Z");
  await Deno.utime(tree.path("www/a.js"), old, old);
  const counting = new (class extends CachedFileStore {
    count = 0;
    override compress(...args: Parameters<CachedFileStore["compress"]>) {
      this.count++;
      return super.compress(...args);
    }
  })(tree.root);
  for (let i = 0; i < 10; i++) {
    for (const value of ["br", "gzip, br", "gzip"]) {
      const fields = [["accept-encoding", value]] as const;
      handleStatic(requestOf("/a.js", { fields }), counting);
    }
  }
  assertEquals(counting.count, 2);
});
