/**
 * Peers that leave, reset, stop or trickle, and a process that runs out of
 * descriptors: nobody else is hurt, nothing is left over, nothing is logged.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { splitResponses } from "./fuzz/transcript.ts";
import { until, untilEmpty } from "./fuzz/until.ts";
import { RawClient, startTestServer } from "./support/test_server.ts";

const good = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const echoApp = new URL("./fuzz/echo_app.ts", import.meta.url).href;
const bookApp = new URL("./apps/book.ts", import.meta.url).href;

/** An app whose answers are long, and come in pieces for ever. */
const pouringApp = `data:text/javascript,${
  encodeURIComponent(`
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
    };`)
}`;

/** Leaves with bytes unread, which makes the kernel send RST instead of FIN. */
async function reset(client: RawClient): Promise<void> {
  await client.conn.read(new Uint8Array(1));
  client.conn.close();
}

/** Where a client is when it leaves: what it sends after a request whose answer it
 * does not read. */
const moments: { name: string; app: string; wire: string }[] = [
  { name: "between two requests", app: echoApp, wire: "" },
  { name: "in a request line", app: echoApp, wire: "GE" },
  { name: "in a head", app: echoApp, wire: "GET / HTTP/1.1\r\nHost" },
  { name: "between CR and LF", app: echoApp, wire: "GET / HTTP/1.1\r" },
  {
    name: "in content with a length",
    app: echoApp,
    wire: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nhello",
  },
  {
    name: "in a chunk",
    app: echoApp,
    wire:
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe",
  },
  {
    name: "when it is to be told to go on",
    app: echoApp,
    wire:
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
  },
  {
    name: "when it was refused",
    app: echoApp,
    wire: "nonsense\r\n\r\n",
  },
  {
    name: "while its answer is made",
    app: bookApp,
    wire: "GET /sleep?ms=400 HTTP/1.1\r\nHost: a\r\n\r\n",
  },
  { name: "in an answer without end", app: pouringApp, wire: good },
  {
    name: "with more requests in the pipeline",
    app: echoApp,
    wire: good.repeat(50),
  },
];

for (const { name, app, wire } of moments) {
  Deno.test(`a client resets ${name}: only its connection ends`, async () => {
    await using server = await startTestServer({
      app,
      limits: { sweepMs: 10, watchAfterMs: 20 },
    });
    await Promise.all(Array.from({ length: 20 }, async () => {
      const client = await server.connect();
      await client.send(good + wire);
      await reset(client);
    }));
    await untilEmpty(server);
    assertEquals(server.log, []);
    assertEquals(server.skein.pool.ready, 2);
    using client = await server.connect();
    await client.send(good);
    assertStringIncludes(await client.readUntil("\r\n\r\n"), "200 OK");
  });

  Deno.test(`a client leaves ${name}: only its connection ends`, async () => {
    await using server = await startTestServer({
      app,
      limits: { sweepMs: 10, watchAfterMs: 20 },
    });
    for (let i = 0; i < 20; i++) {
      using client = await server.connect();
      await client.send(wire);
    }
    await untilEmpty(server);
    assertEquals(server.log, []);
    using client = await server.connect();
    await client.send(good);
    assertStringIncludes(await client.readUntil("\r\n\r\n"), "200 OK");
  });
}

Deno.test({
  name: "a client resets in the middle of a file: the file is closed",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const root = await Deno.realPath(await Deno.makeTempDir());
    try {
      await Deno.writeFile(`${root}/large`, new Uint8Array(32 * 1024 * 1024));
      await using server = await startTestServer({ root });
      const before = descriptors();
      for (let i = 0; i < 10; i++) {
        const client = await server.connect();
        await client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
        await reset(client);
      }
      await untilEmpty(server);
      await until("closed files", () => descriptors() <= before);
      assertEquals(server.log, []);
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  },
});

