/**
 * The inbox of a worker: what is heard, and what wakes who sleeps for it.
 */

import { assert, assertEquals } from "@std/assert";
import { Sleeper } from "../../lib/messages/sleep.ts";
import { WorkerThread } from "../../lib/messages/thread.ts";
import {
  type FromWorker,
  type ToWorker,
  wrapped,
} from "../../lib/messages/messages.ts";
import { inTime } from "../support/in_time.ts";
import { longest, type Said } from "../support/sleeper.ts";
import type { WakerParts } from "../support/waker.ts";

const abort: ToWorker = { kind: "abort", id: 7 };

/** A thread of the sleeper, and what it says, one after the other. */
function startSleeper() {
  const url = new URL("../support/sleeper.ts", import.meta.url);
  const thread = new WorkerThread(new Worker(url, { type: "module" }));
  const said: Said[] = [];
  let onSaid = () => {};
  thread.onmessage = ({ data }) => {
    said.push(data as FromWorker & Said);
    onSaid();
  };
  const next = async (): Promise<Said> => {
    while (said.length === 0) {
      await new Promise<void>((resolve) => onSaid = resolve);
    }
    return said.shift()!;
  };
  return { thread, next };
}

Deno.test(
  "a thread hears what comes to its inbox, in order",
  inTime(async () => {
    const { thread, next } = startSleeper();
    const messages: ToWorker[] = [abort, { kind: "body-end", id: 8 }];
    for (const message of messages) thread.postMessage(message, []);
    for (const message of messages) {
      assertEquals(await next(), { heard: message });
    }
    thread.terminate();
  }),
);

Deno.test(
  "a thread that sleeps for the next message is woken by it",
  inTime(async () => {
    const { thread, next } = startSleeper();
    // Twice: it listens as before when it has slept.
    for (const _ of ["first", "second"]) {
      thread.postMessage({ kind: "ping" }, []);
      assertEquals(await next(), { heard: { kind: "ping" } });
      thread.postMessage(abort, []);
      const woken = await next();
      assert("slept" in woken);
      assertEquals(woken.for, abort);
      assert(woken.slept < longest / 2, `after ${woken.slept} ms`);
    }
    thread.terminate();
  }),
);

Deno.test("Sleeper.next() sleeps on where it is woken and there is nothing", async () => {
  const { port1, port2 } = new MessageChannel();
  const sleep = new SharedArrayBuffer(4);
  const sleeper = new Sleeper({ port: port2, sleep });
  const url = new URL("../support/waker.ts", import.meta.url);
  const waker = new Worker(url, { type: "module" });
  const ready = new Promise((resolve) => waker.onmessage = resolve);
  const parts: WakerParts = { port: port1, sleep, message: abort };
  waker.postMessage(parts, [port1]);
  await ready;
  assertEquals(sleeper.next(longest), abort);
  waker.terminate();
  port2.close();
});

Deno.test("Sleeper.next() finds what is there, and waits no longer than it may", () => {
  const { port1, port2 } = new MessageChannel();
  const parts = { port: port2, sleep: new SharedArrayBuffer(4) };
  const sleeper = new Sleeper(parts);
  assertEquals(sleeper.next(0), null);
  port1.postMessage(wrapped(abort));
  assertEquals(sleeper.next(0), abort);
  assertEquals(sleeper.next(1), null);
  port1.close();
  port2.close();
});
