/**
 * What frames of a client lead to (RFC 6455 sections 5 to 8): what is sent back, and the
 * code of the close frame behind it. Each row is sent whole, byte by byte, and with a
 * message behind it.
 */

import { assertEquals } from "@std/assert";
import { appUrl } from "../support/apps.ts";
import { inTime } from "../support/in_time.ts";
import { RawSocket } from "../support/raw_socket.ts";
import {
  closeFrame,
  frame,
  joined,
  opcode,
  told,
} from "../support/socket_frames.ts";
import { startTestServer, type TestServer } from "../support/test_server.ts";

const { continuation, text, binary, close, ping, pong } = opcode;

interface Row {
  readonly name: string;
  readonly sent: readonly Uint8Array[];
  /** What comes back before the close frame. */
  readonly echoed?: readonly string[];
  /** The close frame that the row leads to; where there is none the client says
   * goodbye. */
  readonly closed?: string;
}

// Small, so that too much is soon there.
const maxSocketMessageBytes = 70_000;

const letters = (count: number) =>
  "abcdefghij".repeat(count / 10 + 1)
    .slice(0, count);

/** As a frame is told. */
const content = (payload: string) =>
  payload.length <= 130 ? payload : `${payload.length} ...${payload.slice(-8)}`;

const unfinished = { fin: false };

const lengths = [0, 1, 125, 126, 127, 65535, 65536];

const echoes: Row[] = lengths.flatMap((length) => [
  {
    name: `a text of ${length} bytes`,
    sent: [frame(text, letters(length))],
    echoed: [`text ${content(letters(length))}`.trim()],
  },
  {
    name: `${length} bytes`,
    sent: [frame(binary, letters(length))],
    echoed: [`binary ${content(letters(length))}`.trim()],
  },
]);

const smile = "\xf0\x9f\x98\x80";

const messages: Row[] = [
  {
    name: "a text in three fragments",
    sent: [
      frame(text, "a", unfinished),
      frame(continuation, "b", unfinished),
      frame(continuation, "c"),
    ],
    echoed: ["text abc"],
  },
  {
    name: "bytes in fragments of which some are empty",
    sent: [
      frame(binary, "", unfinished),
      frame(continuation, "\xff", unfinished),
      frame(continuation, "", unfinished),
      frame(continuation, ""),
    ],
    echoed: ["binary \xff"],
  },
  {
    name: "two messages",
    sent: [frame(text, "a"), frame(binary, "b")],
    echoed: ["text a", "binary b"],
  },
  {
    name: "a character that is split over fragments",
    sent: [
      frame(text, smile.slice(0, 1), unfinished),
      frame(continuation, smile.slice(1, 3), unfinished),
      frame(continuation, smile.slice(3)),
    ],
    echoed: [`text ${smile}`],
  },
  {
    name: "a text with NUL, U+FFFF and U+10FFFF",
    sent: [frame(text, "\0\xef\xbf\xbf\xf4\x8f\xbf\xbf")],
    echoed: ["text \0\xef\xbf\xbf\xf4\x8f\xbf\xbf"],
  },
  {
    name: "a text that begins with U+FEFF",
    sent: [frame(text, "\xef\xbb\xbfa")],
    echoed: ["text \xef\xbb\xbfa"],
  },
  {
    name: "a ping",
    sent: [frame(ping, "payload")],
    echoed: ["pong payload"],
  },
  { name: "an empty ping", sent: [frame(ping)], echoed: ["pong"] },
  {
    name: "a ping of 125 bytes",
    sent: [frame(ping, letters(125))],
    echoed: [`pong ${letters(125)}`],
  },
  { name: "a pong that nobody asked for", sent: [frame(pong, "payload")] },
  {
    name: "a ping between fragments",
    sent: [
      frame(text, "a", unfinished),
      frame(ping, "in between"),
      frame(pong, "too"),
      frame(continuation, "b"),
    ],
    echoed: ["pong in between", "text ab"],
  },
  {
    name: "a hundred pings",
    sent: Array.from({ length: 100 }, (_, i) => frame(ping, `${i}`)),
    echoed: Array.from({ length: 100 }, (_, i) => `pong ${i}`),
  },
  // Section 5.2 wants as few bytes as do; no implementation insists on it.
  {
    name: "a length in 2 bytes that fits into 7 bits",
    sent: [frame(text, "abc", { lengthBytes: 2 })],
    echoed: ["text abc"],
  },
  {
    name: "a length in 8 bytes that fits into 7 bits",
    sent: [frame(text, "abc", { lengthBytes: 8 })],
    echoed: ["text abc"],
  },
];

