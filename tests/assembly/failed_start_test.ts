/**
 * A start that fails leaves nothing open, however late it fails: no port, no worker, no
 * timer. The sanitizers find the timers.
 */

import { assertEquals, assertRejects } from "@std/assert";
import { serve, type SkeinOptions } from "../../lib/skein.ts";
import { appUrl } from "../support/apps.ts";
import { inTime } from "../support/in_time.ts";
import { pairOf } from "../support/tls.ts";
import { makeTree } from "../support/tree.ts";

const app = appUrl("hello");
/** Of "secret", bcrypt with a cost of 4. */
const secret = "$2y$04$imODoIdhVronxx6kftyMdOaXMtsYC1.2V99UJ55JzZ7YPx18gjxGK";

const rows: {
  readonly what: string;
  readonly options: (taken: number, path: string) => Partial<SkeinOptions>;
  /** Of the error. */
  readonly name: string;
}[] = [
  {
    what: "a network of proxies, once workers run",
    options: () => ({ trustProxy: ["10.0.0.0/99"] }),
    name: "RangeError",
  },
  {
    what: "the app",
    options: () => ({ app: "data:text/javascript,throw 1" }),
    name: "BootError",
  },
  {
    what: "the port of the redirect",
    options: (taken) => ({
      tls: {
        pairs: [pairOf("localhost")],
        redirectFrom: { hostname: "127.0.0.1", port: taken },
      },
    }),
    name: "RedirectError",
  },
  {
    what: "the file of passwords",
    options: () => ({ basicAuth: { file: "/does/not/exist" } }),
    name: "PasswordFileError",
  },
  {
    what: "the second address",
    options: (taken, path) => ({
      listen: [{ path }, { hostname: "127.0.0.1", port: taken }],
    }),
    name: "AddrInUse",
  },
];

for (const { what, options, name } of rows) {
  Deno.test(
    `a start that fails at ${what} closes all that it has opened`,
    inTime(async () => {
      using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      using tree = await makeTree({ passwords: `ann:${secret}\n` });
      const path = tree.path("socket");
      using threads = countThreads();
      const error = await assertRejects(
        () =>
          serve({
            app,
            workers: 1,
            tls: { pairs: [pairOf("localhost")] },
            basicAuth: { file: tree.path("passwords") },
            listen: [{ path }],
            log() {},
            ...options(taken.addr.port, path),
          }),
        Error,
      );
      assertEquals(error.name, name);
      assertEquals(threads.running, 0);
      await assertRejects(() => Deno.lstat(path), Deno.errors.NotFound);
    }),
  );
}

/** Counts the threads that are started and not ended, until it is disposed of. */
function countThreads(): Disposable & { readonly running: number } {
  const TrueWorker = globalThis.Worker;
  const running = new Set<Worker>();
  globalThis.Worker = class extends TrueWorker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      running.add(this);
    }
    override terminate() {
      running.delete(this);
      super.terminate();
    }
  };
  return {
    get running() {
      return running.size;
    },
    [Symbol.dispose]() {
      globalThis.Worker = TrueWorker;
    },
  };
}
