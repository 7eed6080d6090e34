/**
 * An app of WebSockets. What a client sends is sent back, but for a few words that say
 * what the handler is to do. `?log=NAME` keeps the events under a name, `?protocol=` and
 * `?idle=` are given to `Deno.upgradeWebSocket`.
 */

import { heldInstance, instance } from "../support/held_instance.ts";

/** The events of sockets, by their names. */
const logs = new Map<string, unknown[]>();

function upgrade(request: Request, url: URL): Response {
  const idle = url.searchParams.get("idle");
  const { socket, response } = Deno.upgradeWebSocket(request, {
    protocol: url.searchParams.get("protocol") ?? undefined,
    ...(idle === null ? {} : { idleTimeout: Number(idle) }),
  });
  const log = url.searchParams.get("log");
  if (log !== null) keep(socket, log);
  if (url.searchParams.has("blob")) socket.binaryType = "blob";
  socket.addEventListener("message", ({ data }) => answer(socket, data));
  if (url.pathname === "/greeting") {
    socket.addEventListener("open", () => socket.send("hello"));
  }
  if (url.pathname === "/closing") socket.close(3001, "at once");
  return response;
}

function keep(socket: WebSocket, name: string): void {
  const events: unknown[] = [];
  logs.set(name, events);
  const states = () => [socket.readyState, socket.protocol, socket.extensions];
  socket.onopen = () => events.push(["open", ...states()]);
  socket.onmessage = ({ data }) => events.push(["message", contentOf(data)]);
  socket.onerror = (event) => {
    const { message } = event as ErrorEvent;
    events.push(["error", socket.readyState, typeof message]);
  };
  socket.onclose = ({ code, reason, wasClean }) =>
    events.push(["close", socket.readyState, code, reason, wasClean]);
}

function contentOf(data: string | ArrayBuffer | Blob): unknown {
  if (typeof data === "string") return data;
  return data instanceof Blob
    ? `blob ${data.size}`
    : `bytes ${[...new Uint8Array(data)].slice(0, 8)}`;
}

function answer(socket: WebSocket, data: string | ArrayBuffer): void {
  const [word, ...rest] = typeof data === "string" ? data.split(" ") : [];
  switch (word) {
    case "instance":
      return socket.send(instance);
    case "throw":
      throw new Error("thrown by a handler of a socket");
    case "reject":
      return void Promise.reject(new Error("rejected in a socket"));
    case "loop":
      for (;;);
    case "loop-in-microtask":
      return void Promise.resolve().then(() => {
        for (;;);
      });
    case "loop-after-timer":
      return void setTimeout(() => {
        for (;;);
      }, 0);
    case "exit":
      return Deno.exit(3);
    case "close":
      return rest.length === 0
        ? socket.close()
        : socket.close(Number(rest[0]), rest.slice(1).join(" "));
    case "flood":
      return flood(socket, Number(rest[0]));
    case "blobs":
      socket.send(new Blob(["first "]));
      socket.send("second");
      socket.send(new Blob(["third"]));
      return socket.send(new Uint8Array([52]));
    case "buffered": {
      const before = socket.bufferedAmount;
      socket.send("x".repeat(1000));
      return socket.send(`${before} ${socket.bufferedAmount >= 1000}`);
    }
  }
  socket.send(data);
}

/** Sends so many messages of 64 KiB. */
function flood(socket: WebSocket, count: number): void {
  const bytes = new Uint8Array(64 * 1024);
  for (let i = 0; i < count; i++) socket.send(bytes);
}

export default {
  async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    switch (url.pathname) {
      case "/instance-held":
        return heldInstance();
      case "/instance":
        return new Response(instance);
      case "/log":
        return Response.json(logs.get(url.searchParams.get("log")!) ?? null);
      case "/something-else":
        Deno.upgradeWebSocket(request);
        return new Response("something else");
      case "/throwing":
        Deno.upgradeWebSocket(request);
        throw new Error("thrown after the upgrade");
      case "/twice":
        Deno.upgradeWebSocket(request);
        return Deno.upgradeWebSocket(request).response;
      case "/never":
        Deno.upgradeWebSocket(request);
        return await new Promise<never>(() => {});
      case "/late": {
        const { response, socket } = Deno.upgradeWebSocket(request);
        socket.onmessage = ({ data }) => socket.send(data);
        await new Promise((resolve) => setTimeout(resolve, 20));
        return response;
      }
    }
    if (request.headers.get("upgrade") === null) {
      return new Response(decodeURIComponent(url.search.slice(1)));
    }
    return upgrade(request, url);
  },
};
