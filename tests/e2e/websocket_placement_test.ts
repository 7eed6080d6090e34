/**
 * Where sockets begin, while other requests keep workers computing.
 */

import { assert } from "@std/assert";
import { appUrl } from "../support/apps.ts";
import { inTime, until } from "../support/in_time.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { startTestServer } from "../support/test_server.ts";

Deno.test(
  "sockets begin on the worker that heavy requests leave alone",
  inTime(async () => {
    await using server = await startTestServer({
      app: appUrl("crunching"),
      workers: 3,
    });
    const { url } = server;
    let goesOn = true;
    const heavy: string[] = [];
    const clients = Array.from({ length: 2 }, async () => {
      while (goesOn) heavy.push(await (await fetch(`${url}/heavy`)).text());
    });
    // By then it is known what is heavy, and a worker was left alone for a second.
    await until(() =>
      server.skein.inspect().routes
        .some(({ heavy, jobs }) => heavy && jobs >= 24)
    );
    const before = heavy.length;
    using stack = new DisposableStack();
    const begun = new Set<string>();
    for (let count = 0; count < 6; count++) {
      const socket = stack.use(await RawSocket.open(server, "/socket"));
      begun.add((await socket.nextTold()).replace("text ", ""));
    }
    goesOn = false;
    await Promise.all(clients);
    const beside = heavy.slice(before).filter((name) => begun.has(name));
    assert(begun.size === 1, `They began on ${begun.size} workers`);
    assert(beside.length === 0, `${beside.length} heavy requests beside them`);
  }),
);
