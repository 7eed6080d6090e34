/**
 * An app that replaces a global (`?replace=NAME`) by one that throws at every use, as
 * polyfills and test libraries replace them by others. What it needs itself it has taken
 * before.
 */

const native = { Response, ReadableStream, TextEncoder, setTimeout, Promise };
const name = new URL(import.meta.url).searchParams.get("replace")!;

const fail = (): never => {
  throw new Error(`The replaced ${name} was used`);
};

Object.defineProperty(globalThis, name, {
  configurable: true,
  writable: true,
  value: new Proxy(function () {}, {
    apply: fail,
    construct: fail,
    // An object may be asked whether it is one of these.
    get: (target, key) =>
      typeof key === "symbol" || key === "prototype"
        ? Reflect.get(target, key)
        : fail(),
  }),
});

const { upgradeWebSocket } = Deno;

const later = (ms: number) =>
  new native.Promise<void>((resolve) => native.setTimeout(resolve, ms));

const routes: Record<string, (request: Request) => unknown> = {
  "/socket": (request) => {
    const { socket, response } = upgradeWebSocket(request);
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  },
  "/now": () => new native.Response("now"),
  "/later": async () => {
    await later(1);
    return new native.Response("later");
  },
  "/thenable": () => ({
    then: (resolve: (response: Response) => void) =>
      resolve(new native.Response("thenable")),
  }),
  "/stream": () => {
    let count = 0;
    return new native.Response(
      new native.ReadableStream({
        async pull(controller) {
          await later(1);
          if (++count > 3) return controller.close();
          controller.enqueue(new native.TextEncoder().encode(`${count}`));
        },
      }),
    );
  },
  "/echo": async (request) => {
    request.signal.addEventListener("abort", () => {});
    return new native.Response(
      `${request.headers.get("x-name")} ${await request.text()}`,
    );
  },
  "/clone": async (request) =>
    new native.Response(await request.clone().text()),
};

/** The app. */
export default {
  /** Responds as its routes say. */
  fetch(request: Request): unknown {
    const path = request.url.replace(/^https?:\/\/[^/]+/, "").replace(
      /\?.*/,
      "",
    );
    return routes[path]?.(request);
  },
};
