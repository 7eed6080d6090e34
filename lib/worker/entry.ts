/**
 * The entry of a worker thread that runs an app, and of one that makes traces: boots,
 * then receives jobs and sends responses. It catches everything: whatever an app does,
 * the pool hears of it. Must not know the pool.
 *
 * @module
 */

import process from "node:process";
import { setImmediate } from "node:timers";
import { AppHost } from "../app/host.ts";
import { ServeCall } from "../app/other_servers.ts";
import { ImportError, loadApp } from "../app/loader.ts";
import { upgradeWith } from "../app/upgrade.ts";
import { Sockets } from "../websocket/sockets.ts";
import type { Handler } from "../http/handler.ts";
import type { HttpRequest } from "../http/message.ts";
import type { ServeFile } from "./file_handler.ts";
import { heapBytes } from "./heap.ts";
import { JobRunner } from "./job_runner.ts";
import { openInbox } from "../messages/inbox.ts";
import { Sleeper } from "../messages/sleep.ts";
import { redirectConsole } from "./app_console.ts";
import { Claims, runCronsOnce } from "./cron_once.ts";
import { loadErrorText } from "./error_text.ts";
import { FaultReports } from "./fault_reports.ts";
import { onParts, post, scope } from "./link.ts";
import { forgetLocation } from "./no_location.ts";
import type { TunnelTraffic } from "../messages/tunnel_traffic.ts";
import type { Jobs, ToWorker, WorkerConfig } from "../messages/messages.ts";

const faults = new FaultReports((trace) => post({ kind: "fault", trace }));

const claims = new Claims((name, minute) =>
  post({ kind: "claim-task", name, minute })
);

let sleeper: Sleeper | null = null;
let runner: JobRunner | null = null;
/** Begins a batch. A message arrives within a microtask, where no further microtasks can
 * be run; those of an app have to run under the watchdog, so its batches begin in a
 * task of their own (3 us). */
let begin: (jobs: Jobs) => void = () => {};

onParts((parts) => {
  sleeper = new Sleeper(parts);
  openInbox(parts.port, receive);
});

scope.addEventListener("unhandledrejection", (event) => {
  // Without this the whole thread ends, and with it the requests of others.
  event.preventDefault();
  faults.add("Unhandled rejection", event.reason);
});

scope.addEventListener("error", (event) => {
  event.preventDefault();
  faults.add("Uncaught", event.error);
  runner?.tunnels.failCurrent();
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
      runner!.pending.abort(message.id);
      break;
    case "stream-credit":
      runner!.pending.creditStream(message.id, message.cost);
      break;
    case "body-piece":
      runner!.pending.pushBody(message.id, message.bytes);
      break;
    case "body-end":
      runner!.pending.endBody(message.id);
      break;
    case "body-cut":
      runner!.pending.cutBody(message.id, message.why);
      break;
    case "handed-over":
      runner!.pending.handedOver(message.id, message.whole);
      break;
    case "tunnels":
      runner!.tunnels.receive(message.traffic);
      break;
    case "task-claimed":
      claims.answer(message.name, message.minute, message.granted);
      break;
    case "ping":
      post({ kind: "pong", heapBytes: heapBytes() });
      break;
  }
}

async function boot(config: WorkerConfig, claims: Int32Array): Promise<void> {
  try {
    const handler = await makeHandler(config);
    const { handlerTimeoutMs, streamWindowBytes, serverName } = config;
    runner = new JobRunner({
      handler,
      post,
      claims,
      serverName,
      timeoutMs: handlerTimeoutMs,
      streamWindowBytes,
      nextBatch,
      nextTraffic,
    });
    const { run } = runner;
    begin = (jobs) => void setImmediate(run, jobs);
    post({ kind: "ready" });
  } catch (error) {
    post({ kind: "boot-failed", reason: await bootFailure(error) });
  }
}

async function bootFailure(error: unknown): Promise<string> {
  if (!(error instanceof ImportError)) return (error as Error).message;
  const { url, cause } = error;
  const text = loadErrorText(cause);
  const { explainImport, explainServe } = await import("../app/wrong_app.ts");
  return cause instanceof ServeCall
    ? explainServe(url, text)
    : explainImport(url, text);
}

/** The next batch, where it comes before any other message. */
function nextBatch(waitMs: number): Jobs | null {
  const message = sleeper!.next(waitMs);
  if (message === null) return null;
  if (message.kind === "batch") return message.jobs;
  receive(message);
  return null;
}

/** The same for what happens on tunnels. */
function nextTraffic(waitMs: number): TunnelTraffic | null {
  const message = sleeper!.next(waitMs);
  if (message === null) return null;
  if (message.kind === "tunnels") return message.traffic;
  receive(message);
  return null;
}

/** What an app does not need is not loaded. */
async function makeHandler(config: WorkerConfig): Promise<Handler> {
  const plain = await makePlainHandler(config);
  if (!config.traces) return plain;
  const { traced } = await import("./traced_handler.ts");
  return traced(plain);
}

async function makePlainHandler(config: WorkerConfig): Promise<Handler> {
  const serveFile = config.root === null
    ? null
    : (await import("./file_handler.ts")).fileHandler(config.root, config);
  if (config.app === null) return { handle: serveFile! };
  redirectConsole((text, isError) => post({ kind: "printed", text, isError }));
  forbidExits();
  forgetLocation();
  runCronsOnce(claims.claim);
  Deno.upgradeWebSocket = upgradeWith(await Sockets.open(config.sockets));
  const { app } = await loadApp(config.app, () => post({ kind: "loaded" }));
  const host = new AppHost(app, serveFile);
  return config.appPaths === null
    ? host
    : forPaths(config.appPaths, host, serveFile!);
}

/** Asks the app for these paths only. */
function forPaths(
  paths: readonly string[],
  app: Handler,
  serveFile: ServeFile,
): Handler {
  const isApps = ({ method, target }: HttpRequest) =>
    (method === "GET" || method === "HEAD") &&
    paths.includes(target.split("?", 1)[0]);
  return {
    handle: (request, job) =>
      isApps(request) ? app.handle(request, job) : serveFile(request),
  };
}

/**
 * `Deno.exit()` in a worker closes it without any event, and other requests with it. So
 * an app's exits throw instead, and ask for another worker: the request that exits gets
 * a 500, the others their responses.
 */
function forbidExits(): void {
  const exit = (name: string) => (): never => {
    post({ kind: "leaving", reason: "exit", why: `the app called ${name}` });
    throw new Error(
      `${name} ends this worker only, once it has answered its other requests`,
    );
  };
  Object.defineProperty(Deno, "exit", { value: exit("Deno.exit()") });
  scope.close = exit("self.close()");
  process.exit = exit("process.exit()");
  process.abort = exit("process.abort()");
  // The pool does not understand messages of an app.
  scope.postMessage = () => {
    throw new Error(
      "An app cannot post messages: the main thread does not receive them",
    );
  };
}
