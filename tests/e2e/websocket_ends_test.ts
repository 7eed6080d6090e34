/**
 * How sockets end: with their handler, with their worker, with a reload and with the
 * server; with which code, and who is not hurt by it. What frames lead to is in
 * websocket_frames_test.ts, clients that mean harm are in websocket_hostile_test.ts.
 */

import { assert, assertEquals } from "@std/assert";
import { appUrl } from "../support/apps.ts";
import { startChildServer } from "../support/child_server.ts";
import { ask, Crowd, instances, type Reachable } from "../support/clients.ts";
import { inTime, until } from "../support/in_time.ts";
import { RawSocket, socketHead } from "../support/raw_socket.ts";
import { closeFrame, frame, opcode } from "../support/socket_frames.ts";
import {
  RawClient,
  startTestServer,
  type TestServer,
  untilEmpty,
} from "../support/test_server.ts";

const sockets = appUrl("sockets").href;

function start(
  options: Parameters<typeof startTestServer>[0] = {},
): Promise<TestServer> {
  return startTestServer({
    app: sockets,
    workers: 2,
    ...options,
    limits: { handlerTimeoutMs: 600, sweepMs: 50, ...options.limits },
  });
}

interface Port {
  readonly port: number;
}

async function send(socket: RawSocket, text: string): Promise<void> {
  await socket.send(frame(opcode.text, text));
}

async function echoes(socket: RawSocket, word = "still here"): Promise<void> {
  await send(socket, word);
  assertEquals(await socket.nextTold(), `text ${word}`);
}

/** A socket, and the name of its worker. */
async function open(
  server: Port,
): Promise<{ socket: RawSocket; instance: string }> {
  const socket = await RawSocket.open(server, "/echo");
  await send(socket, "instance");
  return { socket, instance: (await socket.nextTold()).slice(5) };
}

/** Two sockets of one worker, and one of another. */
async function openThree(
  server: Port,
  stack: DisposableStack,
): Promise<RawSocket[]> {
  const byWorker = new Map<string, RawSocket[]>();
  for (;;) {
    const { socket, instance } = await open(server);
    stack.use(socket);
    const group = byWorker.get(instance) ?? [];
    group.push(socket);
    byWorker.set(instance, group);
    const groups = [...byWorker.values()];
    const pair = groups.find((it) => it.length > 1);
    const other = groups.find((it) => it !== pair);
    if (pair !== undefined && other !== undefined) {
      return [pair[0], pair[1], other[0]];
    }
  }
}

interface FaultRow {
  readonly name: string;
  readonly command: string;
  /** What its own socket hears, one of the same worker, and one of another: a code,
   * or that it goes on. */
  readonly ends: readonly [string, string, string];
  readonly log: string;
}

const on = "goes on";
const failed = "close 1011";

const faults: FaultRow[] = [
  {
    name: "throws",
    command: "throw",
    ends: [failed, on, on],
    log: "thrown by a handler of a socket",
  },
  {
    name: "leaves a promise rejected",
    command: "reject",
    ends: [on, on, on],
    log: "rejected in a socket",
  },
  {
    name: "calls Deno.exit",
    command: "exit",
    ends: [failed, failed, on],
    log: "Deno.exit()",
  },
  {
    name: "loops",
    command: "loop",
    ends: [failed, failed, on],
    log: "had to be stopped",
  },
  {
    name: "loops in a microtask",
    command: "loop-in-microtask",
    ends: [failed, failed, on],
    log: "had to be stopped",
  },
];

async function checkEnd(socket: RawSocket, want: string): Promise<void> {
  if (want === on) return await echoes(socket);
  assertEquals(await socket.rest(), [want]);
}

for (const { name, command, ends, log } of faults) {
  Deno.test(
    `a handler of a socket that ${name}: itself ${ends[0]}, same worker ${
      ends[1]
    }, others go on`,
    inTime(async () => {
      await using server = await start();
      using stack = new DisposableStack();
      const three = await openThree(server, stack);
      await using crowd = new Crowd(server, 4);
      await crowd.answers(2);
      await send(three[0], command);
      await server.logged(log);
      // Nobody waits for the one that loops.
      await echoes(three[2]);
      for (const [i, socket] of three.entries()) {
        await checkEnd(socket, ends[i]);
      }
      await crowd.answers(2);
      await instances(server);
    }),
  );
}

