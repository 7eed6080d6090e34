/** A server that speaks TLS: what clients get, and what its app knows of them. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { ConnectionOptions } from "node:tls";
import { inlineApp } from "../support/apps.ts";
import { ask } from "../support/clients.ts";
import { inTime, until } from "../support/in_time.ts";
import { RawClient, startTestServer } from "../support/test_server.ts";
import { ca, connectTls, pairOf, secured, TlsClient } from "../support/tls.ts";
import { makeTree } from "../support/tree.ts";
import { bytesOf, get, head } from "../support/wire.ts";

const tls = { pairs: [pairOf("localhost")] };

/** Says where it was asked, and by whom. */
const telling = inlineApp(`
  export default {
    fetch: async (request, info) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/sts") {
        const fields = { "strict-transport-security": "max-age=1" };
        return new Response("", { headers: fields });
      }
      if (pathname === "/echo") return new Response(request.body);
      const { clientCertificate, remoteAddr } = info;
      return Response.json([request.url, clientCertificate, remoteAddr.hostname]);
    },
  };`);

const closing = "Connection: close";

/** With one worker, which is enough. */
function startTlsServer(options: Parameters<typeof startTestServer>[0]) {
  return startTestServer({ workers: 1, tls, ...options });
}

Deno.test(
  "an app behind TLS is asked for an https: URL, by nobody who is known",
  inTime(async () => {
    await using server = await startTlsServer({ app: telling, tls });
    assertEquals(server.skein.url, `https://127.0.0.1:${server.port}`);
    assertEquals(server.skein.server.secure, true);
    const { body } = await ask(secured(server), "/a?b");
    assertEquals(body, '["https://localhost/a?b",null,"127.0.0.1"]');
    assertEquals(server.log, []);
  }),
);

Deno.test(
  "fetch() over TLS: files, what is not there, and a body there and back",
  inTime(async () => {
    await using server = await startTlsServer({
      app: telling,
      tls,
      maxStreamedBodyBytes: 10_000_000,
    });
    using client = Deno.createHttpClient({ caCerts: [ca] });
    const url = server.skein.url;
    const body = crypto.getRandomValues(new Uint8Array(60_000));
    for (let i = 0; i < 3; i++) {
      const told = await fetch(`${url}/x`, { client });
      assertEquals((await told.json())[0], `${url}/x`);
      const echo = await fetch(`${url}/echo`, { client, method: "POST", body });
      assertEquals(await echo.bytes(), body);
    }
  }),
);

Deno.test(
  "a connection goes on over TLS, and pipelined requests are answered in order",
  inTime(async () => {
    await using server = await startTlsServer({ tls });
    using client = await connectTls(server);
    for (let i = 0; i < 5; i++) {
      assertMatch((await client.get("/")).body, /Hi from Skein/);
      assertMatch((await client.get("/none")).head, /^HTTP\/1\.1 404 /);
    }
    await client.send(
      get("/") + get("/none") + get("/") + get("/none", closing),
    );
    const heads: string[] = [];
    for (let i = 0; i < 4; i++) {
      heads.push((await client.readResponse()).head.slice(9, 12));
    }
    assertEquals(heads, ["200", "404", "200", "404"]);
    assertEquals(await client.readAll(), "");
    assertEquals(server.log, []);
  }),
);

Deno.test(
  "a request that comes byte by byte, each in a record of its own",
  inTime(async () => {
    await using server = await startTlsServer({ tls });
    using client = await connectTls(server);
    for (const byte of get("/", closing)) await client.send(byte);
    assertMatch(await client.readAll(), /^HTTP\/1\.1 200 OK\r\n/);
  }),
);

Deno.test(
  "a large file comes whole over TLS, to many at the same time",
  inTime(async () => {
    const content = new Uint8Array(6_000_000);
    for (let at = 0; at < content.length; at += 60_000) {
      crypto.getRandomValues(content.subarray(at, at + 60_000));
    }
    using tree = await makeTree({ "www/large.bin": content });
    await using server = await startTlsServer({ root: tree.root, tls });
    using client = Deno.createHttpClient({ caCerts: [ca] });
    await Promise.all(Array.from({ length: 4 }, async () => {
      const url = `${server.skein.url}/large.bin`;
      const bytes = await (await fetch(url, { client })).bytes();
      // Compared here: a message with a difference of megabytes takes minutes.
      assert(bytes.every((byte, at) => byte === content[at]));
      assertEquals(bytes.length, content.length);
    }));
    const range = { range: "bytes=5000000-5999999" };
    const part = await fetch(`${server.skein.url}/large.bin`, {
      client,
      headers: range,
    });
    assertEquals(part.status, 206);
    assertEquals(await part.bytes(), content.slice(5_000_000));
  }),
);

