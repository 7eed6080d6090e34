/**
 * WebSockets of an app: the handshake, what both sides hear, and that it is what they
 * hear where the same module runs under `Deno.serve`. What frames lead to is in
 * websocket_frames_test.ts, how sockets end in websocket_ends_test.ts.
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import type { RequestEvent } from "../../lib/http/exchange.ts";
import app from "../apps/sockets.ts";
import { appUrl } from "../support/apps.ts";
import { ask } from "../support/clients.ts";
import { inTime, until } from "../support/in_time.ts";
import { RawSocket, sampleKey, socketHead } from "../support/raw_socket.ts";
import { closeFrame, frame, joined, opcode } from "../support/socket_frames.ts";
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
  return startTestServer({ app: sockets, workers: 1, ...options });
}

/** What a client of the runtime hears. */
class Client {
  readonly socket: WebSocket;
  readonly events: unknown[] = [];
  readonly closed = Promise.withResolvers<void>();

  constructor(port: number, path: string, protocols?: string[]) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols);
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () =>
      this.events.push(["open", this.socket.protocol, this.socket.extensions]);
    this.socket.onmessage = ({ data }) =>
      this.events.push([
        "message",
        typeof data === "string" ? data : [...new Uint8Array(data)],
      ]);
    this.socket.onerror = () => this.events.push(["error"]);
    this.socket.onclose = ({ code, reason, wasClean }) => {
      this.events.push(["close", code, reason, wasClean]);
      this.closed.resolve();
    };
  }

  /** Resolves when so many events have come. */
  async heard(count: number): Promise<void> {
    await until(() => this.events.length >= count);
  }
}

interface EventRow {
  readonly name: string;
  readonly path?: string;
  readonly protocols?: string[];
  readonly drive: (client: Client) => Promise<void>;
  /** The last that the client hears, and the server. */
  readonly ends: readonly [unknown[], unknown[]];
}

const eventRows: EventRow[] = [
  {
    name: "a text, and a goodbye of the client",
    drive: async (client) => {
      await client.heard(1);
      client.socket.send("gr\u00fcezi");
      await client.heard(2);
      client.socket.close(3000, "that is all");
    },
    ends: [
      ["close", 3000, "that is all", true],
      ["close", 3, 3000, "that is all", true],
    ],
  },
  {
    name: "bytes, and a goodbye without a code",
    drive: async (client) => {
      await client.heard(1);
      client.socket.send(new Uint8Array([1, 0, 255]));
      await client.heard(2);
      client.socket.close();
    },
    ends: [["close", 1005, "", true], ["close", 3, 1005, "", true]],
  },
  {
    name: "bytes that are wanted as Blobs",
    path: "/echo?blob",
    drive: async (client) => {
      await client.heard(1);
      client.socket.send(new Uint8Array([1, 0, 255]));
      await client.heard(2);
      client.socket.close(1000);
    },
    ends: [["close", 1000, "", true], ["close", 3, 1000, "", true]],
  },
  {
    name: "a message that is sent at once",
    path: "/greeting",
    drive: async (client) => {
      await client.heard(2);
      client.socket.close(1000);
    },
    ends: [["close", 1000, "", true], ["close", 3, 1000, "", true]],
  },
  {
    name: "a goodbye of the server",
    drive: async (client) => {
      await client.heard(1);
      client.socket.send("close 4000 enough");
    },
    ends: [
      ["close", 4000, "enough", true],
      ["close", 3, 4000, "enough", true],
    ],
  },
  {
    name: "a goodbye of the server without a code",
    drive: async (client) => {
      await client.heard(1);
      client.socket.send("close");
    },
    ends: [["close", 1005, "", true], ["close", 3, 1005, "", true]],
  },
  {
    name: "a protocol that both want",
    path: "/echo?protocol=chat",
    protocols: ["other", "chat"],
    drive: async (client) => {
      await client.heard(1);
      client.socket.close(1000);
    },
    ends: [["close", 1000, "", true], ["close", 3, 1000, "", true]],
  },
  {
    name: "Blobs and others in their order",
    drive: async (client) => {
      await client.heard(1);
      client.socket.send("blobs");
      await client.heard(5);
      client.socket.close(1000);
    },
    ends: [["close", 1000, "", true], ["close", 3, 1000, "", true]],
  },
];

