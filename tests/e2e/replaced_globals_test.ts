/**
 * Apps that replace globals, as zone.js, bluebird, polyfills and test libraries do: the
 * server uses those that it took before the app was loaded.
 */

import { assertEquals } from "@std/assert";
import { appUrl } from "../support/apps.ts";
import { inTime } from "../support/in_time.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { closeFrame, frame, opcode } from "../support/socket_frames.ts";
import { startTestServer, type TestServer } from "../support/test_server.ts";

const replaced = [
  ...["Promise", "URL", "URLSearchParams", "Headers", "Request", "Response"],
  ...["AbortController", "DOMException", "Atomics", "performance", "Date"],
  ...["queueMicrotask", "setTimeout", "clearTimeout", "setInterval"],
  ...["ReadableStream", "TextEncoder", "TextDecoder", "structuredClone"],
  ...["Event", "EventTarget", "MessageChannel", "Blob", "fetch"],
];

const asked: { path: string; init?: RequestInit; want: string }[] = [
  { path: "/now", want: "now" },
  // A dot segment: the URL is parsed whole.
  { path: "/a/%2e%2e/now?é", want: "now" },
  { path: "/later", want: "later" },
  { path: "/thenable", want: "thenable" },
  { path: "/stream", want: "123" },
  {
    path: "/echo",
    init: { method: "POST", body: "body", headers: { "x-name": "value" } },
    want: "value body",
  },
  {
    path: "/clone",
    init: { method: "POST", body: "cloned" },
    want: "cloned",
  },
  // What fetch returns nothing for is looked for among the files.
  { path: "/style.css", want: "" },
];

/** What the sockets of apps use besides. */
const ofSockets = [
  "MessageEvent",
  "CloseEvent",
  "ErrorEvent",
  "WebSocket",
  "clearInterval",
];

for (const name of [...ofSockets, ...replaced]) {
  Deno.test(
    `an app that replaces ${name} is served, and has sockets, as any other`,
    inTime(async () => {
      const url = appUrl("replacing");
      url.searchParams.set("replace", name);
      await using server = await startTestServer({ app: url.href, workers: 1 });
      await assertServed(server, name);
      await assertHasSockets(server);
      assertEquals(server.log, []);
    }),
  );
}

async function assertServed(server: TestServer, name: string): Promise<void> {
  for (const { path, init, want } of asked) {
    // The runtime's own lstat uses the global Date.
    if (name === "Date" && path === "/style.css") continue;
    const response = await fetch(server.url + path, init);
    const text = await response.text();
    assertEquals(response.status, 200, `${path}: ${server.log.join("\n")}`);
    if (want !== "") assertEquals(text, want, path);
  }
}

async function assertHasSockets(server: TestServer): Promise<void> {
  using client = await RawSocket.open(server, "/socket");
  for (const code of [opcode.text, opcode.binary, opcode.ping]) {
    await client.send(frame(code, "a"));
    const answer = code === opcode.ping ? opcode.pong : code;
    assertEquals((await client.next())?.code, answer);
  }
  await client.send(closeFrame(1000));
  assertEquals(await client.rest(), ["close 1000"]);
}
