/** A server under a service manager of this test's own. */

import { assertEquals, assertMatch } from "@std/assert";
import { greeted } from "../support/child_server.ts";
import { spawnCommand } from "../support/command.ts";
import { inTime } from "../support/in_time.ts";
import { makeTree } from "../support/tree.ts";

// Not stable yet, and so not in the types of a test.
const { listenDatagram } = Deno as unknown as {
  listenDatagram(options: { transport: "unixpacket"; path: string }): {
    receive(): Promise<[Uint8Array, unknown]>;
    close(): void;
  };
};

/** What a manager hears, word by word. */
function listenAt(path: string) {
  const socket = listenDatagram({ transport: "unixpacket", path });
  return {
    /** Resolves with the next notice that begins like that; others are skipped. */
    async next(start: string): Promise<string> {
      for (;;) {
        const [bytes] = await socket.receive();
        const text = new TextDecoder().decode(bytes);
        if (text.startsWith(start)) return text;
      }
    },
    [Symbol.dispose]: () => socket.close(),
  };
}

Deno.test({
  name:
    "a service manager hears that the server is ready, lives, reloads and ends",
  ignore: Deno.build.os !== "linux",
  fn: inTime(async () => {
    using tree = await makeTree({});
    const path = tree.path("notify");
    using manager = listenAt(path);
    const child = spawnCommand(["--port", "0", "--drain-delay", "0.1"], {
      env: { NOTIFY_SOCKET: path, WATCHDOG_USEC: "200000" },
    });
    const ready = manager.next("READY=1\n");
    await using server = await greeted(child);
    assertMatch(await ready, /^READY=1\nSTATUS=Skein is listening on [^\n]+$/);
    assertEquals(await manager.next("WATCHDOG"), "WATCHDOG=1");
    server.signal("SIGHUP");
    assertMatch(await manager.next("RELOADING"), /^RELOADING=1\n/);
    await manager.next("READY=1\n");
    server.signal("SIGTERM");
    assertMatch(await manager.next("STOPPING"), /^STOPPING=1\n/);
    assertEquals(await server.ended, 0);
    assertEquals(server.stderr.text, "");
  }),
});

Deno.test({
  name: "the watchdog of another process is not told",
  ignore: Deno.build.os !== "linux",
  fn: inTime(async () => {
    using tree = await makeTree({});
    const path = tree.path("notify");
    using manager = listenAt(path);
    await using server = await greeted(
      spawnCommand(["--port", "0"], {
        env: {
          ...{ NOTIFY_SOCKET: path, WATCHDOG_USEC: "10000" },
          WATCHDOG_PID: "1",
        },
      }),
    );
    await manager.next("READY=1\n");
    server.signal("SIGTERM");
    // What comes next is not a sign of life.
    assertMatch(await manager.next(""), /^STOPPING=1/);
    assertEquals(await server.ended, 0);
  }),
});

Deno.test({
  name: "a service manager that is gone costs nothing",
  ignore: Deno.build.os !== "linux",
  fn: inTime(async () => {
    await using server = await greeted(
      spawnCommand(["--port", "0"], {
        env: { NOTIFY_SOCKET: "/no/such/socket" },
      }),
    );
    server.signal("SIGTERM");
    assertEquals(await server.ended, 0);
  }),
});
