/**
 * An app whose answers are streams, led step by step by further requests: `/next`
 * lets the stream of `/events` go on, `/seen` tells what became of them all.
 */

const seen = { produced: 0, cancelled: 0 };
let events: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | null =
  null;
let eventCount = 0;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

type Handler = (request: Request) => Response | undefined;

/** The app. */
export default {
  /** Runs the route; a path that is none is the directory's. */
  fetch(request: Request): Response | undefined {
    return routes[new URL(request.url).pathname]?.(request);
  },
};

/** What a byte of `/numbered` is, by its place. */
export function numberedByte(at: number): number {
  return at % 251;
}

const numbered = Uint8Array.from(
  { length: 251 + 65_521 },
  (_, at) => numberedByte(at),
);

const cancel = () => void seen.cancelled++;

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

/** A stream of pieces, none of which is there before it is asked for; the last
 * one may be an error. */
function slowly(
  pieces: readonly (string | Uint8Array<ArrayBuffer> | Error)[],
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const left = pieces.values();
  return new ReadableStream({
    async pull(controller) {
      await tick();
      const { value, done } = left.next();
      if (done) return controller.close();
      if (value instanceof Error) return controller.error(value);
      controller.enqueue(
        typeof value === "string" ? encoder.encode(value) : value,
      );
    },
    cancel,
  }, { highWaterMark: 0 });
}

function withLength(length: number, ...pieces: string[]): Response {
  const headers = { "Content-Length": `${length}` };
  return new Response(slowly(pieces), { headers });
}

const routes: Record<string, Handler> = {
  "/seen": () => Response.json(seen),
  "/events": () => {
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => void (events = controller),
      cancel,
    });
    const headers = { "Content-Type": "text/event-stream" };
    return new Response(body, { headers });
  },
  "/next": () => {
    events!.enqueue(encoder.encode(`data: ${++eventCount}\n\n`));
    return new Response("sent");
  },
  "/last": () => {
    events!.close();
    return new Response("closed");
  },
  "/endless": () => {
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        controller.enqueue(new Uint8Array(64 * 1024));
        seen.produced += 64 * 1024;
      },
      cancel,
    });
    return new Response(body);
  },
  "/numbered": (request) => {
    const total = Number(new URL(request.url).searchParams.get("bytes"));
    let count = 0;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        if (count === total) return controller.close();
        // No divisor of anything, so that pieces that were lost are missed.
        const length = Math.min(65_521, total - count);
        const from = count % 251;
        controller.enqueue(numbered.slice(from, from + length));
        count += length;
      },
    });
    return new Response(body);
  },
  "/pieces": () =>
    new Response(slowly(["one,", "", "two,", "x".repeat(100_000), ",end"])),
  "/reused-buffer": () => {
    const buffer = new Uint8Array(4);
    let count = 0;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      async pull(controller) {
        await tick();
        if (++count > 9) return controller.close();
        controller.enqueue(buffer.fill(48 + count).subarray(1, 3));
      },
    }, { highWaterMark: 0 });
    return new Response(body);
  },
  "/fails-midway": () =>
    new Response(slowly(["the first half", new Error("midway")])),
  "/not-bytes-midway": () =>
    new Response(
      slowly(["the first half"]).pipeThrough(
        new TransformStream<Uint8Array<ArrayBuffer>, string>({
          transform(chunk, controller) {
            controller.enqueue(chunk as unknown as string);
            controller.enqueue(decoder.decode(chunk));
          },
        }),
      ) as unknown as ReadableStream<Uint8Array<ArrayBuffer>>,
    ),
  "/exact": () => withLength(10, "01234", "56789"),
  "/too-short": () => withLength(10, "01234"),
  "/too-long": () => withLength(10, "01234", "567", "89too long"),
};
