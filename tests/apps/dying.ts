/**
 * An app that does whatever an app should not: a route for every way in which a
 * handler can end badly. `/echo?WORD` answers WORD, and is what must not be hurt.
 *
 * ```sh
 * deno task start --app tests/apps/dying.ts
 * ```
 */

import { exit as exitByName } from "node:process";
import { heldInstance, instance } from "../support/held_instance.ts";

const hoard: Uint8Array[] = [];
const objects: unknown[] = [];

type Handler = (request: Request) => unknown;

/** The app. */
export default {
  /** Runs the route; a path that is none is the directory's. */
  fetch(request: Request): unknown {
    return routes[new URL(request.url).pathname]?.(request);
  },
};

const good: Record<string, Handler> = {
  "/echo": (request) => new Response(new URL(request.url).search.slice(1)),
  "/instance": () => new Response(instance),
  "/instance-held": () => heldInstance(),
};

const throwing: Record<string, Handler> = {
  "/throw": () => {
    throw new Error("thrown at once");
  },
  "/throw-async": async () => {
    await null;
    throw new Error("thrown after an await");
  },
  "/throw-late": async () => {
    await timer(1);
    throw new Error("thrown after a timer");
  },
  "/throw-nothing": () => {
    throw undefined;
  },
  "/throw-unprintable": () => {
    throw new Proxy({}, {
      getPrototypeOf() {
        throw new Error("looked at");
      },
    });
  },
  "/throw-uncloneable": () => {
    throw Object.assign(new Error("thrown"), { stack: () => {} });
  },
  "/reject-with-uncloneable": () => Promise.reject({ because: () => {} }),
};

/** They answer, and something of theirs fails afterwards. */
const failingLater: Record<string, Handler> = {
  "/dangling-rejection": () => {
    Promise.reject(new Error("rejected by nobody's promise"));
    return new Response("answered");
  },
  "/throwing-timer": () => {
    setTimeout(() => {
      throw new Error("thrown in a timer");
    });
    return new Response("answered");
  },
};

const garbage: Record<string, Handler> = {
  "/number": () => 42,
  "/text": () => "Hello",
  "/object": () => ({ status: 200 }),
  "/symbol": () => Symbol("response"),
  "/error-response": () => Response.error(),
  "/used-response": async () => {
    const response = new Response("read");
    await response.text();
    return response;
  },
  "/locked-response": () => {
    const response = new Response("locked");
    response.body!.getReader();
    return response;
  },
  "/no-status": () => ({ status: NaN, headers: new Headers(), body: null }),
  "/text-stream": () =>
    new Response(
      ReadableStream.from(["no", "bytes"]) as unknown as ReadableStream,
    ),
  "/failing-stream": () =>
    new Response(
      new ReadableStream({
        pull: (controller) => controller.error(new Error("failed at once")),
      }),
    ),
};

const uncloneable: Record<string, Handler> = {
  "/post-function": () => {
    self.postMessage(() => {});
    return new Response("posted");
  },
  "/post-noise": () => {
    self.postMessage({ kind: "batch-done", answers: [], failures: [] });
    return new Response("posted");
  },
  "/uncloneable-status": () =>
    Object.defineProperty(new Response(), "status", { value: () => {} }),
  // Its buffer is somebody else's by the time the answer is sent.
  "/detached-bytes": () => {
    const bytes = new Uint8Array(8);
    const response = new Response(ReadableStream.from([bytes]));
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    return response;
  },
};

const never: Record<string, Handler> = {
  "/never": () => new Promise(() => {}),
};

const looping: Record<string, Handler> = {
  "/loop": () => spin(),
  "/loop-after-await": async () => {
    await null;
    spin();
  },
  "/loop-in-promises": async () => {
    for (;;) await null;
  },
  "/loop-after-body": async (request) => {
    await request.text();
    spin();
  },
  "/regexp-after-timer": async () => {
    await timer(1);
    return new Response(`${/^(a+)+$/.test("a".repeat(60) + "!")}`);
  },
  "/loop-after-timer": async () => {
    await timer(1);
    spin();
  },
};

const leftBehind: Record<string, Handler> = {
  "/loop-left-behind": () => {
    queueMicrotask(spin);
    return new Response("answered");
  },
};

const ending: Record<string, Handler> = {
  "/deno-exit": () => Deno.exit(0),
  "/node-exit": () => exitByName(0),
  "/close": () => self.close(),
};

const growing: Record<string, Handler> = {
  "/grow": () => {
    hoard.push(new Uint8Array(8 * 1024 * 1024).fill(1));
    return new Response(instance);
  },
};

/** It prints far more than a pipe holds. */
const printing: Record<string, Handler> = {
  "/print": () => {
    for (let count = 0; count < 2000; count++) console.error("x".repeat(999));
    return new Response("printed");
  },
};

const files: Deno.FsFile[] = [];

/** It takes every descriptor that there is, and then its worker is to be replaced. */
const hoarding: Record<string, Handler> = {
  "/hoard-files": () => {
    try {
      for (;;) files.push(Deno.openSync(new URL(import.meta.url)));
    } catch {
      Deno.exit();
    }
  },
};

/** They take memory without end: what they fill at once, or turn after turn. */
const exhausting: Record<string, Handler> = {
  "/fill-heap": () => {
    for (;;) objects.push(new Array(250_000).fill(objects.length));
  },
  "/fill-heap-in-turns": async () => {
    for (;;) {
      objects.push(new Array(250_000).fill(objects.length));
      await timer(0);
    }
  },
  "/fill-buffers": () => {
    for (;;) hoard.push(new Uint8Array(1024 * 1024).fill(1));
  },
  "/fill-buffers-in-turns": async () => {
    for (;;) {
      hoard.push(new Uint8Array(1024 * 1024).fill(1));
      await timer(0);
    }
  },
};

const routes: Record<string, Handler> = {
  ...good,
  ...throwing,
  ...failingLater,
  ...garbage,
  ...uncloneable,
  ...never,
  ...looping,
  ...leftBehind,
  ...ending,
  ...growing,
  ...exhausting,
  ...hoarding,
  ...printing,
};

function timer(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function spin(): never {
  for (;;);
}

// What a worker's own scope has besides.
declare const self: {
  postMessage(message: unknown): void;
  close(): void;
};