const yearLong = "Strict-Transport-Security: max-age=31536000";

/** All fields of that name, with their values. */
function transportFields(text: string): string[] {
  const lines = text.split("\r\n\r\n")[0].split("\r\n");
  return lines.filter((line) => /^strict-transport-security:/i.test(line));
}

const transportRows: readonly [
  name: string,
  wire: string,
  status: number,
  want?: string,
][] = [
  ["a file", get("/", closing), 200],
  ["a file of HTTP/1.0", head("GET / HTTP/1.0"), 200],
  ["the head of a file", head("HEAD / HTTP/1.1", "Host: a", closing), 200],
  ["what is not there", get("/none", closing), 404],
  [
    "a method that is not allowed",
    head("PUT / HTTP/1.1", "Host: a", closing),
    405,
  ],
  ["a refused request", head("GET / HTTP/1.1", "Host: a", "Host: b"), 400],
  ["what is no HTTP", "\x01\x02\r\n\r\n", 400],
  ["a method that is unknown", head("CONNECT a:1 HTTP/1.1", "Host: a:1"), 501],
  ["options", head("OPTIONS * HTTP/1.1", "Host: a", closing), 204],
];

for (const [name, wire, status] of transportRows) {
  Deno.test(
    `--hsts: ${name} has the field once, over TLS`,
    inTime(async () => {
      await using server = await startTlsServer({
        tls: { ...tls, hsts: true },
      });
      using client = await connectTls(server);
      await client.send(wire);
      const text = await client.readAll();
      assertMatch(text, new RegExp(`^HTTP/1\\.1 ${status} `));
      assertEquals(transportFields(text), [yearLong]);
    }),
  );
}

Deno.test(
  "--hsts: a file from memory has the field as the others have, and its length is right",
  inTime(async () => {
    await using server = await startTlsServer({ tls: { ...tls, hsts: true } });
    using client = await connectTls(server);
    const first = await client.get("/");
    // The main thread responds after the third time at the latest.
    for (let i = 0; i < 20; i++) {
      const { head, body } = await client.get("/");
      assertEquals(transportFields(head), [yearLong]);
      assertEquals(body, first.body);
      assertEquals(head.split("\r\n").length, first.head.split("\r\n").length);
    }
    await client.send(get("/", closing));
    const last = await client.readAll();
    assertEquals(transportFields(last), [yearLong]);
    assertMatch(last, /\r\nConnection: close\r\n/);
    assert(last.endsWith(first.body));
  }),
);

Deno.test(
  "--hsts: an app's responses have the field, and its own goes before that",
  inTime(async () => {
    await using server = await startTlsServer({
      app: telling,
      tls: { ...tls, hsts: true },
    });
    for (
      const [path, want] of [
        ["/", yearLong],
        ["/sts", "strict-transport-security: max-age=1"],
      ]
    ) {
      const { head } = await ask(secured(server), path);
      assertEquals(
        transportFields(head).map((line) => line.toLowerCase()),
        [want.toLowerCase()],
      );
    }
  }),
);

Deno.test(
  "without --hsts nobody is told",
  inTime(async () => {
    await using server = await startTlsServer({ tls });
    assertEquals(transportFields((await ask(secured(server), "/")).head), []);
  }),
);

/** Who is shown what, and what is agreed on. */
const shownRows: readonly [
  name: string,
  options: ConnectionOptions,
  shown: string,
][] = [
  ["its name", { servername: "localhost" }, "localhost"],
  ["another name", { servername: "a.test" }, "a.test"],
  ["a name of a wildcard", { servername: "www.a.test" }, "a.test"],
  ["a name of another pair", { servername: "b.test" }, "b.test"],
  ["a name in capitals", { servername: "B.TEST" }, "b.test"],
  ["a name that goes before a wildcard", { servername: "x.a.test" }, "a.test"],
  ["no name", { servername: "" }, "localhost"],
];

