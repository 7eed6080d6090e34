/**
 * The end of a server that is told to end: what is idle closes now, what is in
 * flight is answered, what takes too long is cut off; and what its process says of
 * it by its exit code and on stderr.
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import type { Limits } from "../../lib/limits.ts";
import { appUrl } from "../support/apps.ts";
import { startChildServer } from "../support/child_server.ts";
import { ask, type Reachable } from "../support/clients.ts";
import { inTime, pause, until } from "../support/in_time.ts";
import { type RawClient, startTestServer } from "../support/test_server.ts";

const holding = appUrl("holding");

/** A path where no file is until `open` makes one. */
async function makeGate() {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/open`;
  return {
    path,
    open: () => Deno.writeTextFile(path, ""),
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

const forEver = "/there/is/no/such/path";

/** A connection with a request in flight, held until that file is there. */
async function hold(server: Reachable, gate: string): Promise<RawClient> {
  const before = Number((await ask(server, "/held")).body);
  const client = await server.connect();
  await client.send(
    `GET /hold?until=${gate} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  );
  await until(async () =>
    Number((await ask(server, "/held")).body) === before + 1
  );
  return client;
}

/** The last answer of a connection, and that it is the last. A client that did not
 * close would be listened to for some seconds. */
async function assertLastAnswer(client: RawClient, want: string) {
  const { head, body } = await client.readResponse();
  assertMatch(head, /^HTTP\/1\.1 200 OK\r\n/);
  assertMatch(head, /\r\nConnection: close\r\n/);
  assertEquals(body, want);
  assertEquals(await client.readAll(), "");
  client.conn.close();
}

function startHolding(...args: string[]) {
  return startChildServer(
    "--app",
    holding.pathname,
    "--workers",
    "1",
    ...args,
  );
}

for (const name of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(
    `${name} closes idle connections, answers the request in flight, and exits with 0`,
    inTime(async () => {
      await using gate = await makeGate();
      await using server = await startHolding();
      using fresh = await server.connect();
      using used = await server.connect();
      assertEquals((await used.get("/echo?word")).body, "word");
      using busy = await hold(server, gate.path);
      server.signal(name);
      assertEquals(await fresh.readAll(), "");
      assertEquals(await used.readAll(), "");
      await assertRejects(
        () => server.connect(),
        Deno.errors.ConnectionRefused,
      );
      await gate.open();
      await assertLastAnswer(busy, "released");
      assertEquals(await server.ended, 0);
      assertEquals(server.stderr.text, "");
    }),
  );
}

Deno.test(
  "the drain's deadline cuts off what is still in flight, and the exit code tells",
  inTime(async () => {
    await using server = await startHolding("--drain", "0.3");
    using first = await hold(server, forEver);
    using second = await hold(server, forEver);
    server.signal("SIGTERM");
    assertEquals(await first.readAll(), "");
    assertEquals(await second.readAll(), "");
    assertEquals(await server.ended, 1);
    assertMatch(
      server.stderr.text,
      /^\S+Z skein: 2 connections were cut off before the response was complete\n$/,
    );
  }),
);

Deno.test(
  "a second signal cuts off what is in flight at once",
  inTime(async () => {
    await using server = await startHolding("--drain", "3600");
    using idle = await server.connect();
    using busy = await hold(server, forEver);
    server.signal("SIGTERM");
    assertEquals(await idle.readAll(), "");
    server.signal("SIGINT");
    assertEquals(await busy.readAll(), "");
    assertEquals(await server.ended, 1);
    assertMatch(
      server.stderr.text,
      /^\S+Z skein: .* cut off before the response/,
    );
  }),
);

Deno.test(
  "the same signal twice within a second is one, and once more after it is a second",
  inTime(async () => {
    await using gate = await makeGate();
    await using server = await startHolding("--drain", "3600");
    using idle = await server.connect();
    using released = await hold(server, gate.path);
    using cut = await hold(server, forEver);
    server.signal("SIGINT");
    assertEquals(await idle.readAll(), "");
    server.signal("SIGINT");
    // Had the two been more than one, this would be cut off.
    await gate.open();
    await assertLastAnswer(released, "released");
    // The second after which it is another is the behaviour under test.
    await pause(1100);
    server.signal("SIGINT");
    assertEquals(await cut.readAll(), "");
    assertEquals(await server.ended, 1);
  }),
);

/** Asks again and again on one connection until it is told that it closes.
 *
 * @returns the number of answers
 */