// A thread that cannot be stopped spins until the end of its process.
for (const isolation of ["standard", "strict"]) {
  Deno.test(
    `--isolation ${isolation}: a worker that is lost: 1011 for its sockets, others go on`,
    inTime(async () => {
      await using server = await startChildServer(
        ...["--app", appUrl("sockets").pathname, "--workers", "2"],
        ...["--timeout", "1", "--isolation", isolation],
        ...["--limit", "sweepMs=50", "--limit", "workerGraceMs=500"],
      );
      using stack = new DisposableStack();
      const [own, same, other] = await openThree(server, stack);
      await using crowd = new Crowd(server, 4);
      await crowd.answers(2);
      await send(own, "loop-after-timer");
      assertEquals(
        await own.rest(),
        ["text loop-after-timer", failed].slice(1),
      );
      assertEquals(await same.rest(), [failed]);
      await echoes(other);
      await crowd.answers(2);
      await instances(server);
    }, 40_000),
  );
}

Deno.test(
  "--isolation strict: sockets talk, and a handler that loops ends those of its worker",
  inTime(async () => {
    // Its threads may end a moment after it, which is no leak of the test.
    await using server = await startChildServer(
      ...["--app", appUrl("sockets").pathname, "--workers", "2"],
      ...["--timeout", "1", "--isolation", "strict"],
    );
    using stack = new DisposableStack();
    const [own, same, other] = await openThree(server, stack);
    await echoes(own);
    await send(own, "loop");
    assertEquals(await own.rest(), [failed]);
    assertEquals(await same.rest(), [failed]);
    await echoes(other);
  }),
);

Deno.test(
  "reload: sockets go on until the drain time is over, then 1012; new ones go to new workers",
  inTime(async () => {
    await using server = await start({ drainMs: 1000 });
    using stack = new DisposableStack();
    const old = await openThree(server, stack);
    const names = new Set<string>();
    for (const socket of old) {
      await send(socket, "instance");
      names.add(await socket.nextTold());
    }
    assertEquals((await server.skein.reload()).kind, "reloaded");
    for (const socket of old) await echoes(socket);
    const young = await open(server);
    stack.use(young.socket);
    assert(!names.has(`text ${young.instance}`));
    for (const socket of old) {
      assertEquals(await socket.rest(), ["close 1012"]);
    }
    await echoes(young.socket);
    await until(() => server.skein.inspect().workers.length === 2);
    assertEquals(server.log, []);
  }),
);

Deno.test(
  "reload: an old worker whose handler loops ends its sockets at once",
  inTime(async () => {
    await using server = await start();
    using stack = new DisposableStack();
    const [own, same, other] = await openThree(server, stack);
    assertEquals((await server.skein.reload()).kind, "reloaded");
    await send(own, "loop");
    assertEquals(await own.rest(), [failed]);
    assertEquals(await same.rest(), [failed]);
    await echoes(other);
  }),
);

Deno.test(
  "a worker that is recycled keeps its sockets until the drain time is over, then 1012",
  inTime(async () => {
    await using server = await start({
      workers: 1,
      drainMs: 1000,
      limits: { maxJobsPerWorker: 5 },
    });
    const first = await open(server);
    using socket = first.socket;
    await until(async () =>
      (await ask(server, "/instance")).body !== first.instance
    );
    await echoes(socket);
    assertEquals(await socket.rest(), ["close 1012"]);
    assert((await ask(server, "/instance")).body !== first.instance);
  }),
);

Deno.test(
  "a worker that is retiring ends with its last socket",
  inTime(async () => {
    await using server = await start({ workers: 1 });
    using socket = await RawSocket.open(server, "/echo");
    await server.skein.reload();
    await echoes(socket);
    assertEquals(server.skein.inspect().workers.length, 2);
    await socket.send(closeFrame(1000));
    assertEquals(await socket.rest(), ["close 1000"]);
    await untilOneWorker(server);
  }),
);

/** Resolves when no worker is left but the one that is new. */
function untilOneWorker({ skein }: TestServer): Promise<void> {
  return until(() => skein.inspect().workers.length === 1);
}

/** So many sockets. */
async function openMany(
  server: Port,
  count: number,
  stack: DisposableStack,
): Promise<RawSocket[]> {
  const all: RawSocket[] = [];
  for (let i = 0; i < count; i++) {
    all.push(stack.use(await RawSocket.open(server, "/echo")));
  }
  return all;
}

/** What the clients hear until their ends, and how many each. */
async function ends(
  sockets: readonly RawSocket[],
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const all = await Promise.all(sockets.map(async (socket) => {
    const told = await socket.rest();
    // Or the server would wait for more.
    socket.conn.close();
    return told;
  }));
  for (const each of all) {
    const text = each.join();
    counts[text] = (counts[text] ?? 0) + 1;
  }
  return counts;
}

