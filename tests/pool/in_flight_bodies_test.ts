/**
 * Streamed request bodies between a pool and a worker, both ends in the test's
 * hands: what is asked for goes there, and what becomes of it when the job, the
 * content or the worker is gone.
 */

import { PoolRecords } from "../../lib/pool/records.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  piecesAhead,
  type RequestBodySink,
  type RequestBodySource,
} from "../../lib/http/exchange.ts";
import type { FromWorker, ToWorker } from "../../lib/messages/messages.ts";
import { parseRequestHead } from "../../lib/http/request_head.ts";
import { type IncomingJob, unpackJobs } from "../../lib/messages/jobs.ts";
import { InFlight } from "../../lib/pool/in_flight.ts";
import { Job } from "../../lib/pool/job.ts";
import { PendingJobs } from "../../lib/worker/pending_jobs.ts";
import { WorkerTunnels } from "../../lib/worker/tunnels.ts";
import { ResponseBatcher } from "../../lib/worker/response_batcher.ts";
import { until } from "../support/in_time.ts";
import { bytesOf, textOf } from "../support/wire.ts";

/** Content in the test's hands. */
class TestBody implements RequestBodySource {
  receiver: RequestBodySink | null = null;
  wanted = 0;
  stopped = false;

  sendTo(receiver: RequestBodySink | null): void {
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
  readonly #begun: IncomingJob[] = [];
  readonly inFlight = new InFlight({
    post: (message, transfer) => {
      this.toWorker.push(structuredClone(message, { transfer }));
    },
    onEnd: () => {},
    records: new PoolRecords(),
    windowBytes: 10,
  });
  readonly #post = (message: FromWorker) =>
    this.#take(structuredClone(message));
  readonly pending = new PendingJobs({
    batcher: new ResponseBatcher({ post: this.#post, serverName: null }),
    post: this.#post,
    tunnels: new WorkerTunnels({
      post: () => {},
      guarded: () => true,
      nextTraffic: () => null,
    }),
    streamWindowBytes: 10,
  });

  #take(message: FromWorker): void {
    if (message.kind === "body-credit") {
      this.inFlight.creditBody(message.id, message.pieces);
    } else if (message.kind === "body-cancel") {
      this.inFlight.cancelBody(message.id);
    } else throw new Error(`The worker sent ${message.kind}`);
  }

  /** Gives the worker a job with that body. */
  give(body: TestBody): Job {
    const text = "POST / HTTP/1.1\r\nHost: localhost\r\n";
    const head = parseRequestHead(text.split("\r\n", 2));
    const request = {
      head,
      text,
      body,
      peer: "127.0.0.1 4321",
      persistent: true,
      origin: null,
    };
    const job = new Job(7, request, 0, {
      routes: null,
      toWireResponse: () => new Promise(() => {}),
    });
    this.inFlight.give([job], { id: 1, abort: () => {}, handedOver: () => {} });
    return job;
  }

  /** Hands on what was posted to the worker. */
  deliver(): void {
    for (const message of this.toWorker.splice(0)) {
      switch (message.kind) {
        case "batch":
          this.#begun.push(...unpackJobs(message.jobs));
          break;
        case "body-piece":
          this.pending.pushBody(message.id, message.bytes);
          break;
        case "body-end":
          this.pending.endBody(message.id);
          break;
        case "body-cut":
          this.pending.cutBody(message.id, message.why);
          break;
        default:
          throw new Error(`The pool sent ${message.kind}`);
      }
    }
  }

  /** Begins the job that was delivered. */
  begin(): ReadableStreamDefaultReader<Uint8Array> {
    const job = this.#begun.shift()!;
    this.pending.begin(job);
    return (job.body as ReadableStream<Uint8Array>).getReader();
  }
}

function open() {
  const wire = new Wire();
  const body = new TestBody();
  wire.give(body);
  wire.deliver();
  const reader = wire.begin();
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
  wire.give(body);
  body.receiver!.cut("its client has left");
  wire.deliver();
  const reader = wire.begin();
  const first = next(reader);
  await until(() => wire.toWorker.length === 1);
  wire.deliver();
  await assertRejects(() => first, Deno.errors.BadResource, "is over");
});

Deno.test("a job that is taken back takes its content along", () => {
  const wire = new Wire();
  const body = new TestBody();
  const job = wire.give(body);
  wire.toWorker.length = 0;
  assertEquals(wire.inFlight.takeBack(), [job]);
  assertEquals([body.receiver, wire.inFlight.size], [null, 0]);
  const other = new Wire();
  other.inFlight.give([job], { id: 1, abort: () => {}, handedOver: () => {} });
  other.toWorker.length = 0;
  body.send("a");
  assertEquals(wire.toWorker, []);
  assertEquals(other.toWorker.length, 1);
});

Deno.test("a worker that is gone is given nothing more", () => {
  const { wire, body } = open();
  wire.inFlight.fail(500, "");
  assertEquals(body.receiver, null);
  assertEquals(wire.toWorker, []);
});
