/**
 * Threads of `--isolation strict`: each way in which a handler can take time or memory
 * without end costs its own request, a worker that is replaced, and nobody else.
 */

import { assertEquals } from "@std/assert";
import { appUrl } from "../support/apps.ts";
import { type ChildServer, startChildServer } from "../support/child_server.ts";
import { ask, Crowd, instances } from "../support/clients.ts";
import { inTime, until } from "../support/in_time.ts";

const mebibyte = 1024 * 1024;

/** @param timeout seconds that a handler may take */
function startStrict(timeout = 1): Promise<ChildServer> {
  return startChildServer(
    ...["--app", appUrl("dying").pathname, "--isolation", "strict"],
    ...["--workers", "2", "--timeout", `${timeout}`, "--max-heap", "64"],
    ...["--limit", "sweepMs=50", "--limit", "workerGraceMs=500"],
  );
}

const rows: {
  path: string;
  status: number;
  log: RegExp;
}[] = [
  { path: "/loop", status: 504, log: /had to be stopped/ },
  { path: "/loop-after-timer", status: 504, log: /A worker was ended/ },
  { path: "/regexp-after-timer", status: 504, log: /A worker was ended/ },
  { path: "/fill-heap", status: 500, log: /reaching memory limit/ },
  { path: "/fill-heap-in-turns", status: 500, log: /memory/ },
  { path: "/fill-buffers", status: 500, log: /more memory than it may/ },
  { path: "/fill-buffers-in-turns", status: 500, log: /more memory than/ },
];

for (const { path, status, log } of rows) {
  Deno.test(
    `--isolation strict: GET ${path} is answered ${status}, its worker replaced, nobody else hurt`,
    inTime(async () => {
      // What is about memory may take its time on a busy machine.
      await using server = await startStrict(status === 504 ? 1 : 20);
      await using crowd = new Crowd(server, 16);
      await crowd.answers(3);
      const before = await memoryOf(server);
      assertEquals((await ask(server, path)).status, status);
      await server.stderr.waitFor(log);
      await crowd.answers(3);
      // Two that answer: the one that was ended has a successor.
      await instances(server);
      // What it held is free, and no thread is left that computes.
      await until(async () => await memoryOf(server) < before + 64 * mebibyte);
      assertEquals(
        /is lost|memory without end/.test(server.stderr.text),
        false,
      );
    }, 60_000),
  );
}

Deno.test(
  "--isolation strict: an app that computes for ever while it is loaded is ended",
  inTime(async () => {
    const module = "data:text/javascript,for(;;);";
    const args = ["--app", module, "--isolation", "strict", "--workers", "1"];
    const started = startChildServer(...args, "--limit", "bootTimeoutMs=1000");
    const error = await started.then(() => null, (error) => error as Error);
    assertEquals(/ was not ready after 1 s/.test(error!.message), true);
  }),
);

/** Bytes that the process holds. */
async function memoryOf({ pid }: ChildServer): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+([0-9]+) kB$/m.exec(status)![1]) * 1024;
}