Deno.test(
  "drain: each of 200 sockets is closed with 1001, whatever its client is at",
  inTime(async () => {
    await using server = await start();
    using stack = new DisposableStack();
    const many = await openMany(server, 200, stack);
    // Some are within a message, some are just being answered.
    await many[0].send(frame(opcode.text, "abc").subarray(0, 5));
    await many[1].send(frame(opcode.text, "abc", { fin: false }));
    const never = Promise.withResolvers<void>();
    const drained = server.skein.drain(never.promise);
    assertEquals(await ends(many), { "close 1001": 200 });
    await drained;
    assertEquals(server.log, []);
  }),
);

Deno.test(
  "drain: a client that does not answer the close frame does not hold it up",
  inTime(async () => {
    await using server = await start({
      limits: { socketCloseTimeoutMs: 100, lingerStallMs: 300, lingerMs: 500 },
    });
    using socket = await RawSocket.open(server, "/echo");
    const never = Promise.withResolvers<void>();
    const drained = server.skein.drain(never.promise);
    assertEquals(await socket.nextTold(), "close 1001");
    assertEquals(await socket.nextTold(), "end");
    await drained;
  }),
);

Deno.test(
  "a hundred sockets of a worker that fails: 1011 each",
  inTime(async () => {
    await using server = await start({ workers: 1 });
    using stack = new DisposableStack();
    const many = await openMany(server, 100, stack);
    await send(many[50], "loop");
    assertEquals(await ends(many), { [failed]: 100 });
    assertEquals((await ask(server, "/echo?word")).body, "word");
    await untilEmpty(server);
  }),
);

Deno.test(
  "new sockets are spread over the workers evenly",
  inTime(async () => {
    await using server = await start({ workers: 3 });
    using stack = new DisposableStack();
    const counts = new Map<string, number>();
    for (let i = 0; i < 30; i++) {
      const { socket, instance } = await open(server);
      stack.use(socket);
      counts.set(instance, (counts.get(instance) ?? 0) + 1);
    }
    assertEquals([...counts.values()], [10, 10, 10]);
  }),
);

Deno.test(
  "more sockets than a worker may have requests in flight, and requests beside them",
  inTime(async () => {
    await using server = await start({
      workers: 1,
      limits: { maxInFlightPerWorker: 4 },
    });
    using stack = new DisposableStack();
    const many = await openMany(server, 20, stack);
    assertEquals((await ask(server, "/echo?word")).body, "word");
    for (const socket of many) await echoes(socket);
  }),
);

/** What a socket of the app has heard, until its end. */
async function heardBy(server: Reachable, name: string): Promise<unknown[][]> {
  let events: unknown[][] = [];
  await until(async () => {
    events = JSON.parse((await ask(server, `/log?log=${name}`)).body);
    return events?.at(-1)?.[0] === "close";
  });
  return events;
}

/** Closes so that the other side gets a reset: there is something unread. */
async function vanish(socket: RawSocket): Promise<void> {
  await send(socket, "unread");
  await send(socket, "unread");
  // Something is there and stays unread.
  await socket.next();
  socket.conn.close();
}

Deno.test(
  "a client that vanishes: its handler hears 1006, and nothing is left of it",
  inTime(async () => {
    await using server = await start({ workers: 1 });
    const socket = await RawSocket.open(server, "/echo?log=vanished");
    await vanish(socket);
    const events = await heardBy(server, "vanished");
    assertEquals(events.slice(-2), [
      ["error", 3, "string"],
      ["close", 3, 1006, "", false],
    ]);
    await untilEmpty(server);
    assertEquals(server.log, []);
  }),
);

Deno.test(
  "a client that leaves before its handshake is answered leaves nothing behind",
  inTime(async () => {
    await using server = await start({
      workers: 1,
      limits: { watchAfterMs: 20, sweepMs: 20 },
    });
    for (let i = 0; i < 20; i++) {
      using client = new RawClient(
        await Deno.connect({ hostname: "127.0.0.1", port: server.port }),
      );
      await client.send(socketHead(i % 2 === 0 ? "/late" : "/echo"));
    }
    // They have come before this one does.
    await ask(server, "/instance");
    await untilEmpty(server);
    // It owes nothing, so that a reload ends it at once.
    await server.skein.reload();
    await untilOneWorker(server);
    assertEquals(server.log, []);
  }),
);

Deno.test(
  "what is sent just before a socket is closed by its handler arrives whole",
  inTime(async () => {
    await using server = await start({ workers: 1 });
    using socket = await RawSocket.open(server, "/echo");
    await socket.send(frame(opcode.text, "flood 40"));
    await socket.send(frame(opcode.text, "close 4000"));
    const all = await socket.rest();
    assertEquals(all.length, 41);
    assertEquals(all.at(-1), "close 4000");
  }),
);