for (const [name, options, shown] of shownRows) {
  Deno.test(
    `who asks for ${name} is shown ${shown}, in TLS 1.2 and 1.3`,
    inTime(async () => {
      await using server = await startTlsServer({
        tls: { pairs: ["localhost", "a", "b"].map(pairOf) },
      });
      for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
        using client = await TlsClient.connect(server, {
          ...options,
          minVersion: version,
          maxVersion: version,
        });
        assertEquals(client.shown, shown);
        assertEquals(client.socket.getProtocol(), version);
        const text = await client.exchange(get("/", closing));
        assertMatch(text, /^HTTP\/1\.1 200 /);
      }
      assertEquals(server.log, []);
    }),
  );
}

Deno.test(
  "a name that nobody has is shown the first, which the client may refuse",
  inTime(async () => {
    await using server = await startTlsServer({
      tls: { pairs: ["localhost", "a"].map(pairOf) },
    });
    const options = { servername: "other.test", rejectUnauthorized: false };
    using client = await TlsClient.connect(server, options);
    assertEquals(client.shown, "localhost");
    assertEquals(client.socket.authorized, false);
  }),
);

for (const kind of ["rsa", "p384", "ed25519", "chained"]) {
  Deno.test(
    `a key of the kind ${kind} is one that clients take`,
    inTime(async () => {
      const { cert, key } = pairOf(kind);
      using tree = await makeTree({
        "chain.pem": await Deno.readTextFile(cert) +
          await Deno.readTextFile(cert.replace("chained", "middle")),
      });
      await using server = await startTlsServer({
        tls: { pairs: [{ cert: tree.path("chain.pem"), key }] },
      });
      // This one checks the chain.
      assertEquals((await ask(secured(server), "/")).status, 200);
    }),
  );
}

Deno.test(
  "one file may have the certificate and its key",
  inTime(async () => {
    const { cert, key } = pairOf("localhost");
    using tree = await makeTree({
      "both.pem": await Deno.readTextFile(key) + await Deno.readTextFile(cert),
    });
    const both = tree.path("both.pem");
    await using server = await startTlsServer({
      tls: { pairs: [{ cert: both, key: both }] },
    });
    assertEquals((await ask(secured(server), "/")).status, 200);
  }),
);

const protocolRows: readonly [offered: string[], agreed: string | null][] = [
  [[], ""],
  [["http/1.1"], "http/1.1"],
  [["h2", "http/1.1"], "http/1.1"],
  [["http/1.1", "h2"], "http/1.1"],
  [["h2"], null],
  [["http/1.0"], null],
  [["acme-tls/1"], null],
];

for (const [offered, agreed] of protocolRows) {
  Deno.test(
    `a client that offers [${offered}] ${
      agreed === null ? "is refused" : `gets "${agreed}"`
    }`,
    inTime(async () => {
      await using server = await startTlsServer({ tls });
      const options = offered.length > 0 ? { ALPNProtocols: offered } : {};
      const client = await TlsClient.connect(server, options)
        .catch((error) => error as Error);
      if (agreed === null) {
        assert(client instanceof Error);
        // RFC 7301 section 3.2.
        assertMatch(client.message, /no_?application_?protocol/i);
      } else {
        assert(client instanceof TlsClient);
        assertEquals(client.socket.alpnProtocol || "", agreed);
        client[Symbol.dispose]();
      }
    }),
  );
}

Deno.test({
  name: "TLS over a socket file, for a client on this machine",
  ignore: Deno.build.os === "windows",
  fn: inTime(async () => {
    using tree = await makeTree({});
    const path = tree.path("tls.sock");
    await using server = await startTlsServer({
      app: telling,
      tls,
      listen: [{ path }],
    });
    // Deno's own client knows none.
    using client = await TlsClient.connect(server, { path, host: undefined });
    assertEquals(
      (await client.exchange(get("/a", closing))).split("\r\n\r\n")[1],
      '["https://localhost/a",null,"unix:"]',
    );
    assertEquals(server.skein.url, "");
  }),
});

