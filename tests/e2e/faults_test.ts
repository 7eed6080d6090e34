/**
 * Peers that leave, reset, stop or trickle, and a process that runs out of
 * descriptors: nobody else is hurt, nothing is left over, nothing is logged.
 */

import { assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { splitResponses } from "../fuzz/transcript.ts";
import { appUrl, inlineApp } from "../support/apps.ts";
import { greeted } from "../support/child_server.ts";
import { ask, Crowd } from "../support/clients.ts";
import { spawnCommand } from "../support/command.ts";
import { inTime, until } from "../support/in_time.ts";
import { closed, opened, openFilesAreKnown } from "../support/open_files.ts";
import { serveTree } from "../support/served_tree.ts";
import {
  type RawClient,
  startTestServer,
  type TestServer,
  untilEmpty,
} from "../support/test_server.ts";
import { makeTree } from "../support/tree.ts";
import { get } from "../support/wire.ts";

const good = get();
const echo = appUrl("echo").href;
const slow = appUrl("slow").href;

/** An app whose answers are long, and come in pieces for ever. */
const pouring = inlineApp(`
  export default {
    fetch() {
      const chunk = new Uint8Array(64 * 1024);
      return new Response(new ReadableStream({
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          controller.enqueue(chunk);
        },
      }));
    },
  };`);

function start(app: string | null): Promise<TestServer> {
  return startTestServer({ app, limits: { sweepMs: 10, watchAfterMs: 20 } });
}

/** Asserts that nobody has been hurt and that nothing is left over: the server has let
 * everybody in who came before this client, and its workers are there. */
async function assertUnhurt(server: TestServer): Promise<void> {
  using client = await server.connect();
  await client.send(good);
  assertStringIncludes(await client.readUntil("\r\n\r\n"), "200 OK");
  client.conn.close();
  await untilEmpty(server);
  // What a row did is not held against those after it.
  assertEquals([server.skein.pool.ready, server.log.splice(0)], [2, []]);
}

/** Leaves with bytes unread, which makes the kernel send RST instead of FIN. */
async function reset(client: RawClient): Promise<void> {
  await client.conn.read(new Uint8Array(1));
  client.conn.close();
}

/** Where a client is when it leaves: what it sends after a request whose answer it
 * does not read. */
const moments: Readonly<
  Record<string, { app: string; wires: [string, string][] }>
> = {
  "that answers at once": {
    app: echo,
    wires: [
      ["between two requests", ""],
      ["in a request line", "GE"],
      ["in a head", "GET / HTTP/1.1\r\nHost"],
      ["between CR and LF", "GET / HTTP/1.1\r"],
      [
        "in content with a length",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nhello",
      ],
      [
        "in a chunk",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe",
      ],
      [
        "when it is to be told to go on",
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
      ],
      ["when it was refused", "nonsense\r\n\r\n"],
      ["with more requests in the pipeline", good.repeat(50)],
    ],
  },
  "that takes its time": {
    app: slow,
    wires: [
      [
        "while its answer is made",
        "GET /sleep?ms=400 HTTP/1.1\r\nHost: a\r\n\r\n",
      ],
    ],
  },
  "that never comes to an end": {
    app: pouring,
    wires: [["in an answer without end", good]],
  },
};

for (const [kind, { app, wires }] of Object.entries(moments)) {
  Deno.test(
    `a client of an app ${kind} leaves: only its connection ends`,
    inTime(async (t) => {
      await using server = await start(app);
      for (const [moment, wire] of wires) {
        await t.step(`it resets ${moment}`, async () => {
          await Promise.all(Array.from({ length: 20 }, async () => {
            const client = await server.connect();
            await client.send(good + wire);
            await reset(client);
          }));
          await assertUnhurt(server);
        });

        await t.step(`it ends ${moment}`, async () => {
          for (let i = 0; i < 20; i++) {
            using client = await server.connect();
            await client.send(wire);
          }
          await assertUnhurt(server);
        });
      }
    }, 60_000),
  );
}

Deno.test({
  name: "a client resets in the middle of a file: the file is closed",
  ignore: !openFilesAreKnown,
  fn: inTime(async () => {
    const bytes = new Uint8Array(32 * 1024 * 1024);
    await using site = await serveTree({ "www/large": bytes });
    const path = site.tree.path("www/large");
    for (let i = 0; i < 10; i++) {
      const client = await site.server.connect();
      await client.send(get("/large"));
      await opened(path);
      await reset(client);
    }
    await untilEmpty(site.server);
    await closed(path);
    assertEquals(site.server.log, []);
  }),
});

const halfCloseRows = [
  {
    app: null,
    answers: [
      { name: "a page", wire: good, want: [200] },
      {
        name: "a pipeline",
        wire: good.repeat(5),
        want: [200, 200, 200, 200, 200],
      },
      { name: "a refusal", wire: "nonsense\r\n\r\n", want: [400] },
    ],
  },
  {
    app: echo,
    answers: [{
      name: "content",
      wire: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
      want: [200],
    }],
  },
  {
    app: slow,
    answers: [{
      name: "an answer that takes its time",
      wire: "GET /sleep?ms=1500 HTTP/1.1\r\nHost: a\r\n\r\n",
      want: [200],
    }],
  },
];

for (const { app, answers } of halfCloseRows) {
  Deno.test(
    `a client that ends its output gets its answer: ${
      answers.map(({ name }) => name).join(", ")
    }`,
    inTime(async () => {
      // Until it is begun, a busy machine may need a while.
      const limits = { sweepMs: 10, watchAfterMs: 1000 };
      await using server = await startTestServer({ app, limits });
      for (const { name, wire, want } of answers) {
        using client = await server.connect();
        await client.send(wire);
        await client.conn.closeWrite();
        assertEquals(
          splitResponses(await client.readAll()).map(({ status }) => status),
          want,
          name,
        );
      }
      await untilEmpty(server);
      assertEquals(server.log, []);
    }),
  );
}

Deno.test(
  "500 clients that connect and say nothing are in nobody's way",
  inTime(async () => {
    await using server = await startTestServer();
    using silent = new DisposableStack();
    for (let i = 0; i < 499; i++) silent.use(await server.connect());
    const last = silent.use(await server.connect());
    await until(() => server.skein.server.connections === 500);
    using client = await server.connect();
    const begun = performance.now();
    for (let i = 0; i < 100; i++) {
      assertStringIncludes((await client.get()).head, "200 OK");
    }
    assertLess(performance.now() - begun, 10_000);
    // They are not forgotten either.
    assertStringIncludes((await last.get()).head, "200 OK");
    silent.dispose();
    client.conn.close();
    await untilEmpty(server);
    assertEquals(server.log, []);
  }, 60_000),
);

Deno.test(
  "requests that come a byte at a time are understood",
  inTime(async () => {
    await using server = await startTestServer({ app: echo });
    using client = await server.connect();
    client.conn.setNoDelay(true);
    const requests =
      `\r\nPOST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello` +
      `POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nX: y\r\n\r\n` +
      get("/c", "Connection: close");
    for (const byte of requests) await client.send(byte);
    assertEquals(
      splitResponses(await client.readAll()).map(({ body }) => body),
      ["POST /a hello", "POST /b hello", "GET /c "],
    );
    assertEquals(server.log, []);
  }),
);

Deno.test({
  name:
    "out of descriptors: those who are in are served, and all are once some leave",
  ignore: Deno.build.os === "windows",
  fn: inTime(async () => {
    await using server = await greeted(
      spawnCommand(["--port", "0", "--workers", "1"], {
        shell: 'ulimit -n 64; exec "$@"',
      }),
    );
    using first = await server.connect();
    assertStringIncludes((await first.get()).head, "200 OK");
    using crowd = new DisposableStack();
    for (let i = 0; i < 100; i++) crowd.use(await server.connect());
    await server.stderr.waitFor(/os error 24/);
    assertStringIncludes((await first.get()).head, "200 OK");
    crowd.dispose();
    for (let i = 0; i < 20; i++) {
      using next = await server.connect();
      assertStringIncludes((await next.get()).head, "200 OK");
    }
    server.signal("SIGTERM");
    assertEquals(await server.ended, 0);
    const unexpected = server.stderr.text.split("\n").filter((line) =>
      line !== "" && !/os error 24|^ {4}at /.test(line)
    );
    assertEquals(unexpected, []);
  }, 60_000),
});

Deno.test({
  name: "out of descriptors: no worker is started until there are some",
  ignore: Deno.build.os === "windows",
  fn: inTime(async () => {
    const app = appUrl("dying").href;
    await using server = await greeted(
      spawnCommand(["--port", "0", "--workers", "1", "--app", app], {
        shell: 'ulimit -n 100; exec "$@"',
      }),
    );
    using client = await server.connect();
    assertStringIncludes((await client.get("/hoard-files")).head, "500 ");
    await server.stderr.waitFor(/too few file descriptors left/);
    // The old worker ends, and leaves its descriptors to the new one.
    using next = await server.connect();
    await until(async () =>
      (await next.get("/echo?next")).head.includes("200 OK")
    );
    server.signal("SIGTERM");
    assertEquals(await server.ended, 0);
  }, 60_000),
});

Deno.test({
  name:
    "out of descriptors: the longest idle make room for new clients, and workers still start",
  ignore: Deno.build.os === "windows",
  fn: inTime(async () => {
    const app = appUrl("dying").href;
    await using server = await greeted(
      spawnCommand(
        ["--port", "0", "--workers", "1", "--timeout", "0.5", "--app", app],
        { shell: 'ulimit -n 100; exec "$@"' },
      ),
    );
    using crowd = new DisposableStack();
    for (let i = 0; i < 120; i++) {
      const client = crowd.use(await server.connect());
      assertStringIncludes((await client.get("/echo?in")).head, "200 OK");
    }
    for (let i = 0; i < 3; i++) {
      using looping = await server.connect();
      assertStringIncludes((await looping.get("/loop")).head, "504 ");
      using next = await server.connect();
      assertStringIncludes((await next.get("/echo?next")).head, "200 OK");
    }
    server.signal("SIGTERM");
    assertEquals(await server.ended, 0);
  }, 60_000),
});

Deno.test({
  name: "a stderr that nobody reads delays no request, and no end",
  ignore: Deno.build.os === "windows",
  fn: inTime(async () => {
    using tree = await makeTree({ "pipe": { kind: "fifo" } });
    const pipe = tree.path("pipe");
    const reading = Deno.open(pipe, { read: true });
    const app = appUrl("dying").href;
    await using server = await greeted(
      spawnCommand(["--port", "0", "--workers", "2", "--app", app], {
        shell: `exec "$@" 2>'${pipe}'`,
      }),
    );
    using _unread = await reading;
    await using crowd = new Crowd(server);
    await crowd.answers(3);
    for (const path of ["/print", "/throw", "/print", "/text"]) {
      for (let count = 0; count < 60; count++) await ask(server, path);
      await crowd.answers(3);
    }
    assertEquals((await ask(server, "/print")).body, "printed");
    await crowd.ends();
    server.signal("SIGTERM");
    assertEquals(await server.ended, 0);
  }, 60_000),
});
