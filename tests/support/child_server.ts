/**
 * A Skein as a process of its own, started as `deno task start` does it: for what
 * only a process shows (signals, exit codes, what is written to stderr), and for
 * threads that nothing but the end of their process can stop.
 */

import { Transcript } from "../bench/transcript.ts";
import { spawnCommand } from "./command.ts";
import { RawClient } from "./test_server.ts";

/** A running process; leaving its scope ends it. */
export interface ChildServer extends AsyncDisposable {
  /** The line it began with. */
  readonly greeting: string;
  /** Of the process. */
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  /** What it has said. */
  readonly stdout: Transcript;
  /** What it has complained of. */
  readonly stderr: Transcript;
  /** Resolves with its exit code, when all it said has been read. */
  readonly ended: Promise<number>;
  /** Opens a connection to it. */
  connect(): Promise<RawClient>;
  /** Sends it a signal. */
  signal(name: Deno.Signal): void;
}

/** Runs `deno task start` with those arguments on a free port. */
export function startChildServer(...args: string[]): Promise<ChildServer> {
  return greeted(spawnCommand(["--port", "0", ...args]));
}

/** Takes charge of a process, and waits for the line it begins with. */
export async function greeted(
  child: Deno.ChildProcess,
): Promise<ChildServer> {
  const stdout = new Transcript(child.stdout);
  const stderr = new Transcript(child.stderr);
  const ended = Promise.all([child.status, stdout.ended, stderr.ended])
    .then(([status]) => status.code);
  const end = async () => {
    signal(child, "SIGKILL");
    await ended;
  };
  try {
    const [greeting, url] = await stdout.waitFor(
      /Skein is listening on (https?:\S+)\/ .*\n/,
    );
    const port = Number(new URL(url).port);
    return {
      greeting,
      pid: child.pid,
      port,
      url,
      stdout,
      stderr,
      ended,
      connect: async () =>
        new RawClient(await Deno.connect({ hostname: "127.0.0.1", port })),
      signal: (name) => signal(child, name),
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw new Error(`It did not start: ${stderr.text}`, { cause: error });
  }
}

function signal(child: Deno.ChildProcess, name: Deno.Signal): void {
  try {
    child.kill(name);
  } catch (error) {
    // It has ended already: known as a TypeError, not yet known as NotFound.
    if (
      !(error instanceof TypeError || error instanceof Deno.errors.NotFound)
    ) throw error;
  }
}
