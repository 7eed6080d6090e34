/**
 * Handshakes that fail, stall or never come: what becomes of such a client, while others
 * are served.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { connect, type Socket } from "node:net";
import { ask } from "../support/clients.ts";
import { inTime, until } from "../support/in_time.ts";
import { openFilesAreKnown } from "../support/open_files.ts";
import {
  type RawClient,
  startTestServer,
  type TestServer,
} from "../support/test_server.ts";
import { connectTls, pairOf, secured, TlsClient } from "../support/tls.ts";
import { get, head, textOf } from "../support/wire.ts";

function startTlsServer(limits: Parameters<typeof startTestServer>[0] = {}) {
  return startTestServer({
    workers: 1,
    tls: { pairs: [pairOf("localhost")] },
    ...limits,
  });
}

/** Asserts that somebody else is served. */
async function assertServes(server: TestServer): Promise<void> {
  assertEquals((await ask(secured(server), "/")).status, 200);
}

/** The bytes with which a client begins. */
async function clientHello(): Promise<string> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const failing = TlsClient.connect({ port: listener.addr.port })
    .catch(() => {});
  const conn = await listener.accept();
  const buffer = new Uint8Array(16 * 1024);
  const count = await conn.read(buffer);
  conn.close();
  await failing;
  return textOf(buffer.subarray(0, count ?? 0));
}

/** RFC 8446 section 6: a fatal one, of whatever version. */
function isAlert(text: string): boolean {
  return text.length === 7 && text.startsWith("\x15\x03") &&
    text.slice(3, 6) === "\x00\x02\x02";
}

const plainText = "This port expects HTTPS, not plain HTTP.";

const plainRows: readonly [name: string, wire: string][] = [
  ["a request", get("/")],
  ["the beginning of one", "G"],
  ["one that is no HTTP/1.1", "GET /\r\n"],
  [
    "a body too",
    head("POST / HTTP/1.1", "Host: a", "Content-Length: 3") + "abc",
  ],
  [
    "more than a socket holds",
    head("POST / HTTP/1.1", "Host: a", "Content-Length: 900000") +
    "a".repeat(900_000),
  ],
];

for (const [name, wire] of plainRows) {
  Deno.test(
    `plain HTTP on the port of TLS, ${name}: a sentence says so, and the connection is over`,
    inTime(async () => {
      await using server = await startTlsServer({
        limits: { handshakeTimeoutMs: 1_000_000 },
      });
      using client = await server.connect();
      await client.send(wire);
      const text = await client.readAll();
      assertMatch(text, /^HTTP\/1\.1 400 Bad Request\r\n/);
      assert(text.endsWith(`\r\n\r\n${plainText}`));
      assertMatch(text, new RegExp(`Content-Length: ${plainText.length}\r\n`));
      client.conn.close();
      await assertNoneLeft(server);
    }),
  );
}

/** Asserts that the server lets go of all sockets of clients that have left. */
async function assertNoneLeft({ port }: TestServer): Promise<void> {
  if (!openFilesAreKnown) return;
  await until(() => serverSockets(port) === 0);
}

/** How many connections to that port the system knows that this process has not closed:
 * a line has the addresses of both ends, and a state; 0A is a listener, 06 is over. */
function serverSockets(port: number): number {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return Deno.readTextFileSync("/proc/net/tcp").split("\n").filter((line) => {
    const [, local = "", , state = ""] = line.trim().split(/\s+/);
    return local.endsWith(`:${hex}`) && state !== "0A" && state !== "06";
  }).length;
}

const refusedAtOnce: readonly [name: string, wire: string][] = [
  ["no record", "\x00\x01\x02"],
  ["SSL 2", "\x80\x2e\x01\x00\x02"],
  ["small letters", "get / http/1.1\r\n\r\n"],
  ["a record of another version", "\x16\x09\x09\x00\x05hello"],
  ["a record without a ClientHello", "\x16\x03\x01\x00\x05hello"],
  ["a record that is too long", `\x16\x03\x01\xff\xff${"a".repeat(70_000)}`],
  ["a ServerHello", "\x16\x03\x03\x00\x04\x02\x00\x00\x00"],
  ["an alert in the place of a key", "\x15\x03\x03\x00\x02\x02\x28"],
];

for (const [name, wire] of refusedAtOnce) {
  Deno.test(
    `${name} ends a connection at once, while another client is served`,
    inTime(async () => {
      await using server = await startTlsServer({
        limits: { handshakeTimeoutMs: 1_000_000 },
      });
      using client = await server.connect();
      await client.send(wire);
      const text = await client.readAll();
      assert(text === "" || isAlert(text));
      await assertServes(server);
      client.conn.close();
      await assertNoneLeft(server);
      assertEquals(server.log, []);
    }),
  );
}