/** What a socket of the app has heard until its end. */
async function heardBy(
  { port }: { readonly port: number },
  name: string,
): Promise<unknown[][]> {
  const connect = async () =>
    new RawClient(await Deno.connect({ hostname: "127.0.0.1", port }));
  let events: unknown[][] = [];
  await until(async () => {
    const { body } = await ask({ connect }, `/log?log=${name}`);
    events = JSON.parse(/[[].*[\]]/.exec(body)?.[0] ?? "[]");
    return events.at(-1)?.[0] === "close";
  });
  return events;
}

/** Both sides of a row. */
async function hear(port: number, row: EventRow): Promise<unknown[][]> {
  const { path = "/echo", protocols, drive } = row;
  const mark = path.includes("?") ? "&" : "?";
  const client = new Client(port, `${path}${mark}log=row`, protocols);
  await drive(client);
  await client.closed.promise;
  return [client.events, await heardBy({ port }, "row")];
}

function withProtocol(event: unknown, { path }: EventRow): unknown {
  const protocol = /protocol=([a-z]+)/.exec(path ?? "")?.[1] ?? "";
  const [name, state, _, ...rest] = event as unknown[];
  return name === "open" ? [name, state, protocol, ...rest] : event;
}

for (const row of eventRows) {
  Deno.test(
    `both sides hear the same as under Deno.serve: ${row.name}`,
    inTime(async () => {
      await using server = await start();
      await using served = Deno.serve(
        { port: 0, hostname: "127.0.0.1", onListen() {} },
        (request) => app.fetch(request),
      );
      const got = await hear(server.port, row);
      assertEquals(got.map((events) => events.at(-1)), [...row.ends]);
      const want = await hear(served.addr.port, row);
      // There the app is not told which protocol it has chosen.
      want[1] = want[1].map((event) => withProtocol(event, row));
      assertEquals(got, want);
      await untilEmpty(server);
      assertEquals(server.log, []);
    }),
  );
}

interface HandshakeRow {
  readonly name: string;
  readonly lines: readonly string[];
  readonly status: number;
}

const good = {
  upgrade: "Upgrade: websocket",
  connection: "Connection: Upgrade",
  version: "Sec-WebSocket-Version: 13",
  key: `Sec-WebSocket-Key: ${sampleKey}`,
};

/** A handshake but for that. */
function handshake(
  other: Partial<Record<keyof typeof good, string | null>>,
  first = "GET /echo HTTP/1.1",
): string[] {
  const fields = { ...good, ...other };
  return [
    first,
    "Host: localhost",
    ...Object.values(fields).filter((line) => line !== null),
  ];
}

const handshakes: HandshakeRow[] = [
  { name: "one that is right", lines: handshake({}), status: 101 },
  {
    name: "names in any case, among others",
    lines: handshake({
      upgrade: "UPGRADE: h2c, WebSocket",
      connection: "connection: keep-alive, upgrade",
    }),
    status: 101,
  },
  {
    name: "a path and a query",
    lines: handshake({}, "GET /a%20b/c?d=%26 HTTP/1.1"),
    status: 101,
  },
  { name: "no key", lines: handshake({ key: null }), status: 500 },
  {
    name: "a key that is too short",
    lines: handshake({ key: "Sec-WebSocket-Key: AAAA" }),
    status: 500,
  },
  { name: "no version", lines: handshake({ version: null }), status: 500 },
  {
    name: "another version",
    lines: handshake({ version: "Sec-WebSocket-Version: 8" }),
    status: 500,
  },
  {
    name: "no Connection",
    lines: handshake({ connection: null }),
    status: 500,
  },
  {
    name: "another protocol",
    lines: handshake({ upgrade: "Upgrade: h2c" }),
    status: 500,
  },
  {
    name: "no Upgrade, which is a plain request",
    lines: handshake({ upgrade: null }),
    status: 200,
  },
  {
    name: "HTTP/1.0",
    lines: handshake({}, "GET /echo HTTP/1.0"),
    status: 500,
  },
  { name: "POST", lines: handshake({}, "POST /echo HTTP/1.1"), status: 500 },
  {
    name: "a protocol that the client does not know",
    lines: handshake({}, "GET /echo?protocol=chat HTTP/1.1"),
    status: 500,
  },
];