const mistakes: Record<string, Uint8Array[]> = {
  "a ping of 126 bytes": [frame(ping, letters(126))],
  "a close frame of 126 bytes": [frame(close, `\x03\xe8${letters(124)}`)],
  "a fragmented ping": [frame(ping, "a", unfinished)],
  "a fragmented close frame": [frame(close, "\x03\xe8", unfinished)],
  "a continuation of nothing": [frame(continuation, "a")],
  "a continuation of nothing that is not the last": [
    frame(continuation, "a", unfinished),
  ],
  "a continuation behind a whole message": [
    frame(ping),
    frame(pong),
    frame(continuation, "a"),
  ],
  "a text within a message": [frame(text, "a", unfinished), frame(text, "b")],
  "bytes within a message": [frame(text, "a", unfinished), frame(binary, "b")],
  "a frame without a mask": [frame(text, "a", { masked: false })],
  "a ping without a mask": [frame(ping, "a", { masked: false })],
  "a close frame without a mask": [
    frame(close, "\x03\xe8", { masked: false }),
  ],
  "reserved bit 1, where nothing is compressed": [
    frame(text, "a", { rsv: 4 }),
  ],
  "reserved bit 2": [frame(text, "a", { rsv: 2 })],
  "reserved bit 3": [frame(text, "a", { rsv: 1 })],
  "a ping with reserved bit 1": [frame(ping, "a", { rsv: 4 })],
  "a close frame with reserved bit 3": [
    frame(close, "\x03\xe8", { rsv: 1 }),
  ],
  "a close frame of one byte": [frame(close, "\x03")],
};

for (const code of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
  mistakes[`the reserved opcode ${code}`] = [frame(code, "a")];
}

for (
  const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535]
) {
  mistakes[`the close code ${code}`] = [closeFrame(code)];
}

// RFC 3629 section 3; the Autobahn test suite has them too.
const badTexts: Record<string, Uint8Array[]> = {
  "a lone continuation byte": [frame(text, "a\x80")],
  "a byte that is never in UTF-8": [frame(text, "\xfe")],
  "a character that is not whole": [frame(text, smile.slice(0, 3))],
  "a character that is longer than it need be": [frame(text, "\xc0\xaf")],
  "a surrogate": [frame(text, "\xed\xa0\x80")],
  "a character past U+10FFFF": [frame(text, "\xf4\x90\x80\x80")],
  "a text that is bad only as a whole": [
    frame(text, smile.slice(0, 2), unfinished),
    frame(continuation, "a"),
  ],
  "a text that ends within a character": [
    frame(text, smile.slice(0, 2), unfinished),
    frame(continuation, smile.slice(2, 3)),
  ],
  "a bad reason to close": [closeFrame(1000, "\xff")],
  "a reason to close that is not whole": [
    closeFrame(1000, smile.slice(0, 3)),
  ],
};

const largest = 2n ** 63n - 1n;

const tooLong: Record<string, Uint8Array[]> = {
  "a message past the limit": [frame(binary, letters(70_001))],
  "a text past the limit": [frame(text, letters(70_001))],
  "fragments that are past the limit together": [
    frame(binary, letters(40_000), unfinished),
    frame(continuation, letters(40_000)),
  ],
  "the head of a frame that is past the limit": [
    frame(binary, "a", { lengthBytes: 8, length: 70_001n }),
  ],
  "a length of 2^53": [
    frame(binary, "a", { lengthBytes: 8, length: 2n ** 53n }),
  ],
  "a length of 2^63 - 1": [
    frame(binary, "a", { lengthBytes: 8, length: largest }),
  ],
  "a length of 2^64 - 1": [
    frame(binary, "a", { lengthBytes: 8, length: 2n ** 64n - 1n }),
  ],
};

