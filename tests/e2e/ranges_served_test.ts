/**
 * Ranges over sockets, of small files and large ones.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { exchange } from "../support/exchange.ts";
import { type ServedTree, serveTree } from "../support/served_tree.ts";
import { manyRanges } from "../support/many_ranges.ts";

/** Bytes that tell their place; of a small file and of a large one. */
function content(length: number): string {
  let text = "";
  while (text.length < length) text += `${text.length}.`;
  return text.slice(0, length);
}

const small = content(5000);
const large = content(300_000);
const past = new Date("2026-07-01T12:00:00Z");

async function startMedia(): Promise<ServedTree> {
  const media = await serveTree({
    "www/small.bin": small,
    "www/large.mp4": large,
    "www/empty.bin": "",
  });
  for (const name of ["small.bin", "large.mp4", "empty.bin"]) {
    await Deno.utime(media.tree.path(`www/${name}`), past, past);
  }
  return media;
}

for (
  const { target, all } of [
    { target: "/small.bin", all: small },
    { target: "/large.mp4", all: large },
  ]
) {
  Deno.test(`a server sends parts of ${target}`, async () => {
    await using media = await startMedia();
    const n = all.length;
    for (
      const { range, from, to } of [
        { range: "0-0", from: 0, to: 0 },
        { range: "0-", from: 0, to: n - 1 },
        { range: "100-199", from: 100, to: 199 },
        { range: `${n - 1}-`, from: n - 1, to: n - 1 },
        { range: "-500", from: n - 500, to: n - 1 },
        { range: `4000-${n * 2}`, from: 4000, to: n - 1 },
      ]
    ) {
      const fields = { Range: `bytes=${range}` };
      const answer = await exchange(media.server, target, { fields });
      assertEquals(answer.status, 206, range);
      assertEquals(answer.text, all.slice(from, to + 1), range);
      assertEquals(
        answer.fields.get("content-range"),
        `bytes ${from}-${to}/${n}`,
      );
      assertEquals(answer.fields.get("content-length"), `${to - from + 1}`);
      assertEquals(answer.fields.get("accept-ranges"), "bytes");
      assert(answer.fields.has("etag") && answer.fields.has("last-modified"));
    }
    const fields = { Range: `bytes=${n}-` };
    const none = await exchange(media.server, target, { fields });
    assertEquals(none.status, 416);
    assertEquals(none.fields.get("content-range"), `bytes */${n}`);
    assertEquals(media.server.log, []);
  });

  Deno.test(`a server sends several parts of ${target} at once`, async () => {
    await using media = await startMedia();
    const fields = { Range: "bytes=4000-4009,0-9,-10" };
    const answer = await exchange(media.server, target, { fields });
    assertEquals(answer.status, 206);
    assertEquals(answer.fields.get("content-range"), undefined);
    const type = answer.fields.get("content-type")!;
    assertMatch(type, /^multipart\/byteranges; boundary=[\w-]{10,70}$/);
    assertEquals(answer.fields.get("content-length"), `${answer.text.length}`);
    const boundary = type.split("boundary=")[1];
    const n = all.length;
    const part = (from: number, to: number) =>
      `--${boundary}\r\nContent-Type: ${
        target.endsWith("mp4") ? "video/mp4" : "application/octet-stream"
      }\r\nContent-Range: bytes ${from}-${to}/${n}\r\n\r\n${
        all.slice(from, to + 1)
      }\r\n`;
    assertEquals(
      answer.text,
      `${part(4000, 4009)}${part(0, 9)}${
        part(n - 10, n - 1)
      }--${boundary}--\r\n`,
    );
  });

  Deno.test(`a server sends a part of ${target} only of what the client has`, async () => {
    await using media = await startMedia();
    const { fields } = await exchange(media.server, target);
    const date = past.toUTCString();
    for (
      const { value, status } of [
        { value: fields.get("etag")!, status: 206 },
        { value: '"other"', status: 200 },
        { value: `W/${fields.get("etag")}`, status: 200 },
        { value: date, status: 206 },
        { value: new Date(past.getTime() - 1000).toUTCString(), status: 200 },
        { value: new Date(past.getTime() + 1000).toUTCString(), status: 200 },
        { value: "nonsense", status: 200 },
      ]
    ) {
      const answer = await exchange(media.server, target, {
        fields: { "Range": "bytes=10-19", "If-Range": value },
      });
      assertEquals(answer.status, status, value);
      assertEquals(answer.text, status === 206 ? all.slice(10, 20) : all);
    }
  });

  Deno.test(`a server ignores ranges of ${target} where there is no part to send`, async () => {
    await using media = await startMedia();
    const ask = (range: string, method = "GET") =>
      exchange(media.server, target, {
        method,
        fields: { Range: range },
      });
    // Section 14.2: ranges are for GET.
    const head = await ask("bytes=0-9", "HEAD");
    assertEquals([head.status, head.text], [200, ""]);
    assertEquals(head.fields.get("content-length"), `${all.length}`);
    assertEquals(head.fields.get("accept-ranges"), "bytes");
    for (const range of ["items=0-9", "bytes=9-0", "bytes=x", manyRanges(65)]) {
      const answer = await ask(range);
      assertEquals([answer.status, answer.text.length], [200, all.length]);
    }
  });
}

Deno.test("a server looks at conditions before ranges (section 13.2.2)", async () => {
  await using media = await startMedia();
  const { fields } = await exchange(media.server, "/small.bin");
  const etag = fields.get("etag")!;
  for (
    const { condition, status } of [
      { condition: { "If-None-Match": etag }, status: 304 },
      { condition: { "If-Match": '"x"' }, status: 412 },
      { condition: { "If-Match": etag }, status: 206 },
      // A range that is not there, of what the client has.
      {
        condition: { "If-None-Match": etag, "Range": "bytes=9999-" },
        status: 304,
      },
      {
        condition: { "If-Range": '"x"', "Range": "bytes=9999-" },
        status: 200,
      },
    ]
  ) {
    const answer = await exchange(media.server, "/small.bin", {
      fields: { Range: "bytes=0-9", ...condition },
    });
    assertEquals(answer.status, status, JSON.stringify(condition));
  }
});

Deno.test("a server has no range of an empty file, and of an error page", async () => {
  await using media = await startMedia();
  const fields = { Range: "bytes=0-9" };
  const empty = await exchange(media.server, "/empty.bin", { fields });
  assertEquals(empty.status, 416);
  assertEquals(empty.fields.get("content-range"), "bytes */0");
  const missing = await exchange(media.server, "/nothing", { fields });
  assertEquals(missing.status, 404);
});
