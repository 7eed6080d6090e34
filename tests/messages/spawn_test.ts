/**
 * The thread that is started ahead of the others.
 */

import { assertEquals, assertStrictEquals } from "@std/assert";
import type { WorkerConfig } from "../../lib/messages/messages.ts";
import { spawnAhead, spawnWorker } from "../../lib/messages/spawn.ts";

/** In place of a thread. */
class FakeWorker {
  static readonly all: FakeWorker[] = [];
  readonly entry: string;
  ended = false;

  constructor(url: URL) {
    this.entry = url.pathname.split("/").at(-1)!;
    FakeWorker.all.push(this);
  }

  postMessage(_: unknown, ports: MessagePort[]): void {
    for (const port of ports) port.close();
  }

  terminate(): void {
    this.ended = true;
  }
}

/** What a worker is started with that serves that directory. */
function serving(root: string, traces = false): WorkerConfig {
  return { app: null, root, traces } as WorkerConfig;
}

/** Runs it with fake threads, and says which were started. */
function started(run: () => void): readonly FakeWorker[] {
  const { Worker } = globalThis;
  FakeWorker.all.length = 0;
  globalThis.Worker = FakeWorker as unknown as typeof Worker;
  try {
    run();
    return [...FakeWorker.all];
  } finally {
    globalThis.Worker = Worker;
  }
}

Deno.test("the first worker takes the thread that was started ahead, the next one does not", () => {
  const threads = started(() => {
    spawnAhead(serving("/a"));
    const first = spawnWorker(serving("/a"));
    const second = spawnWorker(serving("/a"));
    assertEquals(first === second, false);
    for (const thread of [first, second]) thread.terminate();
  });
  assertEquals(threads.length, 2);
});

Deno.test("a thread that was started ahead for something else is ended", () => {
  for (const other of [serving("/b"), serving("/a", true)]) {
    const [ahead, taken, ...others] = started(() => {
      spawnAhead(serving("/a"));
      const thread = spawnWorker(other);
      assertStrictEquals(FakeWorker.all[1].ended, false);
      thread.terminate();
    });
    assertEquals(others, []);
    assertEquals([ahead.ended, taken.ended], [true, true]);
  }
});

Deno.test("a worker that serves files only has an entry of its own", () => {
  const entries = [
    serving("/a"),
    serving("/a", true),
    { ...serving("/a"), app: "file:///app.ts" },
  ].map((config) => {
    const [{ entry }] = started(() => spawnWorker(config).terminate());
    return entry;
  });
  assertEquals(entries, ["files_entry.ts", "entry.ts", "entry.ts"]);
});