Deno.test(
  "handshakes are agreed to or refused",
  inTime(async (t) => {
    await using server = await start();
    for (const { name, lines, status } of handshakes) {
      await t.step(`with ${name}: ${status}`, async () => {
        server.log.length = 0;
        using client = await server.connect();
        await client.send([...lines, "", ""].join("\r\n"));
        const head = await client.readUntil("\r\n\r\n");
        assertMatch(head, new RegExp(`^HTTP/1\\.1 ${status} `));
        if (status === 101) assertAgreed(head, server);
      });
    }
  }),
);

function assertAgreed(head: string, { log }: TestServer): void {
  // RFC 6455 section 1.3.
  assertMatch(
    head,
    /\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/i,
  );
  assertMatch(head, /\r\nUpgrade: websocket\r\n/i);
  assertMatch(head, /\r\nConnection: Upgrade\r\n/i);
  assert(!/\r\n(content-length|transfer-encoding|keep-alive):/i.test(head));
  assertEquals(log, []);
}

Deno.test(
  "a client that was refused a socket may ask on over its connection",
  inTime(async () => {
    await using server = await start();
    using client = await server.connect();
    await client.send([...handshake({ key: null }), "", ""].join("\r\n"));
    assertMatch((await client.readResponse()).head, /^HTTP\/1\.1 500 /);
    assertEquals((await client.get("/echo?word")).body, "word");
    await server.logged("sec-websocket-key");
  }),
);

const misuses = [
  { path: "/something-else", status: 200, log: null },
  { path: "/throwing", status: 500, log: "thrown after the upgrade" },
  { path: "/twice", status: 500, log: "upgraded already" },
  { path: "/never", status: 504, log: null },
];

for (const { path, status, log } of misuses) {
  Deno.test(
    `an app that upgrades and then does otherwise: ${path} is answered ${status}`,
    inTime(async () => {
      await using server = await start({
        limits: { handlerTimeoutMs: 1000, sweepMs: 20 },
      });
      using client = await server.connect();
      await client.send(socketHead(path));
      const { head } = await client.readResponse();
      assertMatch(head, new RegExp(`^HTTP/1\\.1 ${status} `));
      if (log !== null) await server.logged(log);
      // Nobody else is hurt.
      using other = await RawSocket.open(server, "/echo");
      await other.send(frame(opcode.text, "after"));
      assertEquals(await other.nextTold(), "text after");
    }),
  );
}

Deno.test(
  "what a client sends right behind its head is received",
  inTime(async () => {
    await using server = await start();
    for (const path of ["/echo", "/late"]) {
      using client = new RawSocket(
        await Deno.connect({ hostname: "127.0.0.1", port: server.port }),
      );
      await client.send(joined(
        new TextEncoder().encode(socketHead(path)),
        frame(opcode.text, "first"),
        frame(opcode.text, "second").subarray(0, 3),
      ));
      assertStringIncludes(await client.readHead(), " 101 ");
      assertEquals(await client.nextTold(), "text first", path);
      await client.send(frame(opcode.text, "second").subarray(3));
      assertEquals(await client.nextTold(), "text second", path);
      await client.send(closeFrame(1000));
      assertEquals(await client.rest(), ["close 1000"]);
    }
  }),
);

