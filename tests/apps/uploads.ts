/**
 * An app that takes uploads in every way, and tells what became of them. A route
 * that is held goes on at `/go`.
 */

import type { AppInfo } from "../../lib/app/loader.ts";

const seen = {
  begun: 0,
  bytes: 0,
  errors: [] as string[],
  aborted: 0,
  completed: 0,
  cut: 0,
};
let gate = Promise.withResolvers<void>();

type Handler = (
  request: Request,
  info: AppInfo,
) => Response | Promise<Response>;

/** The app. */
export default {
  /** Runs the route. */
  fetch(request: Request, info: AppInfo): Response | Promise<Response> {
    return routes[new URL(request.url).pathname](request, info);
  },
};

/** Reads so many pieces, and counts their bytes. */
async function read(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  pieces = Infinity,
): Promise<number> {
  let bytes = 0;
  try {
    for (let count = 0; count < pieces; count++) {
      const { value, done } = await reader.read();
      if (done) break;
      seen.bytes += value.length;
      bytes += value.length;
    }
    return bytes;
  } catch (error) {
    seen.errors.push((error as Error).message);
    throw error;
  }
}

function watch({ signal }: Request): void {
  seen.begun++;
  signal.addEventListener("abort", () => seen.aborted++);
}

const whole: Record<string, Handler> = {
  "/text": async (request) => new Response(await request.text()),
  "/count": async (request) => {
    watch(request);
    return new Response(`${await read(request.body!.getReader())}`);
  },
  "/pieces": async (request) => {
    let pieces = 0;
    for await (const _piece of request.body ?? []) pieces++;
    return new Response(`${pieces}`);
  },
  "/by-your-own-buffer": async (request) => {
    const reader = request.body!.getReader({ mode: "byob" });
    let length = 0;
    for (let buffer = new ArrayBuffer(100);;) {
      const { value, done } = await reader.read(new Uint8Array(buffer));
      if (done) return new Response(`${length}`);
      length += value.length;
      buffer = value.buffer;
    }
  },
  "/echo": (request) => new Response(request.body),
  "/copy": async (request) => {
    const copy = request.clone();
    const texts = await Promise.all([request.text(), copy.text()]);
    return new Response(`${texts[0] === texts[1]} ${texts[0].length}`);
  },
};

const partly: Record<string, Handler> = {
  "/refuse": () => new Response("not that much", { status: 413 }),
  "/first-piece": async (request) => {
    await read(request.body!.getReader(), 1);
    return new Response("one is enough", { status: 422 });
  },
  "/cancel": async (request) => {
    const reader = request.body!.getReader();
    await read(reader, 1);
    await reader.cancel();
    return new Response("no more");
  },
  "/throw": async (request) => {
    await read(request.body!.getReader(), 1);
    throw new Error("thrown within the content");
  },
  "/loop": async (request) => {
    await read(request.body!.getReader(), 1);
    for (;;);
  },
  "/stream-and-stop": (request) => {
    const reader = request.body!.getReader();
    const answer = new ReadableStream<Uint8Array<ArrayBuffer>>({
      async pull(controller) {
        await read(reader, 1);
        controller.enqueue(new TextEncoder().encode("enough"));
        controller.close();
      },
    }, { highWaterMark: 0 });
    return new Response(answer);
  },
};

const held: Record<string, Handler> = {
  "/hold": async (request) => {
    watch(request);
    await gate.promise;
    await read(request.body!.getReader());
    return new Response("all of it");
  },
  "/hold-after-first": async (request) => {
    watch(request);
    const reader = request.body!.getReader();
    await read(reader, 1);
    await gate.promise;
    await read(reader);
    return new Response("all of it");
  },
  "/go": () => {
    gate.resolve();
    gate = Promise.withResolvers();
    return new Response("gone on");
  },
  "/never": (request) => {
    watch(request);
    return new Promise(() => {});
  },
};

const told: Record<string, Handler> = {
  "/seen": () => Response.json(seen),
  "/completed": (request, info) => {
    watch(request);
    info.completed.then(() => seen.completed++, () => seen.cut++);
    const length = Number(new URL(request.url).search.slice(1));
    return new Response("x".repeat(length));
  },
  "/completed-late": (_request, info) => {
    setTimeout(() => info.completed.then(() => seen.completed++), 5);
    return new Response("soon");
  },
  "/completed-stream": (_request, info) => {
    const answer = new ReadableStream<Uint8Array<ArrayBuffer>>({
      async pull(controller) {
        // First looked at when the answer is on its way.
        info.completed.then(() => seen.completed++, () => seen.cut++);
        controller.enqueue(new Uint8Array(1000));
        await gate.promise;
        controller.close();
      },
    }, { highWaterMark: 0 });
    return new Response(answer);
  },
};

const routes: Record<string, Handler> = {
  ...whole,
  ...partly,
  ...held,
  ...told,
};
