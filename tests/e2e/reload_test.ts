/**
 * Reloads: new workers, with the app as it is now, and not one request hurt; and what becomes
 * of it where the app does not load. First in this process, then with a server that is told
 * by a signal, or watches.
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { inlineApp } from "../support/apps.ts";
import { run, start } from "../support/cli.ts";
import { startChildServer } from "../support/child_server.ts";
import { ask, Crowd, type Reachable } from "../support/clients.ts";
import { inTime, until } from "../support/in_time.ts";
import { recordWorkers } from "../support/recorded_workers.ts";
import { startTestServer } from "../support/test_server.ts";
import { makeTree } from "../support/tree.ts";

/** The code of an app that answers that word to `/word`, and its query to others. */
const appThatSays = (word: string) =>
  `import { word } from "./lib/word.ts";
   export default {
     fetch(request: Request) {
       const { pathname, search } = new URL(request.url);
       if (pathname === "/throw") throw new Error(word);
       return new Response(pathname === "/word" ? word : search.slice(1));
     },
   };
   // ${word}
  `;

/** An app in a directory of its own, whose word can be changed. */
async function changingApp() {
  const tree = await makeTree({
    "www/app.ts": appThatSays("app"),
    "www/lib/word.ts": 'export const word = "first";',
  });
  return {
    path: tree.path("www/app.ts"),
    url: `file://${tree.path("www/app.ts")}`,
    /** What the module says that the app imports. */
    write: (code: string) =>
      Deno.writeTextFile(tree.path("www/lib/word.ts"), code),
    say: (word: string) =>
      Deno.writeTextFile(
        tree.path("www/lib/word.ts"),
        `export const word = "${word}";`,
      ),
    [Symbol.dispose]: () => tree[Symbol.dispose](),
  };
}

/** Resolves when that is what the server says. */
async function untilItSays(server: Reachable, word: string): Promise<void> {
  await until(async () => (await ask(server, "/word")).body === word);
}

Deno.test(
  "a reload reads the app and its imports anew, and no request is hurt",
  inTime(async () => {
    using app = await changingApp();
    await using server = await startTestServer({ app: app.url });
    await using crowd = new Crowd(server);
    for (const word of ["second", "third", "fourth"]) {
      await crowd.answers(5);
      await app.say(word);
      assertEquals(await server.skein.reload(), { kind: "reloaded" });
      assertEquals((await ask(server, "/word")).body, word);
    }
    await crowd.answers(5);
    assertEquals(server.log, []);
  }),
);

Deno.test(
  "a reload of a site without an app gives it new workers, and no request is hurt",
  inTime(async () => {
    const made = await recordWorkers(async () => {
      await using server = await startTestServer({ workers: 2 });
      using client = await server.connect();
      for (let i = 0; i < 3; i++) {
        const [result, { head }] = await Promise.all([
          server.skein.reload(),
          client.get(),
        ]);
        assertEquals(result, { kind: "reloaded" });
        assertStringIncludes(head, "HTTP/1.1 200 OK\r\n");
      }
      assertEquals(server.skein.pool.ready, 2);
    });
    assertEquals(made.length, 2 + 3 * 2);
  }),
);

Deno.test(
  "a stream that began before a reload goes on to its end",
  inTime(async () => {
    const code = `
      export default {
        fetch: () => new Response(new ReadableStream({
          async start(controller) {
            for (let i = 0; i < 10; i++) {
              controller.enqueue(new TextEncoder().encode(i + ";"));
              await new Promise((resolve) => setTimeout(resolve, 30));
            }
            controller.close();
          },
        })),
      };`;
    await using server = await startTestServer({
      app: inlineApp(code),
    });
    using client = await server.connect();
    await client.send(
      "GET / HTTP/1.1\r\nHost: it\r\nConnection: close\r\n\r\n",
    );
    await client.readUntil("0;");
    assertEquals(await server.skein.reload(), { kind: "reloaded" });
    assertStringIncludes(await client.readAll(), "9;");
  }),
);

Deno.test(
  "a reload during a drain does nothing",
  inTime(async () => {
    await using server = await startTestServer();
    const drain = server.skein.drain(new Promise(() => {}));
    assertEquals(await server.skein.reload(), { kind: "ending" });
    assertEquals(await drain, 0);
  }),
);