Deno.test(
  "a socket that the app closes before it is open",
  inTime(async () => {
    await using server = await start();
    using client = await RawSocket.open(server, "/closing");
    assertEquals(await client.rest(), ["close 3001 at once"]);
  }),
);

Deno.test(
  "bufferedAmount counts what the client has not taken",
  inTime(async () => {
    await using server = await start();
    using client = await RawSocket.open(server, "/echo");
    await client.send(frame(opcode.text, "buffered"));
    assertMatch(await client.nextTold(), /^text 1000 /);
    assertEquals(await client.nextTold(), "text 0 true");
  }),
);

Deno.test(
  "messages of megabytes come through both ways as they are",
  inTime(async () => {
    await using server = await start();
    const sent = new Uint8Array(6 * 1024 * 1024);
    for (let at = 0; at < sent.length; at += 65536) {
      crypto.getRandomValues(sent.subarray(at, at + 65536));
    }
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/echo`);
    socket.binaryType = "arraybuffer";
    await new Promise((resolve) => socket.onopen = resolve);
    const got = new Promise<ArrayBuffer>((resolve) =>
      socket.onmessage = ({ data }) => resolve(data)
    );
    socket.send(sent);
    assert(equal(new Uint8Array(await got), sent));
    const text = new Promise<string>((resolve) =>
      socket.onmessage = ({ data }) => resolve(data)
    );
    const long = "\u{1F600}\u00fc".repeat(500_000);
    socket.send(long);
    assert(await text === long);
    const closed = new Promise((resolve) => socket.onclose = resolve);
    socket.close();
    await closed;
    await untilEmpty(server);
  }),
);

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

Deno.test(
  "a client that is silent gets a ping, and 1001 where it does not answer",
  inTime(async () => {
    await using server = await start();
    using silent = await RawSocket.open(server, "/echo?idle=1&log=silent");
    assertEquals(await silent.nextTold(), "ping");
    assertEquals(
      await silent.nextTold(),
      "close 1001 No response from ping frame.",
    );
    assertEquals(await silent.nextTold(), "end");
    silent.conn.close();
    assertEquals((await heardBy(server, "silent")).slice(1), [
      ["error", 3, "string"],
      ["close", 3, 1001, "No response from ping frame.", false],
    ]);
    await untilEmpty(server);
  }),
);

Deno.test(
  "a client that answers pings stays",
  inTime(async () => {
    await using server = await start();
    using client = await RawSocket.open(server, "/echo?idle=1");
    for (let i = 0; i < 3; i++) {
      assertEquals(await client.nextTold(), "ping");
      await client.send(frame(opcode.pong));
    }
    await client.send(frame(opcode.text, "still here"));
    assertEquals(await client.nextTold(), "text still here");
  }),
);

Deno.test(
  "a socket is one event for the access log, at its end: status 101 and its bytes",
  inTime(async () => {
    const events: RequestEvent[] = [];
    await using server = await start({
      onRequest: (event) => events.push(event),
    });
    using client = await RawSocket.open(server, "/echo");
    await client.send(frame(opcode.text, "a".repeat(1000)));
    await client.next();
    assertEquals(events, []);
    await client.send(closeFrame(1000));
    assertEquals(await client.rest(), ["close 1000"]);
    client.conn.close();
    await until(() => events.length === 1);
    const [{ status, bytesSent, headBytes, complete, head }] = events;
    assertEquals([status, complete, head?.target], [101, true, "/echo"]);
    // A head of 4 bytes each for the message, of 2 for the close frame.
    assertEquals(bytesSent - headBytes, 4 + 1000 + 2 + 2);
  }),
);

Deno.test(
  "messages are not compressed unless that is wanted",
  inTime(async () => {
    await using server = await start();
    using client = await server.connect();
    const offer = "Sec-WebSocket-Extensions: permessage-deflate";
    await client.send(socketHead("/echo", offer));
    const head = await client.readUntil("\r\n\r\n");
    assert(!/extensions/i.test(head), head);
  }),
);

/** As a client of permessage-deflate sends it. */
async function deflated(content: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const { deflateRawSync, constants } = await import("node:zlib");
  const bytes = deflateRawSync(content, {
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  // RFC 7692 section 7.2.1: without the four bytes at its end.
  return new Uint8Array(bytes.subarray(0, -4));
}

Deno.test(
  "messages are compressed where that is wanted and the client can",
  inTime(async () => {
    await using server = await start({ compressSockets: true });
    using client = await RawSocket.open(
      server,
      "/echo?log=deflate",
      "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
    );
    const content = new TextEncoder().encode("squeeze ".repeat(1000));
    const sent = frame(opcode.text, await deflated(content), { rsv: 4 });
    for (let i = 0; i < 2; i++) {
      await client.send(sent);
      const { rsv, payload } = (await client.next())!;
      assertEquals(rsv, 4);
      assert(payload.length < 100, `${payload.length}`);
      assertEquals(await inflated(payload), content.length);
    }
    // What is not compressed is understood as well.
    await client.send(frame(opcode.text, "a"));
    assertEquals(await client.nextTold(), "text a");
    await client.send(closeFrame(1000));
    assertEquals(await client.rest(), ["close 1000"]);
    const [[, , , extensions]] = await heardBy(server, "deflate");
    assertMatch(String(extensions), /^permessage-deflate/);
  }),
);

async function inflated(payload: Uint8Array): Promise<number> {
  const { inflateRawSync, constants } = await import("node:zlib");
  const tail = new Uint8Array([0, 0, 0xff, 0xff]);
  return inflateRawSync(joined(payload, tail), {
    finishFlush: constants.Z_SYNC_FLUSH,
  }).length;
}

Deno.test(
  "what is still being compressed, or read of a Blob, comes before the last goodbye",
  inTime(async () => {
    await using server = await start({ compressSockets: true });
    const offer = "Sec-WebSocket-Extensions: permessage-deflate";
    using one = await RawSocket.open(server, "/echo", offer);
    // It is not compressible, so that it is large enough to take a while.
    const content = crypto.getRandomValues(new Uint8Array(50_000));
    await one.send(joined(frame(opcode.binary, content), closeFrame(1000)));
    assertEquals(await inflated((await one.next())!.payload), content.length);
    assertEquals(await one.rest(), ["close 1000"]);
    using other = await RawSocket.open(server, "/echo");
    const blobs = frame(opcode.text, "blobs");
    await other.send(joined(blobs, closeFrame(1000, "a")));
    assertEquals(await other.rest(), [
      ...["binary first", "text second", "binary third", "binary 4"],
      "close 1000 a",
    ]);
    using both = await RawSocket.open(server, "/echo");
    const goodbye = frame(opcode.text, "close 4000");
    await both.send(joined(blobs, goodbye, closeFrame(1000)));
    assertEquals((await both.rest()).at(-1), "close 4000");
  }),
);

Deno.test(
  "a client that errs while messages to it are being compressed: close 1002",
  inTime(async () => {
    await using server = await start({ compressSockets: true });
    const offer = "Sec-WebSocket-Extensions: permessage-deflate";
    using client = await RawSocket.open(server, "/echo", offer);
    const content = crypto.getRandomValues(new Uint8Array(50_000));
    await client.send(joined(frame(opcode.binary, content), frame(3)));
    assertEquals(await client.rest(), ["close 1002"]);
    // Others whose clients vanish at that time leave nothing behind.
    for (let i = 0; i < 5; i++) {
      using other = await RawSocket.open(server, "/echo", offer);
      await other.send(frame(opcode.binary, content));
    }
    client.conn.close();
    await untilEmpty(server);
    await server.skein.reload();
    await until(() => server.skein.inspect().workers.length === 1);
    assertEquals(server.log, []);
  }),
);

Deno.test(
  "a small message that becomes a large one: close 1009, and others go on",
  inTime(async () => {
    await using server = await start({
      compressSockets: true,
      limits: { maxSocketMessageBytes: 100_000 },
    });
    const offer = "Sec-WebSocket-Extensions: permessage-deflate";
    using other = await RawSocket.open(server, "/echo", offer);
    using client = await RawSocket.open(server, "/echo", offer);
    const bomb = await deflated(new Uint8Array(50_000_000));
    assert(bomb.length < 100_000);
    await client.send(frame(opcode.binary, bomb, { rsv: 4 }));
    assertEquals(await client.rest(), ["close 1009"]);
    await other.send(frame(opcode.text, "a"));
    assertEquals(await other.nextTold(), "text a");
  }),
);

const badDeflate = [
  { name: "is no deflate", payload: "\xff\xff\xff\xff", rsv: 4, code: 1002 },
  { name: "sets reserved bit 2", payload: "a", rsv: 2, code: 1002 },
];

Deno.test(
  "compressed messages that are wrong end their sockets",
  inTime(async (t) => {
    await using server = await start({ compressSockets: true });
    for (const { name, payload, rsv, code } of badDeflate) {
      await t.step(`one that ${name}: close ${code}`, async () => {
        using client = await RawSocket.open(
          server,
          "/echo",
          "Sec-WebSocket-Extensions: permessage-deflate",
        );
        await client.send(frame(opcode.text, payload, { rsv }));
        assertEquals(await client.rest(), [`close ${code}`]);
      });
    }
  }),
);

const offers = [
  { name: "of another extension", offer: "x-other", agreed: null },
  { name: "that nobody can read", offer: ";;;=", agreed: null },
  {
    name: "with a parameter that is unknown",
    offer: "permessage-deflate; x=1",
    agreed: null,
  },
  {
    // It may be declined as a whole (RFC 7692 section 5.1).
    name: "of two, the first of which is wrong",
    offer: "permessage-deflate; x, permessage-deflate",
    agreed: null,
  },
  {
    name: "with a window of the server's",
    offer: "permessage-deflate; server_max_window_bits=10",
    agreed: /server_max_window_bits=10/,
  },
];

Deno.test(
  "offers of compression are agreed to or refused",
  inTime(async (t) => {
    await using server = await start({ compressSockets: true });
    for (const { name, offer, agreed } of offers) {
      const end = agreed === null ? "refused" : "agreed to";
      await t.step(`one ${name}: ${end}`, async () => {
        using client = await server.connect();
        await client.send(
          socketHead("/echo", `Sec-WebSocket-Extensions: ${offer}`),
        );
        const head = await client.readUntil("\r\n\r\n");
        assertStringIncludes(head, " 101 ");
        const line = /^sec-websocket-extensions: (.*)\r$/im.exec(head)?.[1];
        if (agreed === null) assertEquals(line, undefined);
        else assertMatch(line ?? "", agreed);
      });
    }
  }),
);

Deno.test(
  "a half-close of the client: the socket ends, its handler hears of it",
  inTime(async () => {
    await using server = await start();
    using client = await RawSocket.open(server, "/echo?log=half");
    await client.send(frame(opcode.text, "a"));
    assertEquals(await client.nextTold(), "text a");
    await client.conn.closeWrite();
    assertEquals(await client.rest(), []);
    assertEquals((await heardBy(server, "half")).slice(2), [
      ["error", 3, "string"],
      ["close", 3, 1006, "", false],
    ]);
  }),
);

Deno.test(
  "plain requests and sockets of one app come along together",
  inTime(async () => {
    await using server = await start({ workers: 2 });
    using client = new RawClient(
      await Deno.connect({ hostname: "127.0.0.1", port: server.port }),
    );
    // The same connection: first a request, then a socket.
    assertEquals((await client.get("/echo?before")).body, "before");
    await client.send(socketHead("/echo"));
    assertStringIncludes(await client.readUntil("\r\n\r\n"), " 101 ");
    await client.conn.write(frame(opcode.text, "a"));
    assertEquals(await client.readBytes(3), "\x81\x01a");
    assertEquals((await ask(server, "/echo?beside")).body, "beside");
  }),
);
