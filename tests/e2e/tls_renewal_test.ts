/**
 * Certificates that are renewed while clients come without pause, and what becomes of
 * secure connections when the server ends.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { startChildServer } from "../support/child_server.ts";
import { inTime, until } from "../support/in_time.ts";
import { startTestServer } from "../support/test_server.ts";
import {
  connectTls,
  pem,
  startTls,
  TlsClient,
  type TlsTarget,
} from "../support/tls.ts";
import { makeTree } from "../support/tree.ts";
import { get, head } from "../support/wire.ts";

/** Two pairs, and links to the files of one of them, as certbot keeps them. */
async function live(names: readonly [string, string]) {
  const [first] = names;
  const tree = await makeTree({
    ...Object.fromEntries(
      names.flatMap((name) =>
        ["crt", "key"].map((
          end,
        ) => [`archive/${name}.${end}`, pem(`${name}.${end}`)])
      ),
    ),
    "live/crt": { kind: "link", to: `../archive/${first}.crt` },
    "live/key": { kind: "link", to: `../archive/${first}.key` },
  });
  return {
    files: { cert: tree.path("live/crt"), key: tree.path("live/key") },
    /** One file after the other, each in one step. */
    async flip(name: string) {
      for (const end of ["crt", "key"]) {
        const path = tree.path(`live/${end}`);
        await Deno.symlink(`../archive/${name}.${end}`, `${path}.new`);
        await Deno.rename(`${path}.new`, path);
      }
    },
    [Symbol.dispose]: () => tree[Symbol.dispose](),
  };
}

/** Which certificate is shown. */
async function shown(server: TlsTarget): Promise<string> {
  using client = await TlsClient.connect(server);
  return client.shown;
}

for (const others of [0, 1]) {
  Deno.test(
    `20 renewals beside ${others} other pairs, and none of the clients is hurt`,
    inTime(async () => {
      using pair = await live(["localhost", "rsa"]);
      using other = await live(["a", "a2"]);
      const pairs = [pair.files, other.files].slice(0, others + 1);
      await using server = await startTestServer({
        workers: 1,
        tls: { pairs },
        limits: { certificateCheckMs: 5 },
      });
      const seen = { localhost: 0, rsa: 0 };
      let going = true;
      const clients = Array.from({ length: 4 }, async () => {
        while (going) {
          using client = await TlsClient.connect(server);
          assert(client.shown === "localhost" || client.shown === "rsa");
          seen[client.shown]++;
          const text = await client.exchange(get("/", "Connection: close"));
          assertMatch(text, /^HTTP\/1\.1 200 /);
        }
      });
      // Who has come before goes on all the time.
      using early = await connectTls(server);
      try {
        for (let i = 0; i < 20; i++) {
          const name = i % 2 === 0 ? "rsa" : "localhost";
          const before = seen[name];
          await pair.flip(name);
          await Promise.race([
            until(() => seen[name] > before + 2),
            // One of them that fails ends the test.
            ...clients,
          ]);
          assertMatch((await early.get("/")).head, /^HTTP\/1\.1 200 /);
        }
      } finally {
        going = false;
        await Promise.all(clients);
      }
      assert(seen.localhost >= 20 && seen.rsa >= 20);
      const renewals = server.log.filter((line) => / is renewed /.test(line));
      assertEquals(renewals.length, 20);
    }),
  );
}

Deno.test(
  "a connection goes on with the certificate with which it began",
  inTime(async () => {
    using pair = await live(["localhost", "rsa"]);
    await using server = await startTestServer({
      workers: 1,
      tls: { pairs: [pair.files] },
      limits: { certificateCheckMs: 1_000_000 },
    });
    using early = await TlsClient.connect(server);
    await pair.flip("rsa");
    assertEquals(await shown(server), "localhost");
    assertEquals(await server.skein.reload(), { kind: "reloaded" });
    assertEquals(await shown(server), "rsa");
    const text = await early.exchange(get("/") + get("/", "Connection: close"));
    assertEquals(text.split("HTTP/1.1 200 OK").length, 3);
    assertEquals(early.shown, "localhost");
  }),
);

