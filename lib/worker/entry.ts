/**
 * The entry of a worker thread: boots, then jobs in, answers out. It catches
 * everything: whatever an app does, the pool hears of it. Must not know the pool.
 *
 * @module
 */

import process from "node:process";
import { setImmediate } from "node:timers";
import { AppHost } from "../app/host.ts";
import { loadApp } from "../app/loader.ts";
import { handle } from "../files/static_handler.ts";
import type { JobHandler } from "../http/handler.ts";
import { JobRunner } from "./job_runner.ts";
import { CachedFileStore } from "../files/cached_file_store.ts";
import { Inbox } from "../messages/inbox.ts";
import { errorText } from "./error_text.ts";
import type {
  FromWorker,
  InboxParts,
  Jobs,
  ToWorker,
  WorkerConfig,
} from "../messages/messages.ts";

/** This thread's side, as the runtime gives it. */
interface WorkerScope {
  postMessage: (message: unknown, transfer?: Transferable[]) => void;
  close: () => void;
  addEventListener: typeof globalThis.addEventListener;
}

const scope = globalThis as unknown as WorkerScope;
// Taken before an app can put something else in their place.
const sendToPool = scope.postMessage.bind(scope);

function post(message: FromWorker, transfer: Transferable[] = []): void {
  sendToPool(message, transfer);
}

let inbox: Inbox | null = null;
let handler: JobHandler | null = null;
let runner: JobRunner | null = null;
/** How a batch is begun. A message arrives within a microtask, where no further
 * microtasks can be run; those of an app are to be run under the watchdog, so its
 * batches begin in a task of their own (3 us). */
let begin: (jobs: Jobs) => void = () => {};

scope.addEventListener("message", (event) => {
  inbox = new Inbox((event as MessageEvent<InboxParts>).data, receive);
}, { once: true });

scope.addEventListener("unhandledrejection", (event) => {
  // Without this the whole thread ends, and with it the requests of others.
  event.preventDefault();
  post({
    kind: "fault",
    trace: `Unhandled rejection: ${errorText(event.reason)}`,
  });
});

scope.addEventListener("error", (event) => {
  event.preventDefault();
  post({ kind: "fault", trace: `Uncaught: ${errorText(event.error)}` });
});

function receive(message: ToWorker): void {
  switch (message.kind) {
    case "boot":
      boot(message.config, new Int32Array(message.claims));
      break;
    case "batch":
      begin(message.jobs);
      break;
    case "abort":
      runner!.abort(message.id);
      break;
    case "credit":
      runner!.streams.credit(message.id, message.bytes);
      break;
    case "body-piece":
      runner!.bodies.push(message.id, message.bytes);
      break;
    case "body-end":
      runner!.bodies.end(message.id);
      break;
    case "body-cut":
      runner!.bodies.cut(message.id, message.why);
      break;
    case "handed-over":
      handler!.handedOver(message.id, message.whole);
      break;
    case "ping":
      post({ kind: "pong" });
      break;
  }
}

async function boot(config: WorkerConfig, claims: Int32Array): Promise<void> {
  try {
    handler = await makeHandler(config);
    const { handlerTimeoutMs, streamWindowBytes, serverName } = config;
    runner = new JobRunner({
      handler,
      post,
      claims,
      serverName,
      // A site's own handler cannot loop, and the watchdog is not for nothing.
      timeoutMs: config.app === null ? null : handlerTimeoutMs,
      streamWindowBytes,
      nextBatch,
    });
    const { run } = runner;
    begin = config.app === null ? run : (jobs) => void setImmediate(run, jobs);
    post({ kind: "ready" });
  } catch (error) {
    post({ kind: "boot-failed", reason: (error as Error).message });
  }
}

/** The next batch, where it comes before anything else. */
function nextBatch(waitMs: number): Jobs | null {
  const message = inbox!.next(waitMs);
  if (message === null) return null;
  if (message.kind === "batch") return message.jobs;
  receive(message);
  return null;
}

async function makeHandler(config: WorkerConfig): Promise<JobHandler> {
  const site = new CachedFileStore(config.root, config.site);
  const siteHandler: JobHandler = {
    handle: (request) => handle(request, site),
    abort: () => {},
    handedOver: () => {},
  };
  if (config.app === null) return siteHandler;
  forbidExits();
  const { app } = await loadApp(config.app);
  return new AppHost(app, {
    fallback: (request) => handle(request, site),
    watch: (id) => post({ kind: "watch", id }),
  });
}

/**
 * `Deno.exit()` in a worker closes it without any event, and with it the requests
 * of others. So an app's exits throw instead, and ask for another worker: the
 * request that exits gets a 500, the others their answers.
 */
function forbidExits(): void {
  const exit = (name: string) => (): never => {
    post({ kind: "leaving", why: `the app called ${name}` });
    throw new Error(
      `${name} ends this worker only, once it has answered its other requests`,
    );
  };
  Object.defineProperty(Deno, "exit", { value: exit("Deno.exit()") });
  scope.close = exit("self.close()");
  process.exit = exit("process.exit()");
  process.abort = exit("process.abort()");
  // The pool's messages are typed; an app's would be noise among them.
  scope.postMessage = () => {
    throw new Error("An app has nobody to post a message to");
  };
}
