/** The port of plain HTTP beside that of TLS: every request is sent there. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { inlineApp } from "../support/apps.ts";
import { freePort } from "../support/cli.ts";
import { startChildServer } from "../support/child_server.ts";
import { inTime } from "../support/in_time.ts";
import { RawClient, startTestServer } from "../support/test_server.ts";
import { pairOf } from "../support/tls.ts";
import { makeTree } from "../support/tree.ts";
import { get, head } from "../support/wire.ts";

/** With a port beside it that redirects. */
async function startRedirecting(
  options: Parameters<typeof startTestServer>[0] = {},
) {
  const from = freePort();
  const server = await startTestServer({
    workers: 1,
    ...options,
    tls: {
      pairs: [pairOf("localhost")],
      hsts: true,
      redirectFrom: { hostname: "127.0.0.1", port: from },
    },
  });
  return {
    ...server,
    connect: async () =>
      new RawClient(await Deno.connect({ hostname: "127.0.0.1", port: from })),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const closing = "Connection: close";
const host = "Host: a.test";

interface Row {
  readonly name: string;
  readonly wire: string;
  readonly status: number;
  /** `PORT` stands for that of TLS. */
  readonly location?: string;
}

const rows: Row[] = [
  {
    name: "a GET request",
    wire: get("/a?b=c", closing),
    status: 308,
    location: "https://localhost:PORT/a?b=c",
  },
  {
    name: "a HEAD request",
    wire: head("HEAD / HTTP/1.1", host, closing),
    status: 308,
    location: "https://a.test:PORT/",
  },
  {
    name: "a POST request with its body",
    wire:
      head("POST /form HTTP/1.1", `${host}:80`, "Content-Length: 3", closing) +
      "a=b",
    status: 308,
    location: "https://a.test:PORT/form",
  },
  {
    name: "a chunked body",
    wire: head("PUT / HTTP/1.1", host, "Transfer-Encoding: chunked", closing) +
      "0\r\n\r\n",
    status: 308,
    location: "https://a.test:PORT/",
  },
  {
    name: "a large body that nobody has to send",
    wire: head(
      "POST / HTTP/1.1",
      host,
      "Content-Length: 900000",
      "Expect: 100-continue",
    ),
    status: 308,
    location: "https://a.test:PORT/",
  },
  {
    name: "a large body that is on its way",
    wire: head("POST / HTTP/1.1", host, "Content-Length: 900000") +
      "a".repeat(900_000),
    status: 308,
    location: "https://a.test:PORT/",
  },
  {
    name: "a method that nobody knows",
    wire: head("BREW / HTTP/1.1", host, "Content-Length: 900000"),
    status: 308,
    location: "https://a.test:PORT/",
  },
  {
    name: "a whole URL",
    wire: head("GET http://b.test/a HTTP/1.1", host, closing),
    status: 308,
    location: "https://b.test:PORT/a",
  },
  {
    name: "an address of IPv6",
    wire: head("GET / HTTP/1.1", "Host: [::1]:80", closing),
    status: 308,
    location: "https://[::1]:PORT/",
  },
  {
    name: "HTTP/1.0 with a host",
    wire: head("GET / HTTP/1.0", host),
    status: 308,
    location: "https://a.test:PORT/",
  },
  {
    name: "HTTP/1.0 without a host",
    wire: head("GET / HTTP/1.0"),
    status: 400,
  },
  { name: "no host", wire: head("GET / HTTP/1.1", closing), status: 400 },
  {
    name: "an empty host",
    wire: head("GET / HTTP/1.1", "Host:", closing),
    status: 400,
  },
  { name: "two hosts", wire: head("GET / HTTP/1.1", host, host), status: 400 },
  {
    name: "a host that is none",
    wire: head("GET / HTTP/1.1", "Host: a/b", closing),
    status: 400,
  },
  {
    name: "options",
    wire: head("OPTIONS * HTTP/1.1", host, closing),
    status: 400,
  },
  {
    name: "a smuggled body",
    wire: head(
      "POST / HTTP/1.1",
      host,
      "Content-Length: 1",
      "Transfer-Encoding: chunked",
    ),
    status: 400,
  },
  {
    name: "a handshake",
    wire: "\x16\x03\x01\x00\x05hello\r\n\r\n",
    status: 400,
  },
];

for (const hasApp of [false, true]) {
  Deno.test(
    `--https-redirect beside ${hasApp ? "an app" : "a site"}`,
    inTime(async (t) => {
      const app = inlineApp("export default { fetch: () => new Response() };");
      await using server = await startRedirecting(hasApp ? { app } : {});
      for (const { name, wire, status, location } of rows) {
        await t.step(name, async () => {
          using client = await server.connect();
          await client.send(wire);
          const text = await client.readAll();
          assertMatch(text, new RegExp(`^HTTP/1\\.1 ${status} `));
          const [, told] = /^Location: (.*)\r$/m.exec(text) ?? [];
          assertEquals(told, location?.replace("PORT", `${server.port}`));
          // RFC 6797 section 7.2: never over plain HTTP.
          assertEquals(/strict-transport/i.test(text), false);
        });
      }
      assertEquals(server.log, []);
    }),
  );
}

Deno.test(
  "the connection of a redirect goes on, and its events are told",
  inTime(async () => {
    const statuses: number[] = [];
    await using server = await startRedirecting({
      onRequest: ({ status }) => statuses.push(status),
    });
    using client = await server.connect();
    for (let i = 0; i < 3; i++) {
      const { head, body } = await client.get(`/${i}`);
      assertMatch(head, /^HTTP\/1\.1 308 /);
      assertEquals(
        body,
        `This is at https://localhost:${server.port}/${i}\n`,
      );
    }
    assertEquals(statuses, [308, 308, 308]);
  }),
);

Deno.test(
  "--https-redirect may listen on a socket file, and leads to 443 where there is no port",
  inTime(async () => {
    using tree = await makeTree({});
    const path = tree.path("plain.sock");
    await using server = await startTestServer({
      workers: 1,
      listen: [{ path: tree.path("tls.sock") }],
      tls: { pairs: [pairOf("localhost")], redirectFrom: { path } },
    });
    const conn = await Deno.connect({ transport: "unix", path });
    using client = new RawClient(conn as unknown as Deno.TcpConn);
    const { head } = await client.get("/");
    assertMatch(head, /\r\nLocation: https:\/\/localhost\/\r\n/);
    await server.skein.drain(Promise.resolve());
    await assertRejects(() => Deno.stat(path), Deno.errors.NotFound);
  }),
);

Deno.test(
  "the drain closes the port that redirects too",
  inTime(async () => {
    await using server = await startRedirecting();
    using client = await server.connect();
    await client.get("/");
    await server.skein.drain(new Promise(() => {}));
    assertEquals(await client.readAll(), "");
    await assertRejects(
      () => server.connect(),
      Deno.errors.ConnectionRefused,
    );
  }),
);

Deno.test(
  "where the port that redirects is taken nothing listens",
  inTime(async () => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const port = freePort();
    await assertRejects(
      () =>
        startTestServer({
          port,
          workers: 1,
          tls: {
            pairs: [pairOf("localhost")],
            redirectFrom: { hostname: "127.0.0.1", port: taken.addr.port },
          },
        }),
      Error,
      "The address that redirects to HTTPS cannot be listened on",
    );
    await assertRejects(
      () => Deno.connect({ hostname: "127.0.0.1", port }),
      Deno.errors.ConnectionRefused,
    );
  }),
);

Deno.test(
  "where an app does not boot no port is left open",
  inTime(async () => {
    const port = freePort();
    await assertRejects(() =>
      startTestServer({
        workers: 1,
        app: inlineApp("throw new Error('No');"),
        tls: {
          pairs: [pairOf("localhost")],
          redirectFrom: { hostname: "127.0.0.1", port },
        },
      })
    );
    await assertRejects(
      () => Deno.connect({ hostname: "127.0.0.1", port }),
      Deno.errors.ConnectionRefused,
    );
  }),
);

Deno.test(
  "the command redirects from the port that it is told",
  inTime(async () => {
    const { cert, key } = pairOf("localhost");
    const from = freePort();
    await using server = await startChildServer(
      ...["--tls-cert", cert, "--tls-key", key],
      ...["--https-redirect", `${from}`],
    );
    assertMatch(server.greeting, /https:\/\/127\.0\.0\.1:[0-9]+\/ /);
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: from });
    using client = new RawClient(conn);
    const { head } = await client.get("/");
    assertMatch(
      head,
      new RegExp(`\r\nLocation: https://localhost:${server.port}/\r\n`),
    );
    server.signal("SIGTERM");
    assertEquals(await server.ended, 0);
  }),
);