Deno.test(
  "a session of the old certificate is no hindrance under the new one",
  inTime(async () => {
    using pair = await live(["localhost", "rsa"]);
    await using server = await startTestServer({
      workers: 1,
      tls: { pairs: [pair.files] },
    });
    using early = await TlsClient.connect(server, { maxVersion: "TLSv1.2" });
    const session = early.socket.getSession();
    await pair.flip("rsa");
    await server.skein.reload();
    using late = await TlsClient.connect(server, {
      session,
      maxVersion: "TLSv1.2",
    });
    const text = await late.exchange(get("/", "Connection: close"));
    assertMatch(text, /^HTTP\/1\.1 200 /);
  }),
);

Deno.test(
  "SIGHUP puts a renewed certificate in force, and says so of a broken one",
  inTime(async () => {
    using pair = await live(["localhost", "rsa"]);
    const { cert, key } = pair.files;
    await using server = await startChildServer(
      ...["--tls-cert", cert, "--tls-key", key, "--workers", "1"],
      // Nobody looks by himself.
      "--limit=certificateCheckMs=1000000",
    );
    assertEquals(await shown(server), "localhost");
    await pair.flip("rsa");
    server.signal("SIGHUP");
    await server.stderr.waitFor(/The certificate ".*" is renewed until 2125-/);
    assertEquals(await shown(server), "rsa");
    await Deno.remove(key);
    server.signal("SIGHUP");
    await server.stderr.waitFor(
      /There is no file ".*"; the old certificate stays in force/,
    );
    assertEquals(await shown(server), "rsa");
    server.signal("SIGTERM");
    assertEquals(await server.ended, 0);
  }),
);

Deno.test(
  "the drain tells idle clients of the end, and answers the request that was begun",
  inTime(async () => {
    using pair = await live(["localhost", "rsa"]);
    await using server = await startTestServer({
      workers: 1,
      tls: { pairs: [pair.files] },
    });
    using fresh = await connectTls(server);
    using idle = await connectTls(server);
    await idle.get("/");
    using silent = await server.connect();
    using busy = await connectTls(server);
    await busy.send(
      head("GET / HTTP/1.1", "Host: localhost", "Content-Length: 5") + "be",
    );
    await until(() => server.skein.inspect().connections.byState.body === 1);
    const drained = server.skein.drain(new Promise(() => {}));
    for (const client of [fresh, idle, silent]) {
      assertEquals(await client.readAll(), "");
    }
    await busy.send("gun");
    const text = await busy.readAll();
    assertMatch(text, /^HTTP\/1\.1 200 OK\r\n/);
    assertMatch(text, /\r\nConnection: close\r\n/);
    busy.conn.close();
    assertEquals(await drained, 0);
    assertEquals(server.log, []);
  }),
);

Deno.test(
  "a client whose handshake is under way when the drain begins gets its response",
  inTime(async () => {
    using pair = await live(["localhost", "rsa"]);
    await using server = await startTestServer({
      workers: 1,
      tls: { pairs: [pair.files] },
      limits: { sweepMs: 5000 },
    });
    const conn = await Deno.connect({
      hostname: "127.0.0.1",
      port: server.port,
    });
    // Whoever came before it was accepted before it.
    using other = await connectTls(server);
    await other.get("/");
    other.conn.close();
    const drained = server.skein.drain(new Promise(() => {}));
    using client = await startTls(conn);
    await client.send(get("/"));
    assertMatch(await client.readAll(), /^HTTP\/1\.1 200 OK\r\n/);
    client.conn.close();
    assertEquals(await drained, 0);
  }),
);

Deno.test(
  "the drain does not wait for who never begins a handshake",
  inTime(async () => {
    using pair = await live(["localhost", "rsa"]);
    await using server = await startTestServer({
      workers: 1,
      tls: { pairs: [pair.files] },
      limits: { handshakeTimeoutMs: 1_000_000, sweepMs: 20 },
    });
    using silent = await server.connect();
    using other = await connectTls(server);
    await other.get("/");
    assertEquals(await server.skein.drain(new Promise(() => {})), 0);
    assertEquals(await silent.readAll(), "");
  }),
);

Deno.test(
  "where a pair cannot be used the server does not start, and nothing listens",
  inTime(async () => {
    using pair = await live(["localhost", "rsa"]);
    await Deno.remove(pair.files.key);
    const error = await startTestServer({ tls: { pairs: [pair.files] } })
      .then(() => null, (error) => error as Error);
    assertEquals(error?.name, "KeyPairError");
  }),
);
