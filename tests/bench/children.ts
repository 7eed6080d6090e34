/**
 * The processes that the benchmark starts, each of them known by its pid, so that every one is ended
 * whatever happens and no other process ever is.
 *
 * @module
 */

import { processTree } from "./process_tree.ts";
import { Transcript } from "./transcript.ts";

/** A connection is a descriptor, and the usual limit of 1024 is below what some scenarios open. */
const descriptors = 20_000;

/** Raises the limit as far as it goes and becomes the command, so that the pid is the command's. */
const raiseLimit =
  `ulimit -n ${descriptors} 2>/dev/null || ulimit -n "$(ulimit -Hn)"; exec "$@"`;

/** How long a process may take to end in its own way. */
const graceMs = 3000;

/** A process that was started here. */
export interface Child {
  pid: number;
  stdout: Transcript;
  stderr: Transcript;
  /** Resolves to the exit code when it has ended and everything it said has been read. */
  ended: Promise<number>;
  /** Ends it, politely and then by force. */
  stop(): Promise<void>;
}

/** All of them; disposing of it ends those that still run. */
export class Children implements AsyncDisposable {
  #running = new Set<Child>();
  #closed = false;

  /** Starts `command` in `cwd`. */
  spawn(command: readonly string[], cwd?: string): Child {
    if (this.#closed) {
      throw new Error("Cannot start a process: the benchmark is ending");
    }
    const process = new Deno.Command("sh", {
      args: ["-c", raiseLimit, "sh", ...command],
      cwd,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const child = asChild(process);
    this.#running.add(child);
    void child.ended.then(() => this.#running.delete(child));
    return child;
  }

  /** Ends every process that still runs, and starts no more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#running].map((child) => child.stop()));
  }
}

function asChild(process: Deno.ChildProcess): Child {
  const stdout = new Transcript(process.stdout);
  const stderr = new Transcript(process.stderr);
  const ended = Promise.all([process.status, stdout.ended, stderr.ended])
    .then(([status]) => status.code);
  return {
    pid: process.pid,
    stdout,
    stderr,
    ended,
    stop: () => stop(process, ended),
  };
}

async function stop(
  process: Deno.ChildProcess,
  ended: Promise<number>,
): Promise<void> {
  // Listed while the parent lives: later nothing tells that they are ours.
  const below = processTree(process.pid).slice(1);
  ignoringEnded(() => process.kill("SIGTERM"));
  const timer = setTimeout(() => {
    ignoringEnded(() => process.kill("SIGKILL"));
    for (const pid of below) ignoringEnded(() => Deno.kill(pid, "SIGKILL"));
  }, graceMs);
  await ended;
  clearTimeout(timer);
}

function ignoringEnded(kill: () => void): void {
  try {
    kill();
  } catch (error) {
    // A process that is known to have ended is a TypeError, one that is not found NotFound.
    if (
      !(error instanceof Deno.errors.NotFound || error instanceof TypeError)
    ) throw error;
  }
}