async function askUntilClosed(server: Reachable): Promise<number> {
  using client = await server.connect();
  for (let answers = 1;; answers++) {
    await client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    // Rejects where the connection ends without an answer.
    const { head, body } = await client.readResponse();
    assertMatch(head, /^HTTP\/1\.1 200 OK\r\n/);
    assertStringIncludes(body, "Hi from Skein");
    if (/\r\nConnection: close\r\n/i.test(head)) return answers;
  }
}

Deno.test(
  "not one request is left without its answer when a busy server is told to end",
  inTime(async () => {
    await using server = await startChildServer(
      ...["--workers", "2", "--limit", "sweepMs=1000"],
    );
    const clients = Array.from({ length: 32 }, () => askUntilClosed(server));
    for (let i = 0; i < 10; i++) await ask(server, "/");
    server.signal("SIGTERM");
    for (const answers of await Promise.all(clients)) {
      assert(answers > 1, "it was busy when the signal came");
    }
    assertEquals(await server.ended, 0);
    assertEquals(server.stderr.text, "");
  }),
);

/** A server in this process whose clock is quick. */
function startHere(limits: Partial<Limits> = {}) {
  return startTestServer({
    app: holding.href,
    workers: 1,
    limits: { sweepMs: 20, ...limits },
  });
}

Deno.test(
  "a drain answers a request whose head or body is still arriving",
  inTime(async () => {
    await using server = await startHere();
    using head = await server.connect();
    using body = await server.connect();
    const start = "POST /echo?";
    await head.send(start);
    await body.send(
      `${start}body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n\r\nabc`,
    );
    // Both have been accepted and read when this later one has been answered.
    await ask(server, "/echo?later");
    const drained = server.skein.drain(new Promise(() => {}));
    await head.send(
      "head HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
    );
    await assertLastAnswer(head, "head");
    await body.send("def");
    await assertLastAnswer(body, "body");
    assertEquals(await drained, 0);
  }),
);

Deno.test(
  "a drain answers a request that arrives on a connection that was busy until now",
  inTime(async () => {
    await using server = await startHere({ sweepMs: 1000 });
    using client = await server.connect();
    await client.get("/echo?one");
    const drained = server.skein.drain(new Promise(() => {}));
    await client.send("GET /echo?two HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await assertLastAnswer(client, "two");
    assertEquals(await drained, 0);
  }),
);

Deno.test(
  "a drain answers a client that has just connected",
  inTime(async () => {
    await using server = await startHere({ sweepMs: 1000 });
    using client = await server.connect();
    await until(() => server.skein.server.connections === 1);
    const drained = server.skein.drain(new Promise(() => {}));
    await client.send("GET /echo?one HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await assertLastAnswer(client, "one");
    assertEquals(await drained, 0);
  }),
);

Deno.test(
  "a drain closes the connections that stay idle, and takes no new ones",
  inTime(async () => {
    await using server = await startHere();
    using fresh = await server.connect();
    using used = await server.connect();
    await used.get("/echo?one");
    await until(() => server.skein.server.connections === 2);
    const drained = server.skein.drain(new Promise(() => {}));
    assertEquals([await fresh.readAll(), await used.readAll()], ["", ""]);
    assertEquals(await drained, 0);
    await assertRejects(() => server.connect(), Deno.errors.ConnectionRefused);
    assertEquals(server.skein.pool.ready, 0);
  }),
);

Deno.test(
  "a drain that is cut says how many it cut, and nothing is left",
  inTime(async () => {
    await using server = await startHere();
    using first = await hold(server, forEver);
    using second = await hold(server, forEver);
    await until(() => server.skein.server.connections === 2);
    const deadline = Promise.withResolvers<void>();
    const drained = server.skein.drain(deadline.promise);
    deadline.resolve();
    assertEquals(await drained, 2);
    assertEquals([await first.readAll(), await second.readAll()], ["", ""]);
    assertEquals(server.skein.server.connections, 0);
    assertEquals(server.log, []);
  }),
);

Deno.test(
  "a drain cuts a stream that has no end at its deadline",
  inTime(async () => {
    await using server = await startTestServer({
      app: appUrl("streams").href,
      workers: 1,
    });
    using client = await server.connect();
    await client.send("GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await client.readUntil("\r\n\r\n");
    const drained = server.skein.drain(Promise.resolve());
    assertEquals(await drained, 1);
    const rest = await client.readAll();
    assert(!rest.endsWith("\r\n0\r\n\r\n"), "it does not look complete");
    assertEquals(server.log, []);
  }),
);