const stalling: readonly [name: string, wire: () => Promise<string>][] = [
  ["nothing", () => Promise.resolve("")],
  ["one byte", () => Promise.resolve("\x16")],
  ["half a ClientHello", async () => {
    const hello = await clientHello();
    return hello.slice(0, hello.length / 2);
  }],
  ["a ClientHello, and no more", clientHello],
];

for (const [name, wire] of stalling) {
  Deno.test(
    `${name} ends a connection at the deadline, while another client is served`,
    inTime(async () => {
      await using server = await startTlsServer({
        limits: { handshakeTimeoutMs: 300, sweepMs: 20 },
      });
      using client = await server.connect();
      await client.send(await wire());
      await assertServes(server);
      await client.readAll();
      await assertServes(server);
      client.conn.close();
      await assertNoneLeft(server);
      assertEquals(server.log, []);
    }),
  );
}

Deno.test(
  "a ClientHello that comes byte by byte is one",
  inTime(async () => {
    await using server = await startTlsServer();
    using client = await server.connect();
    client.conn.setNoDelay(true);
    for (const byte of await clientHello()) await client.send(byte);
    // A ServerHello in its record.
    assertEquals(await client.readBytes(3), "\x16\x03\x03");
  }),
);

Deno.test(
  "where too many do not go on with their handshakes, those that came first make room",
  inTime(async () => {
    await using server = await startTlsServer({
      limits: { maxHandshakes: 3, handshakeTimeoutMs: 1_000_000 },
    });
    const silent: RawClient[] = [];
    using clients = new DisposableStack();
    for (let i = 0; i < 7; i++) {
      silent.push(clients.use(await server.connect()));
    }
    await assertServes(server);
    // Of 8 there was room for 3, the last of them among these.
    for (const client of silent.slice(0, 5)) {
      assertEquals(await client.readAll(), "");
    }
    // Who was served is not counted any more.
    using first = await connectTls(server);
    await first.get("/");
    using second = await connectTls(server);
    await second.get("/");
    for (let i = 0; i < 5; i++) clients.use(await server.connect());
    await assertServes(server);
    for (const client of [first, second]) {
      assertMatch((await client.get("/")).head, /^HTTP\/1\.1 200 /);
    }
    for (const client of silent.slice(5)) {
      assertEquals(await client.readAll(), "");
    }
  }),
);

/** A client of the other kind, which can reset its connection. */
async function open(port: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

Deno.test(
  "clients that reset before, during and after their handshake leave nothing behind",
  inTime(async () => {
    await using server = await startTlsServer({
      limits: { handshakeTimeoutMs: 1_000_000 },
    });
    const hello = await clientHello();
    for (const wire of ["", hello.slice(0, 50), hello]) {
      for (let i = 0; i < 10; i++) {
        const socket = await open(server.port);
        if (wire !== "") {
          await new Promise((resolve) =>
            socket.write(wire, "latin1", () => resolve(null))
          );
        }
        if (wire === hello && i % 2 === 0) {
          await new Promise((resolve) => socket.once("data", resolve));
        }
        socket.resetAndDestroy();
      }
    }
    for (let i = 0; i < 10; i++) {
      using client = await TlsClient.connect(server);
      client.socket.write(get("/"));
    }
    await assertServes(server);
    await until(() => server.skein.server.connections === 0);
    await assertNoneLeft(server);
    assertEquals(server.log, []);
  }),
);

for (const version of ["TLSv1.1", "TLSv1"] as const) {
  Deno.test(
    `${version} is refused with an alert`,
    inTime(async () => {
      await using server = await startTlsServer();
      // Clients of today do not speak it: a ClientHello of that version, and no list.
      const hello = oldHello(version === "TLSv1" ? "\x01" : "\x02");
      using client = await server.connect();
      await client.send(hello);
      assert(isAlert(await client.readAll()));
      await assertServes(server);
    }),
  );
}

function oldHello(minor: string): string {
  const body = `\x03${minor}${"r".repeat(32)}\x00` +
    "\x00\x04\xc0\x13\xc0\x14" + "\x01\x00";
  const message = `\x01\x00\x00${String.fromCharCode(body.length)}${body}`;
  return `\x16\x03\x01\x00${String.fromCharCode(message.length)}${message}`;
}
