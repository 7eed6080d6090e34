/**
 * An app of good routes, whose answers can be told to be right, and of routes that
 * die in every way there is.
 */

import { heldInstance } from "../support/held_instance.ts";
import { contentOf } from "./content.ts";

const hoard: Uint8Array[] = [];
const encoder = new TextEncoder();

type Handler = (request: Request, query: URLSearchParams) => unknown;

/** The app. */
export default {
  /** Runs the route; a path that is none is the directory's. */
  fetch(request: Request): unknown {
    const { pathname, searchParams } = new URL(request.url);
    return routes[pathname]?.(request, searchParams);
  },
};

const good: Record<string, Handler> = {
  "/instance": () => heldInstance(),
  "/instance-until-left": () => heldInstance(() => Deno.exit(1)),
  "/echo": (_, query) => new Response(query.get("word")),
  "/digest": async (request) => {
    const digest = await crypto.subtle.digest(
      "SHA-256",
      await request.arrayBuffer(),
    );
    return new Response(new Uint8Array(digest).toHex());
  },
  "/json": async (request) => Response.json({ got: await request.json() }),
  "/large": (_, query) =>
    new Response(contentOf(query.get("word")!, Number(query.get("length")))),
  "/slow": async (_, query) => {
    await timer(Number(query.get("ms")));
    return new Response(query.get("word"));
  },
  "/compute": (_, query) => {
    spin(Number(query.get("ms")));
    return new Response(query.get("word"));
  },
  "/stream": (_, query) =>
    new Response(
      slowly(contentOf(query.get("word")!, Number(query.get("length")))),
    ),
};

const bad: Record<string, Handler> = {
  "/throw": () => {
    throw new Error("thrown on purpose");
  },
  "/reject": async () => {
    await timer(2);
    throw new Error("thrown on purpose");
  },
  "/garbage": () => ({ body: "none" }),
  "/uncloneable": () => {
    const bytes = new Uint8Array(8);
    const response = new Response(ReadableStream.from([bytes]));
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    return response;
  },
  "/never": () => new Promise(() => {}),
  "/loop": () => spin(Infinity),
  "/loop-after-await": async (request) => {
    await request.text();
    spin(Infinity);
  },
  "/loop-after-timer": async () => {
    await timer(1);
    spin(Infinity);
  },
  "/exit": () => Deno.exit(1),
  "/close": () => self.close(),
  "/dangling": () => {
    Promise.reject(new Error("rejected on purpose"));
    return new Response("answered");
  },
  "/throwing-timer": () => {
    setTimeout(() => {
      throw new Error("thrown in a timer on purpose");
    });
    return new Response("answered");
  },
  "/dying-stream": () => new Response(slowly("the first half", true)),
  "/grow": () => {
    hoard.push(new Uint8Array(4 * 1024 * 1024).fill(1));
    return new Response("grown");
  },
};

const routes: Record<string, Handler> = { ...good, ...bad };

/** A stream of pieces that have to be waited for, and perhaps no end. */
function slowly(
  content: string,
  dies = false,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const pieceLength = Math.ceil(content.length / 4);
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      await timer(1);
      if (at < content.length) {
        controller.enqueue(encoder.encode(content.slice(at, at + pieceLength)));
        at += pieceLength;
      } else if (dies) controller.error(new Error("died on purpose"));
      else controller.close();
    },
  });
}

function timer(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function spin(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

// What a worker's own scope has besides.
declare const self: { close(): void };
