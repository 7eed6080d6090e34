import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { BodyCutError, type BodySource } from "../lib/dispatch.ts";
import {
  type BodyPart,
  FileChangedError,
  openFileBody,
} from "../lib/file_body.ts";
import type { FileSlice } from "../lib/message.ts";
import { identityOf } from "../lib/file_identity.ts";
import { inTime } from "./support/in_time.ts";
import { closed } from "./support/open_files.ts";
import { startTestServer } from "./support/test_server.ts";
import { makeTree } from "./support/tree.ts";

const MiB = 1024 * 1024;

/** Bytes of which no stretch is like another, so that one out of place shows. */
function pattern(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = 2463534242;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state;
  }
  return bytes;
}

async function slice(
  path: string,
  offset = 0,
  length?: number,
): Promise<FileSlice> {
  const identity = identityOf(await Deno.stat(path));
  return {
    kind: "file",
    path,
    identity,
    offset,
    length: length ?? identity.size - offset,
  };
}

/** All pieces, each used before the next is asked for, as a writer does. */
async function readAll(body: BodySource): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  for (let piece; (piece = await body.read()) !== null;) {
    pieces.push(piece.slice());
  }
  const all = new Uint8Array(
    pieces.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** `assertEquals` compares megabytes element by element. */
function assertSameBytes(actual: Uint8Array, expected: Uint8Array): void {
  assertEquals(actual.length, expected.length);
  const at = actual.findIndex((byte, i) => byte !== expected[i]);
  assertEquals(at, -1, "The first byte that differs");
}

// --- content ---

for (
  const length of [
    0,
    1,
    65_536,
    MiB - 1,
    MiB,
    MiB + 1,
    2 * MiB - 1,
    2 * MiB,
    2 * MiB + 1,
    3 * MiB + 12_345,
  ]
) {
  Deno.test(`openFileBody() gives all ${length} bytes of a file`, async () => {
    const bytes = pattern(length);
    using tree = await makeTree({ "file": bytes });
    const body = await openFileBody([await slice(tree.path("file"))]);
    assertEquals(body.length, length);
    assertSameBytes(await readAll(body), bytes);
    // It is over, and stays so.
    assertEquals(await body.read(), null);
    body.cancel();
  });
}

for (
  const { offset, length } of [
    { offset: 0, length: 0 },
    { offset: 0, length: 1 },
    { offset: 1, length: 1 },
    { offset: 3 * MiB - 1, length: 1 },
    { offset: 3 * MiB, length: 0 },
    { offset: 500, length: MiB },
    { offset: MiB - 1, length: 2 },
    { offset: MiB, length: MiB },
    { offset: MiB - 1, length: MiB + 2 },
    { offset: 1, length: 3 * MiB - 1 },
  ]
) {
  Deno.test(`openFileBody() gives ${length} bytes of a file from ${offset} on`, async () => {
    const bytes = pattern(3 * MiB);
    using tree = await makeTree({ "file": bytes });
    const part = await slice(tree.path("file"), offset, length);
    const body = await openFileBody([part]);
    assertEquals(body.length, length);
    assertSameBytes(
      await readAll(body),
      bytes.subarray(offset, offset + length),
    );
  });
}

Deno.test("openFileBody() puts parts together in their order", async () => {
  const one = pattern(2 * MiB + 5);
  const two = pattern(300).reverse();
  using tree = await makeTree({ "one": one, "two": two });
  const text = (words: string) => new TextEncoder().encode(words);
  const parts: BodyPart[] = [
    text("first, "),
    await slice(tree.path("one"), 10, 20),
    text(""),
    await slice(tree.path("two")),
    // The same file again, from before where it was.
    await slice(tree.path("one"), 0, MiB + 1),
    await slice(tree.path("one"), 2 * MiB),
    await slice(tree.path("two"), 300, 0),
    text(" last"),
  ];
  const want = [
    text("first, "),
    one.subarray(10, 30),
    two,
    one.subarray(0, MiB + 1),
    one.subarray(2 * MiB),
    text(" last"),
  ];
  const body = await openFileBody(parts);
  assertEquals(body.length, want.reduce((sum, { length }) => sum + length, 0));
  const all = await readAll(body);
  let at = 0;
  for (const bytes of want) {
    assertSameBytes(all.subarray(at, at + bytes.length), bytes);
    at += bytes.length;
  }
  assertEquals(at, all.length);
});

Deno.test("openFileBody() of no parts is empty", async () => {
  const body = await openFileBody([]);
  assertEquals(body.length, 0);
  assertEquals(await body.read(), null);
});

Deno.test("a file's body leaves a piece alone until the next is asked for", async () => {
  const bytes = pattern(4 * MiB);
  using tree = await makeTree({ "file": bytes });
  const body = await openFileBody([await slice(tree.path("file"))]);
  let at = 0;
  for (let piece; (piece = await body.read()) !== null;) {
    // What is read ahead has had its time by then.
    await Deno.readFile(tree.path("file"));
    assertSameBytes(piece, bytes.subarray(at, at + piece.length));
    at += piece.length;
  }
  assertEquals(at, bytes.length);
});

Deno.test("a file's body reads large pieces, after a small part too", async () => {
  using tree = await makeTree({ "file": pattern(8 * MiB) });
  const body = await openFileBody([
    await slice(tree.path("file"), 0, 10),
    await slice(tree.path("file"), 0, 10),
    await slice(tree.path("file")),
  ]);
  let count = 0;
  while (await body.read() !== null) count++;
  // A read may bring less than it could; not ten bytes at a time.
  assertLessOrEqual(count, 100);
});

// --- what is not there, or not what it was ---

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
  {
    name: "made longer",
    change: (path) => Deno.writeTextFile(path, ", more", { append: true }),
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

// --- through a server ---

Deno.test("a server sends a large file byte-exact, and goes on with the connection", async () => {
  const bytes = pattern(5_000_000);
  using tree = await makeTree({ "www/large.bin": bytes });
  await using server = await startTestServer({ root: tree.root });
  using conn = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  const request = (close: boolean) =>
    new TextEncoder().encode(
      `GET /large.bin HTTP/1.1\r\nHost: localhost\r\n${
        close ? "Connection: close\r\n" : ""
      }\r\n`,
    );
  await conn.write(request(false));
  await conn.write(request(true));
  const received = await readToEnd(conn);
  let at = 0;
  for (let i = 0; i < 2; i++) {
    const start = endOfHead(received, at);
    const head = new TextDecoder().decode(received.subarray(at, start));
    assertStringIncludes(head, "HTTP/1.1 200 OK\r\n");
    assertStringIncludes(head, "Content-Length: 5000000\r\n");
    at = start + bytes.length;
    assertSameBytes(received.subarray(start, at), bytes);
  }
  assertEquals(at, received.length);
  assertEquals(server.log, []);
});

async function readToEnd(conn: Deno.Conn): Promise<Uint8Array> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const buffer = new Uint8Array(256 * 1024);
  for (let count; (count = await conn.read(buffer)) !== null;) {
    pieces.push(buffer.slice(0, count));
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

/** The index after the empty line that ends a head. */
function endOfHead(bytes: Uint8Array, from: number): number {
  for (let i = from; i + 3 < bytes.length; i++) {
    if (
      bytes[i] === 13 && bytes[i + 1] === 10 && bytes[i + 2] === 13 &&
      bytes[i + 3] === 10
    ) return i + 4;
  }
  throw new Error("There is no end of a head");
}
