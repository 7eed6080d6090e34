/**
 * Rules of a site on the wire: never served, in force within a second of a change, from
 * workers and from memory, and what the operator hears of wrong ones.
 */

import { assertEquals, assertFalse, assertLess } from "@std/assert";
import { join } from "@std/path";
import { appUrl } from "../support/apps.ts";
import { type Answer, ask } from "../support/clients.ts";
import { inTime, until } from "../support/in_time.ts";
import { serveTree } from "../support/served_tree.ts";
import type { TestServer } from "../support/test_server.ts";

/** The value of a field, `null` where there is none. */
function fieldOf({ head }: Answer, name: string): string | null {
  return new RegExp(`^${name}: (.*)\r$`, "m").exec(head)?.[1] ?? null;
}

/** Requests that workers were given. */
function given({ skein }: TestServer): number {
  return skein.inspect().workers.reduce((sum, { jobs }) => sum + jobs, 0);
}

Deno.test(
  "files of rules are never served, in no spelling and by no link",
  inTime(async () => {
    await using served = await serveTree({
      "www/index.html": "home",
      "www/_redirects": "/old /new\n# secret",
      "www/_headers": { kind: "link", to: "rules/headers.txt" },
      "www/_headers.br": "secret",
      "www/_redirects.gz": "secret",
      "www/link.txt": { kind: "link", to: "_redirects" },
      "www/rules/headers.txt": "/*\n  X-A: 1",
      "www/docs/_redirects": "an ordinary file",
      "www/_redirects.html": "a page of its own",
    }, { files: { list: true, spa: true } });
    const { server } = served;
    const rows: Record<string, number> = {
      "/_redirects": 404,
      "/_headers": 404,
      "/_HEADERS": 404,
      "/%5Fredirects": 404,
      "/_redirects?x": 404,
      "//_redirects": 404,
      "/_redirects/": 404,
      "/_headers.br": 404,
      "/_redirects.gz": 404,
      "/link.txt": 404,
      "/docs/_redirects": 200,
      "/_redirects.html": 200,
      "/old": 301,
    };
    for (const [target, status] of Object.entries(rows)) {
      const response = await ask(server, target);
      assertEquals(response.status, status, target);
      assertFalse(response.body.includes("secret"), target);
    }
    await Deno.remove(served.tree.path("www/index.html"));
    await until(async () => (await ask(server, "/")).body.includes("docs"));
    const { body } = await ask(server, "/");
    for (
      const name of ['_redirects"', "_headers", "_redirects.gz", "link.txt"]
    ) {
      assertFalse(body.includes(name), name);
    }
  }),
);

Deno.test(
  "a changed rule is in force within a second, for files in memory too",
  inTime(async () => {
    await using served = await serveTree({
      "www/a.txt": "small",
      "www/_headers": "/*\n  X-A: 1",
    });
    const { server, tree } = served;
    const old = new Date(Date.now() - 60_000);
    await Deno.utime(tree.path("www/a.txt"), old, old);
    const value = async () => fieldOf(await ask(server, "/a.txt"), "X-A");
    const fromMemory = async () => {
      const before = given(server);
      return await value() === "1" && given(server) === before;
    };
    await until(fromMemory);
    const steps: [string, string, () => Promise<boolean>][] = [
      ["_headers", "/*\n  X-A: 2", async () => await value() === "2"],
      ["_headers", "", async () => await value() === null],
      [
        "_redirects",
        "/a.txt /b 302!",
        async () => (await ask(server, "/a.txt")).status === 302,
      ],
      [
        "_redirects",
        "",
        async () => (await ask(server, "/a.txt")).status === 200,
      ],
    ];
    for (const [name, content, isInForce] of steps) {
      const path = join(tree.root, name);
      await Deno.writeTextFile(`${path}.new`, content);
      await Deno.rename(`${path}.new`, path);
      const changedAt = Date.now();
      await until(isInForce);
      // With time to spare, for a machine that is busy.
      assertLess(Date.now() - changedAt, 3000, content);
    }
    assertEquals(server.log, []);
  }),
);

Deno.test(
  "a wrong line is named once, however many workers read it, and after each change",
  inTime(async () => {
    await using served = await serveTree({
      "www/a.txt": "small",
      "www/_redirects": "/old /new\n/wrong",
    }, { workers: 3 });
    const { server, tree } = served;
    const sentence = (line: number) =>
      `_redirects line ${line}: there is no target, which is a path or a URL; ` +
      "the other rules hold";
    await server.logged(sentence(2));
    for (let count = 0; count < 20; count++) {
      assertEquals((await ask(server, "/old")).status, 301);
    }
    await Deno.writeTextFile(join(tree.root, "_redirects"), "/x /y\n\n/wrong");
    const isInForce = async () => (await ask(server, "/x")).status === 301;
    await until(async () => await isInForce() && server.log.length === 2);
    await server.skein.reload();
    assertEquals(await isInForce(), true);
    assertEquals(server.log, [sentence(2), sentence(3)]);
  }),
);

Deno.test(
  "rules that cannot be read are named, and do not hold",
  inTime(async () => {
    await using served = await serveTree({
      "outside": "/old /new",
      "www/a.txt": "small",
      "www/_redirects": { kind: "link", to: "/outside" },
      "www/_headers": "#".repeat(1024 * 1024 + 1),
    });
    const { server } = served;
    await until(() => server.log.length === 2);
    assertEquals((await ask(server, "/old")).status, 404);
    assertEquals(server.log, [
      "_redirects: it is no file inside of the directory that the server may " +
      "read; none of its rules hold",
      "_headers: it has over 1048576 bytes; none of its rules hold",
    ]);
  }),
);

Deno.test(
  "after a reload the rules are those of the new directory",
  inTime(async () => {
    await using served = await serveTree({
      "first/_headers": "/*\n  X-A: 1",
      "first/a.txt": "a",
      "second/_headers": "/*\n  X-A: 2",
      "second/a.txt": "a",
      "www/link": { kind: "link", to: "/first" },
    });
    const { tree } = served;
    const link = tree.path("www/link");
    await using other = await serveTree({}, { root: link });
    const { server } = other;
    const isFromMemory = async (value: string) => {
      const before = given(server);
      const answer = await ask(server, "/a.txt");
      return fieldOf(answer, "X-A") === value && given(server) === before;
    };
    await until(() => isFromMemory("1"));
    await Deno.remove(link);
    await Deno.symlink(tree.path("second"), link);
    await server.skein.reload();
    await until(() => isFromMemory("2"));
  }),
);

Deno.test(
  "with an app the rules are about files alone",
  inTime(async () => {
    const app = appUrl("replacing");
    app.searchParams.set("replace", "URLSearchParams");
    await using served = await serveTree({
      "www/style.css": "body {}",
      "www/_redirects": "/now /old 302!\n/old a=:a /:a\n/wrong",
      "www/_headers": "/*\n  X-A: 1",
    }, { app: app.href, workers: 1 });
    const { server } = served;
    await server.logged("_redirects line 3");
    const now = await ask(server, "/now");
    assertEquals([now.status, fieldOf(now, "X-A")], [200, null]);
    const style = await ask(server, "/style.css");
    assertEquals([style.status, fieldOf(style, "X-A")], [200, "1"]);
    const old = await ask(server, "/old?a=x");
    assertEquals([old.status, fieldOf(old, "Location")], [301, "/x"]);
  }),
);
