/** A server that listens in several places, socket files among them. */

import { findProgram } from "../bench/installed.ts";
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { greeted } from "../support/child_server.ts";
import { spawnCommand } from "../support/command.ts";
import { ask } from "../support/clients.ts";
import { inTime, until } from "../support/in_time.ts";
import { RawClient } from "../support/test_server.ts";
import { freePort } from "../support/cli.ts";
import { makeTree } from "../support/tree.ts";
import { get } from "../support/wire.ts";
import { inlineApp } from "../support/apps.ts";
import { startTestServer } from "../support/test_server.ts";
import { Skein } from "../../lib/skein.ts";

/** Opens connections to a socket file. */
function unix(path: string) {
  return {
    connect: async () =>
      new RawClient(
        await Deno.connect({
          transport: "unix",
          path,
        }) as unknown as Deno.TcpConn,
      ),
  };
}

Deno.test({
  name:
    "--listen: everywhere the same server, and no socket file is left behind",
  ignore: Deno.build.os === "windows",
  fn: inTime(async () => {
    using tree = await makeTree({});
    const path = tree.path("skein.sock");
    await using skein = await startSkein([
      { hostname: "127.0.0.1", port: 0 },
      { hostname: "127.0.0.1", port: 0 },
      { path, mode: 0o600 },
    ]);
    const { addresses } = skein.skein.server;
    for (const address of addresses) {
      const where = "path" in address ? unix(address.path) : {
        connect: async () =>
          new RawClient(await Deno.connect({ port: address.port })),
      };
      assertEquals(
        (await ask(where, "/")).body,
        "Hello from http://localhost/",
      );
    }
    assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
    assertEquals(await skein.skein.drain(Promise.resolve()), 0);
    await assertRejects(() => Deno.stat(path), Deno.errors.NotFound);
  }),
});

/** With an app that says where it was asked. */
async function startSkein(listen: Parameters<typeof Skein.start>[0]["listen"]) {
  const skein = await Skein.start({
    root: "static",
    app: inlineApp(
      "export default { fetch: ({ url }) => new Response('Hello from ' + url) };",
    ),
    workers: 1,
    listen,
  });
  return {
    skein,
    [Symbol.asyncDispose]: async () => {
      await skein.drain(Promise.resolve());
    },
  };
}

Deno.test({
  name: "reusePort: two servers share a port, and each one closes for itself",
  ignore: Deno.build.os !== "linux",
  fn: inTime(async () => {
    await using first = await startSharing(0);
    const { port } = first.skein.server.address;
    await using second = await startSharing(port);
    const clients = await Promise.all(
      Array.from({ length: 64 }, () => Deno.connect({ port })),
    );
    const counts = () =>
      [first, second].map(({ skein }) => skein.server.connections);
    await until(() => counts()[0] + counts()[1] === 64);
    // By chance alone one gets none of them once in 2^63 runs.
    assertEquals(counts().includes(0), false);
    for (const client of clients) client.close();
    await first.skein.drain(Promise.resolve());
    const client = {
      connect: async () => new RawClient(await Deno.connect({ port })),
    };
    assertEquals((await ask(client, "/")).status, 200);
    await assertRejects(
      () => Skein.start({ root: "static", port, workers: 1 }),
      Deno.errors.AddrInUse,
    );
  }),
});

async function startSharing(port: number) {
  const options = { root: "static", port, workers: 1, reusePort: true };
  const skein = await Skein.start(options);
  return {
    skein,
    [Symbol.asyncDispose]: async () => {
      await skein.drain(Promise.resolve());
    },
  };
}

Deno.test({
  name:
    "--listen unix:PATH is in the greeting, and is not taken from a living server",
  ignore: Deno.build.os === "windows",
  fn: inTime(async () => {
    using tree = await makeTree({ "file": "no socket" });
    const path = tree.path("skein.sock");
    const args = ["--listen", "0", "--listen", `unix:${path},mode=660`];
    await using server = await spawnListening(args);
    assertMatch(
      server.greeting,
      /http:\/\/127\.0\.0\.1:[0-9]+\/ and unix:\S+ and/,
    );
    assertEquals((await ask(unix(path), "/")).status, 200);
    for (const taken of [path, tree.path("file")]) {
      const error = await spawnListening(["--listen", `unix:${taken}`])
        .then(() => null, (error) => error as Error);
      assertMatch(error!.message, /skein: .*(in use|Address)/);
    }
    assertEquals(await Deno.readTextFile(tree.path("file")), "no socket");
    server.signal("SIGTERM");
    assertEquals(await server.ended, 0);
  }),
});

async function spawnListening(args: string[]) {
  return await greeted(spawnCommand(args));
}

Deno.test(
  "one address that is taken: nothing listens",
  inTime(async () => {
    await using other = await startTestServer();
    const { port } = other.skein.server.address;
    await assertRejects(
      () =>
        startSkein([
          { hostname: "127.0.0.1", port: 0 },
          { hostname: "127.0.0.1", port },
        ]),
      Deno.errors.AddrInUse,
    );
  }),
);

const activate = await findProgram("systemd-socket-activate") ?? "";

Deno.test({
  name: "--listen systemd serves on the sockets that were passed",
  ignore: activate === "",
  fn: inTime(async () => {
    using tree = await makeTree({});
    const path = tree.path("passed.sock");
    const port = freePort();
    const connect = async () =>
      new RawClient(await Deno.connect({ hostname: "127.0.0.1", port }));
    const child = spawnCommand(["--listen", "systemd"], {
      shell: `exec ${activate} -l 127.0.0.1:${port} -l '${path}' "$@"`,
    });
    // It is started by the first client.
    let first: RawClient | null = null;
    await until(async () => {
      first = await connect().catch(() => null);
      return first !== null;
    });
    await using server = await greeted(child);
    using client = first!;
    assertMatch((await client.get("/")).head, /^HTTP\/1\.1 200 /);
    assertMatch((await client.get("/none")).head, /^HTTP\/1\.1 404 /);
    assertEquals((await ask(unix(path), "/")).status, 200);
    // Half closed, reset, pipelined: as on any other socket.
    using half = await connect();
    await half.send(get("/").repeat(3));
    await half.conn.closeWrite();
    assertEquals((await half.readAll()).split("HTTP/1.1 200 OK").length, 4);
    server.signal("SIGTERM");
    assertEquals(await server.ended, 0);
  }),
});

Deno.test(
  "--listen systemd without a socket is an error of the command line",
  inTime(async () => {
    const child = spawnCommand(["--listen", "systemd"]);
    const [{ code }, stderr] = await Promise.all([
      child.status,
      new Response(child.stderr).text(),
      child.stdout.cancel(),
    ]);
    assertEquals(code, 2);
    assertMatch(stderr, /no sockets were passed to this process/);
  }),
);
