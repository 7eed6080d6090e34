/** Large files over sockets: what they cost, and what happens when they change. */

import { assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { startChildServer } from "../support/child_server.ts";
import { exchange } from "../support/exchange.ts";
import { inTime } from "../support/in_time.ts";
import { type RawClient, startTestServer } from "../support/test_server.ts";
import { closed } from "../support/open_files.ts";
import { makeTree } from "../support/tree.ts";
import { get } from "../support/wire.ts";

const MiB = 1024 * 1024;

/** Asks for a file, and reads so much of the answer. */
async function begin(client: RawClient, path: string, bytes: number) {
  await client.send(get(path));
  await client.skip(bytes);
}

/** A file with nothing on the disk. */
async function makeSparse(path: string, bytes: number): Promise<void> {
  await Deno.writeTextFile(path, "");
  await Deno.truncate(path, bytes);
}

const isLinux = Deno.build.os === "linux";

Deno.test({
  name: isLinux
    ? "50 slow clients of a file of 256 MiB cost less than 120 MB"
    : "50 slow clients of a large file (skipped: memory is read from /proc)",
  ignore: !isLinux,
  fn: inTime(async () => {
    using tree = await makeTree({ "www/index.html": "warm" });
    await makeSparse(tree.path("www/large.bin"), 256 * MiB);
    await using server = await startChildServer(tree.root);
    const rssBytes = async () => {
      const status = await Deno.readTextFile(`/proc/${server.pid}/status`);
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) * 1024;
    };
    await exchange(server, "/");
    const before = await rssBytes();
    const clients = await Promise.all(
      Array.from({ length: 50 }, () => server.connect()),
    );
    try {
      // By then they have earned the largest pieces; and then they stop reading.
      await Promise.all(
        clients.map((client) => begin(client, "/large.bin", 10 * MiB)),
      );
      assertLess(await rssBytes() - before, 120e6);
    } finally {
      for (const client of clients) client[Symbol.dispose]();
    }
    assertEquals((await exchange(server, "/")).text, "warm");
  }, 120_000),
});

const changes: {
  readonly how: string;
  change(path: string): Promise<void>;
  /** What the log says; `null` where all of it is sent. */
  readonly says: string | null;
}[] = [
  {
    how: "becomes shorter",
    change: (path) => Deno.truncate(path, 20 * MiB),
    says: "its file has become shorter",
  },
  {
    how: "becomes empty",
    change: (path) => Deno.truncate(path, 0),
    says: "its file has become shorter",
  },
  {
    how: "is written over",
    async change(path) {
      using file = await Deno.open(path, { write: true });
      await file.write(new TextEncoder().encode("other content"));
    },
    says: "its file was overwritten",
  },
  {
    how: "becomes longer",
    change: (path) =>
      Deno.writeFile(path, new Uint8Array(MiB), { append: true }),
    says: null,
  },
  { how: "is removed", change: (path) => Deno.remove(path), says: null },
  {
    how: "is replaced",
    async change(path) {
      await makeSparse(`${path}.new`, 10);
      await Deno.rename(`${path}.new`, path);
    },
    says: null,
  },
];

for (const { how, change, says } of changes) {
  Deno.test(
    `a file that ${how} while it is sent is ${
      says === null ? "sent as it was" : "cut off"
    }`,
    inTime(async () => {
      const size = 48 * MiB;
      using tree = await makeTree({});
      const path = tree.path("www/large.bin");
      await makeSparse(path, size);
      const past = new Date("2026-07-01T12:00:00Z");
      await Deno.utime(path, past, past);
      await using server = await startTestServer({ root: tree.root });
      using client = await server.connect();
      await client.send(get("/large.bin", "Connection: close"));
      const head = await client.readUntil("\r\n\r\n");
      assertStringIncludes(head, `Content-Length: ${size}\r\n`);
      await change(path);
      const rest = await client.countRest();
      if (says === null) assertEquals(rest, size);
      else {
        assertLess(rest, size);
        assertStringIncludes(await server.logged(says), says);
      }
      assertEquals((await exchange(server, "/nothing")).status, 404);
    }),
  );
}

Deno.test("a large file that is gone, or a directory now, is answered 404", async () => {
  using tree = await makeTree({ "www/a/x": "x" });
  const path = tree.path("www/large.bin");
  await makeSparse(path, MiB);
  await using server = await startTestServer({ root: tree.root });
  assertEquals((await exchange(server, "/large.bin")).bytes.length, MiB);
  await Deno.remove(path);
  assertEquals((await exchange(server, "/large.bin")).status, 404);
  await Deno.mkdir(path);
  assertEquals((await exchange(server, "/large.bin/")).status, 404);
  await Deno.remove(path);
  await Deno.symlink("/etc/passwd", path);
  assertEquals((await exchange(server, "/large.bin")).status, 404);
});

/** A mode that keeps others out keeps the superuser out of nothing. */
const isRoot = Deno.uid() === 0;

Deno.test({
  name: isRoot
    ? "files without permission are answered 403 (skipped: the superuser may read all)"
    : "files without permission are answered 403",
  ignore: isRoot,
  async fn() {
    using tree = await makeTree({ "www/small.txt": "small" });
    await makeSparse(tree.path("www/large.bin"), MiB);
    await using server = await startTestServer({ root: tree.root });
    for (const name of ["small.txt", "large.bin"]) {
      await Deno.chmod(tree.path(`www/${name}`), 0o000);
      assertEquals((await exchange(server, `/${name}`)).status, 403, name);
    }
  },
});

Deno.test(
  "a client that leaves in the middle leaves no file open",
  inTime(async () => {
    using tree = await makeTree({});
    await makeSparse(tree.path("www/large.bin"), 64 * MiB);
    await using server = await startTestServer({ root: tree.root });
    for (let i = 0; i < 5; i++) {
      using client = await server.connect();
      await begin(client, "/large.bin", MiB);
    }
    await closed(tree.path("www/large.bin"));
    assertEquals((await exchange(server, "/nothing")).status, 404);
  }),
);
