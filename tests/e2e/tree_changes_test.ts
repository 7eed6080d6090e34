/**
 * Trees that are changed while they are served, as deployments change them: a file
 * that is replaced or grows without pause, a root that is a link, a volume of
 * Kubernetes.
 */

import { assert, assertEquals } from "@std/assert";
import { inTime, pause, until } from "../support/in_time.ts";
import { ask } from "../support/clients.ts";
import { startTestServer } from "../support/test_server.ts";
import { makeTree } from "../support/tree.ts";

const large = 200_000;
// SWAP_TEST_MS makes it a minute.
const swapMs = Number(Deno.env.get("SWAP_TEST_MS") ?? 2000);

for (const size of [100, large]) {
  Deno.test(
    `a file of ${size} bytes that is replaced in a loop is always served, old or new, and whole`,
    inTime(async () => {
      using tree = await makeTree({ "www/f.txt": "0".repeat(size) });
      await using server = await startTestServer({ root: tree.root });
      let ended = false;
      const replace = async () => {
        for (let i = 0; !ended; i++) {
          await Deno.writeTextFile(
            tree.path("www/new"),
            `${i % 10}`.repeat(size),
          );
          await Deno.rename(tree.path("www/new"), tree.path("www/f.txt"));
        }
      };
      const replacing = replace();
      try {
        for (let i = 0; i < 200; i++) {
          const { status, body } = await ask(server, "/f.txt");
          assertEquals(status, 200, server.log.join("\n"));
          assertEquals(body, body[0].repeat(size));
        }
      } finally {
        ended = true;
        await replacing;
      }
    }),
  );
}

Deno.test(
  "a file that grows without pause is served as long as it was, and its tail as a range",
  inTime(async () => {
    using tree = await makeTree({ "www/log.txt": "x".repeat(large) });
    await using server = await startTestServer({ root: tree.root });
    using log = await Deno.open(tree.path("www/log.txt"), { append: true });
    let ended = false;
    const grow = async () => {
      while (!ended) await log.write(new Uint8Array(100).fill(0x78));
    };
    const growing = grow();
    try {
      for (let i = 0; i < 100; i++) {
        const url = `${server.url}/log.txt`;
        const whole = await fetch(url);
        assertEquals(whole.status, 200);
        const text = await whole.text();
        assert(text.length >= large && /^x+$/.test(text));
        const tail = await fetch(url, { headers: { range: "bytes=-100" } });
        assertEquals([tail.status, (await tail.text()).length], [206, 100]);
      }
    } finally {
      ended = true;
      await growing;
    }
  }),
);

Deno.test(
  "a root that is a link is looked up anew at each reload",
  inTime(async () => {
    using tree = await makeTree({
      "releases/1/index.html": "first",
      "releases/2/index.html": "second",
      "current": { kind: "link", to: "/releases/1" },
    });
    await using server = await startTestServer({ root: tree.path("current") });
    assertEquals((await ask(server, "/")).body, "first");
    await Deno.symlink(tree.path("releases/2"), tree.path("next"));
    await Deno.rename(tree.path("next"), tree.path("current"));
    assertEquals(await server.skein.reload(), { kind: "reloaded" });
    assertEquals((await ask(server, "/")).body, "second");
    await Deno.remove(tree.path("releases/1"), { recursive: true });
    for (let i = 0; i < 10; i++) {
      assertEquals((await ask(server, "/")).body, "second");
    }
    await Deno.remove(tree.path("current"));
    const result = await server.skein.reload();
    assertEquals(result.kind, "kept");
    assertEquals((await ask(server, "/")).body, "second");
  }),
);

Deno.test(
  "a volume of Kubernetes is served, and what it changes to within a second",
  inTime(async () => {
    using tree = await makeTree({
      "www/..2026_01_01/index.html": "first",
      "www/..2026_01_02/index.html": "second",
      "www/..data": { kind: "link", to: "..2026_01_01" },
      "www/index.html": { kind: "link", to: "..data/index.html" },
      "www/.env": "secret",
      "www/link-to-env": { kind: "link", to: ".env" },
      "www/.git/config": "secret",
    });
    await using server = await startTestServer({ root: tree.root });
    assertEquals((await ask(server, "/")).body, "first");
    for (
      const path of [
        ...["/.env", "/link-to-env", "/.git/config"],
        ...["/..data/index.html", "/..2026_01_01/index.html"],
      ]
    ) assertEquals((await ask(server, path)).status, 404, path);
    await Deno.symlink("..2026_01_02", tree.path("www/..data_tmp"));
    await Deno.rename(tree.path("www/..data_tmp"), tree.path("www/..data"));
    await pause(1000);
    assertEquals((await ask(server, "/")).body, "second");
  }),
);

Deno.test(
  "a file whose time lies ahead has a Last-Modified once that has come",
  inTime(async () => {
    using tree = await makeTree({ "www/f.txt": "x" });
    const ahead = new Date(Date.now() + 3000);
    await Deno.utime(tree.path("www/f.txt"), ahead, ahead);
    await using server = await startTestServer({ root: tree.root });
    const lastModified = async () => {
      const response = await fetch(`${server.url}/f.txt`);
      await response.body?.cancel();
      return response.headers.get("last-modified");
    };
    assertEquals(await lastModified(), null);
    await until(async () => await lastModified() === ahead.toUTCString());
  }),
);

Deno.test(
  "nothing outside is served while a directory and a link to outside are exchanged in a loop",
  inTime(async () => {
    using tree = await makeTree({
      "www/a/b/page.txt": "inside",
      "www/a/b/large.txt": "inside".repeat(20_000),
      "outside/page.txt": "outside",
      "outside/large.txt": "outside".repeat(20_000),
    });
    await using server = await startTestServer({
      root: tree.root,
      files: { list: true },
    });
    const swapper = new Worker(
      new URL("../support/swapper.ts", import.meta.url),
      { type: "module", deno: { permissions: "inherit" } },
    );
    const ended = new Int32Array(new SharedArrayBuffer(8));
    swapper.postMessage({
      ended: ended.buffer,
      directory: tree.path("www/a/b"),
      kept: tree.path("www/a/kept"),
      outside: tree.path("outside"),
    });
    const end = performance.now() + swapMs;
    let swaps = 0;
    try {
      // On a busy machine the other thread begins late.
      while (performance.now() < end || Atomics.load(ended, 1) <= 10) {
        for (const path of ["/a/b/page.txt", "/a/b/large.txt", "/a/b/"]) {
          const { body } = await ask(server, path);
          assert(!body.includes("outside"), path);
        }
      }
    } finally {
      Atomics.store(ended, 0, 1);
      swaps = await new Promise<number>((resolve) => {
        swapper.onmessage = ({ data }) => resolve(data);
      });
      swapper.terminate();
    }
    assert(swaps > 10, `${swaps} swaps`);
  }, swapMs + 20_000),
);
