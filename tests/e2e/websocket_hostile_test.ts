/**
 * Clients of WebSockets that mean harm, or are broken: what they can use is bounded, and
 * nobody else is hurt.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { appUrl } from "../support/apps.ts";
import { ask } from "../support/clients.ts";
import { inTime, pause, until } from "../support/in_time.ts";
import { RawSocket, socketHead } from "../support/raw_socket.ts";
import { closeFrame, frame, joined, opcode } from "../support/socket_frames.ts";
import {
  startTestServer,
  type TestServer,
  untilEmpty,
} from "../support/test_server.ts";

const mebibyte = 1024 * 1024;

function start(
  limits: NonNullable<Parameters<typeof startTestServer>[0]>["limits"] = {},
): Promise<TestServer> {
  return startTestServer({
    app: appUrl("sockets").href,
    workers: 1,
    limits: { sweepMs: 50, ...limits },
  });
}

async function echoes(socket: RawSocket): Promise<void> {
  await socket.send(frame(opcode.text, "still here"));
  assertEquals(await socket.nextTold(), "text still here");
}

/** What a socket of the app has heard, until its end. */
async function heardBy(
  server: TestServer,
  name: string,
): Promise<unknown[][]> {
  let events: unknown[][] | null = null;
  await until(async () => {
    events = JSON.parse((await ask(server, `/log?log=${name}`)).body);
    return events?.at(-1)?.[0] === "close";
  });
  return events!;
}

const cutOff = [
  ["error", 3, "string"],
  ["close", 3, 1006, "", false],
];

Deno.test(
  "a client that reads nothing while the app floods it is cut off",
  inTime(async () => {
    await using server = await start({ maxSocketBufferBytes: mebibyte });
    using other = await RawSocket.open(server, "/echo");
    using deaf = await RawSocket.open(server, "/echo?log=deaf");
    await deaf.send(frame(opcode.text, "flood 200"));
    assertEquals((await heardBy(server, "deaf")).slice(-2), cutOff);
    await until(() => server.skein.server.connections === 1);
    await echoes(other);
    assertEquals(server.log, []);
  }),
);

Deno.test(
  "a client that reads what it is flooded with gets all of it",
  inTime(async () => {
    await using server = await start({ maxSocketBufferBytes: 4 * mebibyte });
    using client = await RawSocket.open(server, "/echo");
    for (let round = 0; round < 4; round++) {
      // More than what is on the way, less than what may wait.
      await client.send(frame(opcode.text, "flood 50"));
      for (let i = 0; i < 50; i++) {
        assertEquals((await client.next())!.payload.length, 64 * 1024);
      }
    }
    await echoes(client);
  }),
);

Deno.test(
  "a message that is larger than what may wait comes through, and the largest",
  inTime(async () => {
    await using server = await start({
      maxSocketBufferBytes: mebibyte,
      maxSocketMessageBytes: 2 * mebibyte,
    });
    using client = await RawSocket.open(server, "/echo");
    const message = frame(opcode.binary, new Uint8Array(2 * mebibyte));
    for (let i = 0; i < 3; i++) {
      await client.send(message);
      assertEquals((await client.next())?.payload.length, 2 * mebibyte);
    }
  }),
);

Deno.test(
  "a client that stalls over what it is sent is cut off in the end",
  inTime(async () => {
    await using server = await start({ writeStallMs: 300 });
    using deaf = await RawSocket.open(server, "/echo?log=stalled");
    await deaf.send(frame(opcode.text, "flood 200"));
    assertEquals((await heardBy(server, "stalled")).slice(-2), cutOff);
    await untilEmpty(server);
  }),
);

Deno.test(
  "many messages that are never whole: who asks for more than there is gets 1013",
  inTime(async () => {
    await using server = await start({ maxSocketMemoryBytes: mebibyte });
    using other = await RawSocket.open(server, "/echo");
    using stack = new DisposableStack();
    const many: RawSocket[] = [];
    const part = frame(opcode.binary, new Uint8Array(100_000), { fin: false });
    for (let i = 0; i < 20; i++) {
      const socket = stack.use(await RawSocket.open(server, "/echo"));
      many.push(socket);
      await socket.trySend(part);
    }
    const ends: string[] = [];
    for (const socket of many) {
      await socket.trySend(closeFrame(1000));
      ends.push(...await socket.rest());
    }
    const refused = ends.filter((it) => it === "close 1013").length;
    assertEquals(ends.length, 20);
    // Those who were there first have what fits.
    assert(refused >= 9 && refused <= 11, ends.join());
    await echoes(other);
  }),
);

Deno.test(
  "what is behind a whole message in one piece counts as well",
  inTime(async () => {
    await using server = await start({ maxSocketMemoryBytes: 100_000 });
    using socket = await RawSocket.open(server, "/echo");
    const part = frame(opcode.binary, new Uint8Array(150_000)).subarray(0, -1);
    await socket.send(joined(frame(opcode.text, "a"), part));
    assertEquals(await socket.rest(), ["text a", "close 1013"]);
  }),
);

