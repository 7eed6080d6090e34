/**
 * Streamed request bodies between a pool and a worker, both ends in the test's
 * hands: what is asked for goes there, and what becomes of it when the job, the
 * content or the worker is gone.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  piecesAhead,
  type RequestBodySink,
  type RequestBodySource,
} from "../../lib/http/exchange.ts";
import type { FromWorker, ToWorker } from "../../lib/messages/messages.ts";
import { WorkerUploads } from "../../lib/pool/worker_uploads.ts";
import { RequestBodyStreams } from "../../lib/worker/request_body_stream.ts";
import { until } from "../support/in_time.ts";
import { bytesOf, textOf } from "../support/wire.ts";

/** Content in the test's hands. */
class TestBody implements RequestBodySource {
  receiver: RequestBodySink | null = null;
  wanted = 0;
  stopped = false;

  flowTo(receiver: RequestBodySink | null): void {
    this.receiver = receiver;
  }

  credit(pieces: number): void {
    this.wanted += pieces;
  }

  stop(): void {
    this.stopped = true;
  }

  busySince(): number {
    return 0;
  }

  send(...pieces: string[]): void {
    for (const piece of pieces) this.receiver!.piece(bytesOf(piece));
  }
}

/** The two ends, joined: messages are cloned as on their way to another thread. */
class Wire {
  readonly toWorker: ToWorker[] = [];
  readonly uploads = new WorkerUploads((message, transfer) => {
    this.toWorker.push(structuredClone(message, { transfer }));
  });
  readonly inlets = new RequestBodyStreams({
    post: (message) => this.#take(structuredClone(message)),
  });

  #take(message: FromWorker): void {
    if (message.kind === "body-credit") {
      this.uploads.credit(message.id, message.pieces);
    } else if (message.kind === "body-cancel") this.uploads.cancel(message.id);
    else throw new Error(`An inlet sent ${message.kind}`);
  }

  /** Hands on what was posted to the worker. */
  deliver(): void {
    for (const message of this.toWorker.splice(0)) {
      switch (message.kind) {
        case "body-piece":
          this.inlets.push(message.id, message.bytes);
          break;
        case "body-end":
          this.inlets.end(message.id);
          break;
        case "body-cut":
          this.inlets.cut(message.id, message.why);
          break;
        default:
          throw new Error(`Uploads sent ${message.kind}`);
      }
    }
  }
}

function open() {
  const wire = new Wire();
  const body = new TestBody();
  wire.uploads.open(7, body);
  const reader = wire.inlets.open(7).getReader();
  return { wire, body, reader };
}

async function next(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<string | null> {
  const { value, done } = await reader.read();
  return done ? null : textOf(value);
}

Deno.test("nothing is asked for before somebody reads, and then a piece for each that was read", async () => {
  const { wire, body, reader } = open();
  assertEquals(body.wanted, 0);
  const first = next(reader);
  await until(() => body.wanted === piecesAhead);
  body.send("a", "b", "c");
  wire.deliver();
  assertEquals(await first, "a");
  assertEquals(body.wanted, piecesAhead + 1);
  assertEquals(await next(reader), "b");
  assertEquals(await next(reader), "c");
  assertEquals(body.wanted, piecesAhead + 3);
});

Deno.test("content ends behind its last piece, and asks for nothing more", async () => {
  const { wire, body, reader } = open();
  const first = next(reader);
  await until(() => body.wanted > 0);
  body.send("a", "b");
  body.receiver!.end();
  wire.deliver();
  assertEquals(await first, "a");
  assertEquals(await next(reader), "b");
  assertEquals(await next(reader), null);
  assert(body.wanted <= piecesAhead + 1);
});

Deno.test("content that is cut fails with the reason, whatever of it is unread", async () => {
  const { wire, body, reader } = open();
  const first = next(reader);
  await until(() => body.wanted > 0);
  body.send("a", "b");
  wire.deliver();
  assertEquals(await first, "a");
  body.receiver!.cut("the reason");
  wire.deliver();
  await assertRejects(
    () => next(reader),
    Deno.errors.BadResource,
    "the reason",
  );
});

Deno.test("content that is cancelled is stopped, and what is on its way is dropped", async () => {
  const { wire, body, reader } = open();
  const first = next(reader);
  await until(() => body.wanted > 0);
  body.send("a", "b");
  wire.deliver();
  assertEquals(await first, "a");
  body.send("c");
  await reader.cancel();
  assert(body.stopped);
  wire.deliver();
  assertEquals(await next(reader), null);
});

Deno.test("a job that begins when its content was cut already finds it cut", async () => {
  const wire = new Wire();
  const body = new TestBody();
  wire.uploads.open(7, body);
  body.receiver!.cut("its client has left");
  wire.deliver();
  const reader = wire.inlets.open(7).getReader();
  const first = next(reader);
  await until(() => wire.toWorker.length === 1);
  wire.deliver();
  await assertRejects(() => first, Deno.errors.BadResource, "is over");
});

Deno.test("a job that is taken back takes its content along", () => {
  const { wire, body } = open();
  wire.uploads.takeBack(7);
  assertEquals(body.receiver, null);
  const other = new Wire();
  other.uploads.open(7, body);
  body.send("a");
  assertEquals(wire.toWorker, []);
  assertEquals(other.toWorker.length, 1);
});

Deno.test("a worker that is gone is given nothing more", () => {
  const { wire, body } = open();
  wire.uploads.stopAll();
  assertEquals(body.receiver, null);
  assertEquals(wire.toWorker, []);
});