Deno.test(
  "a client that ends its side of TLS gets the responses to what it has sent",
  inTime(async () => {
    await using server = await startTlsServer({ app: telling, tls });
    using client = await connectTls(server);
    await client.send(get("/1") + get("/2") + get("/3"));
    await client.conn.closeWrite();
    for (const path of ["/1", "/2", "/3"]) {
      assertMatch((await client.readResponse()).body, new RegExp(path));
    }
    // It is told that this is the end, and not only where the connection was cut.
    assertEquals(await client.readAll(), "");
    await until(() => server.skein.server.connections === 0);
  }),
);

Deno.test(
  "a connection that is idle for too long is told that this is the end",
  inTime(async () => {
    await using server = await startTlsServer({
      tls,
      limits: { idleTimeoutMs: 50, sweepMs: 10 },
    });
    using client = await connectTls(server);
    await client.get("/");
    assertEquals(await client.readAll(), "");
  }),
);

Deno.test(
  "of a response without a length a client knows whether it is whole",
  inTime(async () => {
    await using server = await startTlsServer({
      app: inlineApp(`
        export default {
          fetch: ({ url }) => new Response(new ReadableStream({
            start(controller) {
              controller.enqueue(new TextEncoder().encode("begun"));
              if (url.endsWith("/whole")) controller.close();
            },
            pull: () => new Promise(() => {}),
          })),
        };`),
    });
    using whole = await connectTls(server);
    await whole.send(head("GET /whole HTTP/1.0"));
    assertMatch(await whole.readAll(), /\r\n\r\nbegun$/);
    using cut = await connectTls(server);
    await cut.send(head("GET /cut HTTP/1.0"));
    await cut.readUntil("begun");
    assertEquals(await server.skein.drain(Promise.resolve()), 1);
    await assertRejects(() => cut.readAll(), Deno.errors.UnexpectedEof);
  }),
);

/** Where clients connect that a proxy speaks for. */
const headers: readonly [name: string, header: string, hostname: string][] = [
  ["1", "PROXY TCP4 9.8.7.6 127.0.0.1 4711 443\r\n", "9.8.7.6"],
  [
    "2",
    "\r\n\r\n\0\r\nQUIT\n" + "\x21\x11\0\x0c" + "\x09\x08\x07\x06" +
    "\x7f\0\0\x01" + "\x12\x67" + "\x01\xbb",
    "9.8.7.6",
  ],
];

for (const [version, header, hostname] of headers) {
  for (const pieces of ["alone", "with the handshake", "byte by byte"]) {
    Deno.test(
      `--proxy-protocol: a header of version ${version} comes ${pieces} before the handshake`,
      inTime(async () => {
        await using server = await startTlsServer({
          app: telling,
          tls,
          proxyProtocol: true,
        });
        await using proxy = startProxy(server.port, (hello) => {
          const all = [...bytesOf(header), ...hello];
          if (pieces === "byte by byte") return all.map((byte) => [byte]);
          if (pieces === "alone") return [bytesOf(header), hello];
          return [all];
        });
        using client = await connectTls(proxy);
        assertEquals(
          (await client.get("/")).body,
          `["https://localhost/",null,"${hostname}"]`,
        );
      }),
    );
  }
}

/** Takes one connection, and sends the first that comes through it in other pieces. */
function startProxy(
  port: number,
  cut: (first: Uint8Array) => ArrayLike<number>[],
) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const run = async () => {
    using client = await listener.accept();
    using server = await Deno.connect({ hostname: "127.0.0.1", port });
    server.setNoDelay(true);
    const buffer = new Uint8Array(16 * 1024);
    const count = await client.read(buffer) ?? 0;
    for (const piece of cut(buffer.subarray(0, count))) {
      await new RawClient(server).send(
        String.fromCharCode(...Array.from(piece)),
      );
    }
    const options = { preventClose: true };
    // Whoever closes first, the other direction fails.
    await Promise.race([
      client.readable.pipeTo(server.writable, options),
      server.readable.pipeTo(client.writable, options),
    ]).catch(() => {});
  };
  const over = run();
  return {
    port: listener.addr.port,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await over.catch(() => {});
    },
  };
}

Deno.test(
  "--proxy-protocol: a handshake without a header is refused",
  inTime(async () => {
    await using server = await startTlsServer({ tls, proxyProtocol: true });
    const client = await connectTls(server).then(() => null, (error) => error);
    assert(client instanceof Error);
  }),
);