/** A row for each of those: it is refused with that code. */
function refused(
  code: number,
  sent: Readonly<Record<string, Uint8Array[]>>,
): Row[] {
  return Object.entries(sent).map(([name, sent]) => ({
    name,
    sent,
    closed: `close ${code}`,
    // What is whole before it has its answer.
    echoed: name === "a continuation behind a whole message" ? ["pong"] : [],
  }));
}

const goodbyes: Row[] = [
  {
    name: "a close frame without a code",
    sent: [frame(close)],
    closed: "close",
  },
  ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014]
    .concat(3000, 3999, 4000, 4999)
    .map((code) => ({
      name: `the close code ${code}`,
      sent: [closeFrame(code, "a reason")],
      closed: `close ${code} a reason`,
    })),
  {
    name: "a close frame within a message",
    sent: [frame(text, "a", unfinished), closeFrame(1000)],
    closed: "close 1000",
  },
  {
    name: "a close frame with a reason of 123 bytes",
    sent: [closeFrame(1000, letters(123))],
    closed: `close 1000 ${letters(123)}`,
  },
  {
    name: "a message and a close frame",
    sent: [frame(text, "a"), closeFrame(1000)],
    echoed: ["text a"],
    closed: "close 1000",
  },
];

const tables: Record<string, readonly Row[]> = {
  "messages of many lengths": echoes,
  "other messages, pings and pongs": messages,
  "what breaks the protocol": refused(1002, mistakes),
  "what is not UTF-8": refused(1007, badTexts),
  "what is too long": refused(1009, tooLong),
  "goodbyes": goodbyes,
  "too many fragments": [{
    name: "a message of many thousand fragments",
    sent: [
      frame(text, "", unfinished),
      ...Array.from(
        { length: 5000 },
        () => frame(continuation, "", unfinished),
      ),
    ],
    closed: "close 1008",
  }],
};

function start(): Promise<TestServer> {
  return startTestServer({
    app: appUrl("sockets").href,
    workers: 1,
    limits: { maxSocketMessageBytes },
  });
}

/** All that comes back of what is sent so. */
async function answers(
  server: TestServer,
  send: (client: RawSocket) => Promise<void>,
): Promise<string[]> {
  using client = await RawSocket.open(server, "/echo");
  // The server may have closed in the middle of it.
  const sending = send(client).catch(() => {});
  const all: string[] = [];
  for (let next; (next = await client.next()) !== null;) all.push(told(next));
  await sending;
  return all;
}

/** Long ones only where they begin and where they end. */
async function byteByByte(client: RawSocket, bytes: Uint8Array): Promise<void> {
  const edge = 300;
  const end = Math.max(edge, bytes.length - edge);
  for (let at = 0; at < bytes.length;) {
    const to = at >= edge && at < end ? end : at + 1;
    await client.send(bytes.subarray(at, to));
    at = to;
  }
}

/** A row, in each way. */
async function check(server: TestServer, row: Row): Promise<void> {
  const { sent, echoed = [], closed } = row;
  const bytes = joined(...sent);
  const goodbye = closeFrame(1000);
  const whole = closed === undefined ? joined(bytes, goodbye) : bytes;
  const want = [...echoed, closed ?? "close 1000"];
  assertEquals(
    await answers(server, (client) => client.send(whole)),
    want,
    "whole",
  );
  assertEquals(
    await answers(server, (client) => byteByByte(client, whole)),
    want,
    "byte by byte",
  );
  const behind = joined(bytes, frame(text, "behind"), goodbye);
  assertEquals(
    await answers(server, (client) => client.send(behind)),
    closed === undefined ? [...echoed, "text behind", "close 1000"] : want,
    "with a message behind it",
  );
  assertEquals(server.log, []);
}

// A server for each row would take half a minute.
for (const [table, rows] of Object.entries(tables)) {
  Deno.test(
    `a socket is sent ${table}`,
    inTime(async (t) => {
      await using server = await start();
      for (const row of rows) {
        const verdict = row.closed ?? "is sent back";
        await t.step(`${row.name}: ${verdict}`, () => check(server, row));
      }
    }, 60_000),
  );
}
