/**
 * The `WebSocket` that an app is given: what it is, what `send` and `close` take, and its
 * listeners. Where the runtime's own has a word to say, it is asked.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  ServerSocket,
  type SocketActions,
  socketState,
} from "../../lib/websocket/server_socket.ts";

class Actions implements SocketActions {
  state: number = socketState.open;
  protocol = "chat";
  extensions = "";
  bufferedBytes = 7;
  readonly sent: unknown[] = [];
  readonly closed: unknown[] = [];

  send(data: unknown): void {
    this.sent.push(data);
  }

  close(code: number | undefined, reason: string): void {
    this.closed.push([code, reason]);
  }
}

function make(): { socket: WebSocket; actions: Actions } {
  const actions = new Actions();
  return {
    actions,
    socket: new ServerSocket(actions) as unknown as WebSocket,
  };
}

Deno.test("it is a WebSocket and an EventTarget, with their constants", () => {
  const { socket } = make();
  assert(socket instanceof WebSocket);
  assert(socket instanceof EventTarget);
  assertEquals(
    [socket.CONNECTING, socket.OPEN, socket.CLOSING, socket.CLOSED],
    [0, 1, 2, 3],
  );
  assertEquals(Object.prototype.toString.call(socket), "[object WebSocket]");
});

Deno.test("its properties are those of what is behind it", () => {
  const { socket, actions } = make();
  assertEquals(
    [socket.readyState, socket.protocol, socket.extensions, socket.url],
    [1, "chat", "", ""],
  );
  assertEquals(socket.bufferedAmount, 7);
  actions.state = socketState.closing;
  assertEquals(socket.readyState, WebSocket.CLOSING);
});

Deno.test("binaryType takes what it may be, and nothing else", () => {
  const { socket } = make();
  assertEquals(socket.binaryType, "arraybuffer");
  socket.binaryType = "blob";
  socket.binaryType = "nodebuffer" as BinaryType;
  assertEquals(socket.binaryType, "blob");
});

const bytes = new Uint8Array([0, 1, 2, 3]);

const conversions: { name: string; data: unknown; want: unknown }[] = [
  { name: "a text", data: "a", want: "a" },
  { name: "a text with half a character", data: "\ud800a", want: "\ufffda" },
  { name: "a number", data: 5, want: "5" },
  { name: "null", data: null, want: "null" },
  { name: "undefined", data: undefined, want: "undefined" },
  { name: "an object", data: {}, want: "[object Object]" },
  { name: "bytes", data: bytes, want: bytes },
  {
    name: "a part of bytes",
    data: bytes.subarray(1, 3),
    want: new Uint8Array([1, 2]),
  },
  {
    name: "a DataView",
    data: new DataView(bytes.buffer, 2),
    want: new Uint8Array([2, 3]),
  },
  {
    name: "numbers of 16 bits",
    data: new Uint16Array([258]),
    want: new Uint8Array([2, 1]),
  },
  { name: "an ArrayBuffer", data: bytes.buffer, want: bytes.buffer },
];

for (const { name, data, want } of conversions) {
  Deno.test(`send takes ${name}`, () => {
    const { socket, actions } = make();
    socket.send(data as string);
    assertEquals(actions.sent, [want]);
  });
}

Deno.test("what was sent is not changed by what the app does with its bytes", () => {
  const { socket, actions } = make();
  const own = new Uint8Array([1, 2]);
  socket.send(own);
  socket.send(own.buffer);
  own.fill(9);
  assertEquals(actions.sent, [
    new Uint8Array([1, 2]),
    new Uint8Array([1, 2]).buffer,
  ]);
});

Deno.test("send throws before it is open, and does nothing once it closes", () => {
  const { socket, actions } = make();
  actions.state = socketState.connecting;
  const error = assertThrows(() => socket.send("a"), DOMException);
  assertEquals(error.name, "InvalidStateError");
  actions.state = socketState.closing;
  socket.send("a");
  actions.state = socketState.closed;
  socket.send("a");
  assertEquals(actions.sent, []);
});

const goodbyes: {
  name: string;
  args: Parameters<WebSocket["close"]>;
  /** What is said, or the name of the error. */
  want: [number | undefined, string] | string;
}[] = [
  { name: "nothing", args: [], want: [undefined, ""] },
  { name: "a code", args: [1000], want: [1000, ""] },
  { name: "a code and a reason", args: [3000, "a"], want: [3000, "a"] },
  { name: "a reason alone", args: [undefined, "a"], want: [1000, "a"] },
  {
    name: "a reason of 123 bytes",
    args: [1000, "\u00e4".repeat(61) + "a"],
    want: [1000, "\u00e4".repeat(61) + "a"],
  },
  {
    name: "a reason of 124 bytes",
    args: [1000, "\u00e4".repeat(62)],
    want: "SyntaxError",
  },
  { name: "a code that is no whole number", args: [3000.6], want: [3001, ""] },
  {
    name: "a code that is a text",
    args: ["3000" as unknown as number],
    want: [3000, ""],
  },
  {
    name: "null for a code",
    args: [null as unknown as number],
    want: "InvalidAccessError",
  },
  {
    name: "a code that is no number",
    args: ["a" as unknown as number],
    want: "InvalidAccessError",
  },
  { name: "the code 999", args: [999], want: "InvalidAccessError" },
  { name: "the code 1005", args: [1005], want: "InvalidAccessError" },
  { name: "the code 1006", args: [1006], want: "InvalidAccessError" },
  { name: "the code 2999", args: [2999], want: "InvalidAccessError" },
  { name: "the code 5000", args: [5000], want: "InvalidAccessError" },
];

for (const { name, args, want } of goodbyes) {
  Deno.test(`close takes ${name}: ${want}`, () => {
    const { socket, actions } = make();
    if (typeof want !== "string") {
      socket.close(...args);
      assertEquals(actions.closed, [want]);
      return;
    }
    const error = assertThrows(() => socket.close(...args), DOMException);
    assertEquals(error.name, want);
    assertEquals(actions.closed, []);
  });
}

for (const type of ["open", "message", "error", "close"] as const) {
  Deno.test(`on${type} hears, in its place among listeners, and can be replaced`, () => {
    const { socket } = make();
    const heard: string[] = [];
    const name = `on${type}` as "onopen";
    assertEquals(socket[name], null);
    socket.addEventListener(type, () => heard.push("first"));
    socket[name] = () => heard.push("on");
    socket.addEventListener(type, () => heard.push("last"));
    const other = function (this: WebSocket): void {
      heard.push(this === socket ? "other" : "lost");
    };
    socket.dispatchEvent(new Event(type));
    socket[name] = other;
    assertEquals(socket[name], other);
    socket.dispatchEvent(new Event(type));
    socket[name] = null;
    assertEquals(socket[name], null);
    socket.dispatchEvent(new Event(type));
    assertEquals(heard, [
      ...["first", "on", "last"],
      ...["first", "other", "last"],
      ...["first", "last"],
    ]);
  });
}
