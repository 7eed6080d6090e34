/**
 * The server under chaos: a process of its own, for threads that nothing but its
 * end can stop, and for its memory. Every line of its log is looked at.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { TextLineStream } from "@std/streams/text-line-stream";
import { residentBytes } from "../bench/process_tree.ts";
import { spawnCommand } from "../support/command.ts";
import { RawClient } from "../support/test_server.ts";

/** A running server. */
export interface ChaosServer extends AsyncDisposable {
  readonly pid: number;
  /** Opens a connection to it. */
  connect(): Promise<RawClient>;
  /** Its memory, or `null` where that cannot be known. */
  residentBytes(): number | null;
}

/**
 * Starts one.
 *
 * @param args for the command line
 * @param onLine is given each line of its log
 */
export async function startChaosServer(
  args: readonly string[],
  onLine: (line: string) => void,
): Promise<ChaosServer> {
  const app = fromFileUrl(new URL("./app.ts", import.meta.url));
  const child = spawnCommand(["--port", "0", "--app", app, ...args], {
    env: { NO_COLOR: "1" },
  });
  const greeted = Promise.withResolvers<string>();
  const ended = Promise.all([
    eachLine(child.stdout, greeted.resolve),
    eachLine(child.stderr, onLine),
    child.status,
  ]).then(() => greeted.reject(new Error("The server ended")));
  const greeting = await greeted.promise;
  const port = Number(/:([0-9]+)\//.exec(greeting)?.[1]);
  return {
    pid: child.pid,
    connect: async () =>
      new RawClient(await Deno.connect({ hostname: "127.0.0.1", port })),
    residentBytes: () => residentBytesOf(child.pid),
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended already.
      }
      await ended;
    },
  };
}

async function eachLine(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLine: (line: string) => void,
): Promise<void> {
  const lines = stream.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  for await (const line of lines) onLine(line);
}

function residentBytesOf(pid: number): number | null {
  try {
    return residentBytes(pid);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