/** Open descriptors of this process. */
function descriptors(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

const halfCloseRows = [
  { name: "a page", app: null, wire: good, want: [200] },
  {
    name: "a pipeline",
    app: null,
    wire: good.repeat(5),
    want: [200, 200, 200, 200, 200],
  },
  {
    name: "content",
    app: echoApp,
    wire: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    want: [200],
  },
  {
    name: "an answer that takes its time",
    app: bookApp,
    wire: "GET /sleep?ms=300 HTTP/1.1\r\nHost: a\r\n\r\n",
    want: [200],
  },
  { name: "a refusal", app: null, wire: "nonsense\r\n\r\n", want: [400] },
];

for (const { name, app, wire, want } of halfCloseRows) {
  Deno.test(`a client that ends its output gets its answer: ${name}`, async () => {
    await using server = await startTestServer({
      app,
      limits: { sweepMs: 10, watchAfterMs: 20 },
    });
    using client = await server.connect();
    await client.send(wire);
    await client.conn.closeWrite();
    assertEquals(
      splitResponses(await client.readAll()).map(({ status }) => status),
      want,
    );
    client.conn.close();
    await untilEmpty(server);
    assertEquals(server.log, []);
  });
}

Deno.test("500 clients that connect and say nothing are in nobody's way", async () => {
  await using server = await startTestServer();
  const silent: RawClient[] = [];
  try {
    for (let i = 0; i < 500; i++) silent.push(await server.connect());
    await until("all are in", () => server.skein.server.connections === 500);
    using client = await server.connect();
    const begun = performance.now();
    for (let i = 0; i < 100; i++) {
      await client.send(good);
      assertStringIncludes((await client.readResponse()).head, "200 OK");
    }
    const eachMs = (performance.now() - begun) / 100;
    assert(eachMs < 100, `A request took ${eachMs} ms`);
    // They are not forgotten either.
    await silent[499].send(good);
    assertStringIncludes((await silent[499].readResponse()).head, "200 OK");
  } finally {
    for (const client of silent) client[Symbol.dispose]();
  }
  await untilEmpty(server);
  assertEquals(server.log, []);
});

Deno.test("requests that come a byte at a time are understood", async () => {
  await using server = await startTestServer({ app: echoApp });
  using client = await server.connect();
  client.conn.setNoDelay(true);
  const requests =
    `\r\nPOST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello` +
    `POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nX: y\r\n\r\n` +
    `GET /c HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
  for (const byte of requests) await client.send(byte);
  assertEquals(
    splitResponses(await client.readAll()).map(({ body }) => body),
    ["POST /a hello", "POST /b hello", "GET /c "],
  );
  assertEquals(server.log, []);
});

/** A server of its own process that may open so many descriptors. */
async function startChild(descriptors: number) {
  const command =
    `ulimit -n ${descriptors}; exec "$0" run --no-prompt --allow-net --allow-read --allow-env=PORT,HOST main.ts --port 0 --workers 1`;
  const child = new Deno.Command("sh", {
    args: ["-c", command, Deno.execPath()],
    cwd: new URL("..", import.meta.url),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdout = new Output(child.stdout);
  const stderr = new Output(child.stderr);
  const port = await stdout.find(/listening on http:\/\/127\.0\.0\.1:(\d+)\//);
  return { child, stdout, stderr, port: Number(port) };
}

/** What a child says, as it says it. */
class Output {
  text = "";
  readonly ended: Promise<void>;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.ended = (async () => {
      for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
        this.text += piece;
      }
    })();
  }

  /** The first group of the pattern, once it is there. */
  async find(pattern: RegExp): Promise<string> {
    await until(`${pattern} is said`, () => pattern.test(this.text));
    return pattern.exec(this.text)![1];
  }
}

Deno.test({
  name:
    "out of descriptors: those who are in are served, and all are once some leave",
  ignore: Deno.build.os === "windows",
  async fn() {
    const { child, stdout, stderr, port } = await startChild(64);
    const connect = async () =>
      new RawClient(await Deno.connect({ hostname: "127.0.0.1", port }));
    const clients: RawClient[] = [];
    try {
      using first = await connect();
      await first.send(good);
      assertStringIncludes((await first.readResponse()).head, "200 OK");
      for (let i = 0; i < 100; i++) clients.push(await connect());
      await stderr.find(/(os error 24)/);
      await first.send(good);
      assertStringIncludes((await first.readResponse()).head, "200 OK");
      for (const client of clients) client[Symbol.dispose]();
      for (let i = 0; i < 20; i++) {
        using next = await connect();
        await next.send(good);
        assertStringIncludes((await next.readResponse()).head, "200 OK");
      }
      child.kill("SIGTERM");
      assertEquals((await child.status).code, 0);
    } finally {
      for (const client of clients) client[Symbol.dispose]();
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await child.status;
      await Promise.all([stdout.ended, stderr.ended]);
    }
    const unexpected = stderr.text.split("\n").filter((line) =>
      line !== "" && !/os error 24|^ {4}at /.test(line)
    );
    assertEquals(unexpected, []);
  },
});