for (const how of ["SIGHUP", "--watch"] as const) {
  Deno.test(
    `${how} reloads the app of a busy server, goes on with the old one where it does not load, and says so`,
    inTime(async () => {
      using app = await changingApp();
      await using server = await startChildServer(
        ...["--app", app.path, "--workers", "2"],
        ...["--limit", "bootTimeoutMs=1000"],
        ...(how === "--watch" ? ["--watch"] : []),
      );
      const told = () => how === "SIGHUP" ? server.signal("SIGHUP") : undefined;
      await using crowd = new Crowd(server);
      assertEquals((await ask(server, "/word")).body, "first");

      await app.say("second");
      told();
      await untilItSays(server, "second");
      await server.stdout.waitFor(/Skein has reloaded \S+\n/);

      // Who develops an app sees its errors where they look.
      assertEquals(
        (await ask(server, "/throw")).body.includes("\n\nError: second\n"),
        how === "--watch",
      );

      await app.write("export const word = ;");
      told();
      await server.stderr.waitFor(
        /skein: \S+ cannot be reloaded, and the old workers go on: \S+word\.ts:1:21 has a syntax error: [^]*export const word = ;\n/,
      );
      // A browser is shown that as well, and programs go on with the old workers.
      const accept = { headers: { accept: "text/html" } };
      const page = await fetch(`${server.url}/word`, accept);
      const text = await page.text();
      assertEquals(
        [page.status, /word\.ts:1:21 has a syntax error/.test(text)],
        how === "--watch" ? [500, true] : [200, false],
      );
      await app.write("await new Promise(() => {}); export const word = 1;");
      told();
      await server.stderr.waitFor(
        /go on: \S+ was not ready after 1 s [^\n]*waits for something\n/,
      );
      assertEquals((await ask(server, "/word")).body, "second");

      await app.say("third");
      told();
      await untilItSays(server, "third");
      await crowd.answers(5);
    }, 60_000),
  );
}

Deno.test(
  "SIGHUP comes as often as it likes",
  inTime(async () => {
    using app = await changingApp();
    await using server = await startChildServer(
      ...["--app", app.path, "--workers", "2"],
    );
    await using crowd = new Crowd(server);
    for (let i = 0; i < 30; i++) {
      server.signal("SIGHUP");
      await crowd.answers(1);
    }
    await app.say("last");
    server.signal("SIGHUP");
    await untilItSays(server, "last");
    await crowd.answers(5);
    assertEquals(server.stderr.text, "");
  }, 60_000),
);

Deno.test(
  "SIGHUP gives a server without an app new workers",
  inTime(async () => {
    await using server = await startChildServer();
    server.signal("SIGHUP");
    await server.stdout.waitFor(/Skein has reloaded its workers\n/);
    const { head } = await ask(server, "/");
    assertMatch(head, /^HTTP\/1\.1 200 OK\r\n/);
  }),
);

Deno.test(
  "--watch reloads where a link leads to another release, with its modules and files",
  inTime(async () => {
    const release = (word: string) => ({
      [`www/${word}/app.ts`]:
        `export default { fetch: (request: Request) => request.url.endsWith("/word") ? new Response(${
          JSON.stringify(word)
        }) : undefined };`,
      [`www/${word}/site/page.html`]: `${word} page`,
    });
    using tree = await makeTree({
      ...release("first"),
      ...release("second"),
      "www/current": { kind: "link", to: "first" },
    });
    const current = tree.path("www/current");
    await using server = await startChildServer(
      ...["--app", `${current}/app.ts`, "--watch", "--workers", "1"],
      `${current}/site`,
    );
    assertEquals((await ask(server, "/word")).body, "first");
    await Deno.symlink("second", tree.path("www/next"));
    await Deno.rename(tree.path("www/next"), current);
    await untilItSays(server, "second");
    assertEquals((await ask(server, "/page")).body, "second page");
    // The modules of the new release are watched.
    const app = tree.path("www/second/app.ts");
    const code = await Deno.readTextFile(app);
    await Deno.writeTextFile(app, code.replace('"second"', '"third"'));
    await untilItSays(server, "third");
    assertEquals(server.stderr.text, "");
  }, 60_000),
);

Deno.test(
  "--watch: an app that does not load at the start is loaded once it is mended",
  inTime(async () => {
    using tree = await makeTree({ "app.ts": "export default {" });
    const path = tree.path("app.ts");
    await using running = start([
      "-p",
      "0",
      "-w",
      "1",
      "--app",
      path,
      "--watch",
    ]);
    await running.errors.waitFor(
      /app\.ts:1:17 has a syntax error[^]*skein: \S*app\.ts is loaded again when it changes\n/,
    );
    await Deno.writeTextFile(
      path,
      'export default { fetch: () => new Response("mended") };',
    );
    const { url } = await running.greeting;
    assertEquals(await (await fetch(url)).text(), "mended");
  }, 60_000),
);

Deno.test(
  "--watch does not wait for an app that is not there",
  inTime(async () => {
    const { code, stderr } = await run([
      "-p",
      "0",
      "--app",
      "no.ts",
      "--watch",
    ]);
    assertMatch(stderr, /There is no module/);
    assertEquals(code, 1);
  }, 60_000),
);