Deno.test(
  "what partial messages held is free when their clients have left",
  inTime(async () => {
    await using server = await start({ maxSocketMemoryBytes: mebibyte });
    const part = frame(opcode.binary, new Uint8Array(400_000), { fin: false });
    for (let i = 0; i < 10; i++) {
      using socket = await RawSocket.open(server, "/echo");
      await socket.send(joined(part, frame(opcode.ping, "there")));
      assertEquals(await socket.nextTold(), "pong there");
      socket.conn.close();
      await untilEmpty(server);
    }
  }),
);

Deno.test(
  "a close frame that is never answered: the connection ends all the same",
  inTime(async () => {
    await using server = await start({ socketCloseTimeoutMs: 100 });
    using client = await RawSocket.open(server, "/echo?log=mute");
    await client.send(frame(opcode.text, "close 4000 now"));
    assertEquals(await client.nextTold(), "close 4000 now");
    assertEquals(await client.nextTold(), "end");
    assertEquals(
      (await heardBy(server, "mute")).at(-1),
      ["close", 3, 1006, "", false],
    );
  }),
);

Deno.test(
  "a client that goes on sending behind the goodbye of the server is cut off",
  inTime(async () => {
    await using server = await start({
      socketCloseTimeoutMs: 100,
      lingerMs: 500,
    });
    using client = await RawSocket.open(server, "/echo?log=talker");
    await client.send(frame(opcode.text, "close 4000 now"));
    const message = frame(opcode.text, "one more word");
    let sent = 0;
    while (await client.trySend(message)) {
      if (++sent % 100 === 0) await pause(5);
    }
    const events = await heardBy(server, "talker");
    // It was not listened to any more.
    assertEquals(events.length, 3);
    await untilEmpty(server);
  }),
);

Deno.test(
  "a flood of pings whose pongs nobody reads costs no memory without end",
  inTime(async () => {
    await using server = await start({ maxSocketBufferBytes: 2 * mebibyte });
    using other = await RawSocket.open(server, "/echo");
    using client = await RawSocket.open(server, "/echo?log=pings");
    const pings = joined(
      ...Array.from({ length: 500 }, () => frame(opcode.ping, "x".repeat(125))),
    );
    // 16 MB, of which the pongs do not fit anywhere.
    for (let i = 0; i < 250; i++) await client.send(pings);
    await echoes(other);
    // It is still served, once it reads.
    await client.send(frame(opcode.text, "still here"));
    let told = "pong";
    while (told.startsWith("pong")) told = await client.nextTold();
    assertEquals(told, "text still here");
  }),
);

Deno.test(
  "a client that sends while its handler computes is held back",
  inTime(async () => {
    await using server = await start({
      streamWindowBytes: 64 * 1024,
      handlerTimeoutMs: 1000,
    });
    using client = await RawSocket.open(server, "/echo");
    await client.send(frame(opcode.text, "loop"));
    const message = frame(opcode.binary, new Uint8Array(64 * 1024));
    let sent = 0;
    const sending = (async () => {
      while (sent < 2000 && await client.trySend(message)) sent++;
    })();
    assertEquals(await client.nextTold(), "close 1011");
    const held = sent;
    // What fits into the buffers of the system, and not 128 MB.
    assert(held < 1000, `${held}`);
    client.conn.close();
    await sending.catch(() => {});
  }),
);

Deno.test(
  "a handshake that comes slowly is given up, as any head is",
  inTime(async () => {
    await using server = await start({ headTimeoutMs: 300 });
    using client = await server.connect();
    const head = socketHead("/echo");
    await client.send(head.slice(0, 60));
    assertStringIncludes(await client.readAll(), " 408 ");
    // Slow, but in time.
    using other = await server.connect();
    for (const line of head.split(/(?<=\r\n)/)) await other.send(line);
    assertStringIncludes(await other.readUntil("\r\n\r\n"), " 101 ");
  }),
);

Deno.test(
  "a hundred sockets that come and go leave nothing behind",
  inTime(async () => {
    await using server = await start();
    const goodbyes = [
      () => closeFrame(1000),
      () => frame(3),
      () => frame(opcode.text, "throw"),
      () => frame(opcode.text, "close"),
      () => null,
    ];
    await Promise.all(Array.from({ length: 100 }, async (_, i) => {
      using socket = await RawSocket.open(server, "/echo");
      const goodbye = goodbyes[i % goodbyes.length]();
      if (goodbye === null) return;
      await socket.send(goodbye);
      await socket.rest();
    }));
    await untilEmpty(server);
    await server.skein.reload();
    await until(() => server.skein.inspect().workers.length === 1);
  }),
);
