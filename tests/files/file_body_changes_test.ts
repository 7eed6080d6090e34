/**
 * Bodies of files that are not there, not what they were, or change under way; and those
 * that nobody wants any more.
 */

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { BodyCutError, type BodySource } from "../../lib/http/exchange.ts";
import { FileChangedError, openFileBody } from "../../lib/files/file_body.ts";
import { inTime } from "../support/in_time.ts";
import { closed } from "../support/open_files.ts";
import { makeTree } from "../support/tree.ts";
import {
  assertSameBytes,
  MiB,
  pattern,
  readAll,
  slice,
} from "../support/file_bodies.ts";

interface ChangeCase {
  readonly name: string;
  change(path: string): Promise<void>;
}

const changes: ChangeCase[] = [
  {
    name: "replaced",
    async change(path) {
      await Deno.writeTextFile(`${path}.new`, "content");
      await Deno.rename(`${path}.new`, path);
    },
  },
  { name: "made shorter", change: (path) => Deno.truncate(path, 3) },
  {
    name: "touched",
    change: (path) => Deno.utime(path, 1_000_000_000, 1_000_000_000),
  },
  {
    name: "replaced by a link to itself elsewhere",
    async change(path) {
      await Deno.rename(path, `${path}.moved`);
      await Deno.symlink(`${path}.moved`, path);
    },
  },
  {
    name: "replaced by a directory",
    async change(path) {
      await Deno.remove(path);
      await Deno.mkdir(path);
    },
  },
];

Deno.test(
  "openFileBody() does not wait for the writer of a FIFO that took the place of a file",
  inTime(async () => {
    using tree = await makeTree({
      "file": "content",
      "fifo": { kind: "fifo" },
    });
    const path = tree.path("file");
    const part = await slice(path);
    await Deno.rename(tree.path("fifo"), path);
    try {
      await assertRejects(() => openFileBody([part]), FileChangedError);
    } finally {
      // Whoever does wait is let go: this end of it never has to.
      Deno.openSync(path, { read: true, write: true }).close();
    }
  }),
);

for (const { name, change } of changes) {
  Deno.test(`openFileBody() refuses a file that was ${name} since it was looked at`, async () => {
    using tree = await makeTree({ "file": "content", "other": "other" });
    const part = await slice(tree.path("file"));
    const other = await slice(tree.path("other"));
    await change(tree.path("file"));
    await assertRejects(() => openFileBody([part]), FileChangedError);
    // It closes the other ones that it had opened.
    await assertRejects(() => openFileBody([other, part]), FileChangedError);
    await closed(tree.path("file"));
    await closed(tree.path("other"));
  });
}

Deno.test("openFileBody() sends a file that has grown since as long as it was", async () => {
  using tree = await makeTree({ "file": "content" });
  const part = await slice(tree.path("file"));
  await Deno.writeTextFile(tree.path("file"), ", more", { append: true });
  const body = await openFileBody([part]);
  assertEquals(body.length, "content".length);
  assertEquals(await body.read(), new TextEncoder().encode("content"));
  assertEquals(await body.read(), null);
});

Deno.test("openFileBody() tells of a file that is gone, and closes the others", async () => {
  using tree = await makeTree({ "file": "content", "other": "other" });
  const part = await slice(tree.path("file"));
  const other = await slice(tree.path("other"));
  await Deno.remove(tree.path("file"));
  await assertRejects(
    () => openFileBody([other, part]),
    Deno.errors.NotFound,
  );
  await closed(tree.path("other"));
});

// --- changes under way ---

Deno.test("a file's body is cut where its file shrinks under way", async () => {
  const bytes = pattern(6 * MiB);
  using tree = await makeTree({ "file": bytes });
  const body = await openFileBody([await slice(tree.path("file"))]);
  const first = await body.read();
  assert(first !== null);
  assertSameBytes(first, bytes.subarray(0, first.length));
  await Deno.truncate(tree.path("file"), MiB / 2);
  const error = await assertRejects(() => readAll(body), BodyCutError);
  assertStringIncludes(error.message, "shorter");
  body.cancel();
  await closed(tree.path("file"));
});

Deno.test("a file's body is cut where its file shrinks before the first piece", async () => {
  using tree = await makeTree({ "file": "content" });
  const body = await openFileBody([await slice(tree.path("file"))]);
  await Deno.truncate(tree.path("file"));
  await assertRejects(() => body.read(), BodyCutError);
  body.cancel();
});

Deno.test("a file's body ends where it was announced to, though its file grows", async () => {
  const bytes = pattern(3 * MiB);
  using tree = await makeTree({ "file": bytes });
  const body = await openFileBody([await slice(tree.path("file"))]);
  await Deno.writeFile(tree.path("file"), pattern(MiB), { append: true });
  assertSameBytes(await readAll(body), bytes);
});

Deno.test("a file's body goes on where its file is replaced or removed under way", async () => {
  const bytes = pattern(5 * MiB);
  using tree = await makeTree({ "file": bytes });
  for (const replaced of [true, false]) {
    const path = tree.path("file");
    const body = await openFileBody([await slice(path)]);
    if (replaced) {
      await Deno.writeFile(`${path}.new`, bytes);
      await Deno.rename(`${path}.new`, path);
    } else await Deno.remove(path);
    assertSameBytes(await readAll(body), bytes);
  }
});

// --- cancel() ---

for (
  const { when, begin } of [
    { when: "before it is read", begin: () => Promise.resolve() },
    {
      when: "while the first piece is read",
      begin(body: BodySource) {
        body.read().catch(() => {});
        return Promise.resolve();
      },
    },
    {
      when: "while a piece is read ahead",
      async begin(body: BodySource) {
        await body.read();
      },
    },
    {
      when: "while a piece is waited for that is read ahead",
      async begin(body: BodySource) {
        await body.read();
        body.read().catch(() => {});
      },
    },
    {
      when: "in the middle",
      async begin(body: BodySource) {
        for (let i = 0; i < 4; i++) await body.read();
      },
    },
    {
      when: "at its end",
      async begin(body: BodySource) {
        while (await body.read() !== null);
      },
    },
  ]
) {
  Deno.test(`a file's body that is cancelled ${when} closes its files`, async () => {
    using tree = await makeTree({
      "one": pattern(3 * MiB),
      "two": pattern(3 * MiB),
    });
    const body = await openFileBody([
      await slice(tree.path("one")),
      new Uint8Array(10),
      await slice(tree.path("two")),
      await slice(tree.path("one")),
    ]);
    await begin(body);
    body.cancel();
    body.cancel();
    await closed(tree.path("one"));
    await closed(tree.path("two"));
    assertEquals(await body.read(), null);
  });
}
