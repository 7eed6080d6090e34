/**
 * The command as a process: what it says, and what it exits with.
 */

import { Transcript } from "../bench/transcript.ts";
import { spawnCommand } from "./command.ts";
import { inTime } from "./in_time.ts";

/** A test that is generous: each process compiles what it imports. */
export function test(name: string, body: () => Promise<void>): void {
  Deno.test(name, inTime(body, 120_000));
}

/** A process that is over. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One that may be. */
export interface Running extends AsyncDisposable {
  readonly child: Deno.ChildProcess;
  /** What it complains of. */
  readonly errors: Transcript;
  /** Resolves with its first line and the address in it. */
  readonly greeting: Promise<{ readonly line: string; readonly url: string }>;
  /** Resolves when it is over and all it said has been read. */
  readonly ended: Promise<Ended>;
}

/** How it is started. */
export interface RunOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** What a shell is to do with its output. */
  readonly redirect?: string;
}

/** Starts the command of `deno task start`, from anywhere. */
export function start(
  args: string[],
  { env, cwd, redirect = "" }: RunOptions = {},
): Running {
  const child = spawnCommand(args, {
    cwd,
    // As on a terminal; the variables of whoever runs the tests must not matter.
    env: { FORCE_COLOR: "1", NO_COLOR: "", PORT: "", HOST: "", ...env },
    // The process is the command's own: signals go to it.
    shell: `exec "$@" ${redirect}`,
  });
  const stdout = new Transcript(child.stdout);
  const stderr = new Transcript(child.stderr);
  const greeting = stdout.waitFor(/^Skein is listening on (\S+) .*\n/)
    .then(([line, url]) => ({ line, url }));
  // Most of these processes have none.
  greeting.catch(() => {});
  let over = false;
  const ended = Promise.all([child.status, stdout.ended, stderr.ended])
    .then(([{ code }]) => {
      over = true;
      return { code, stdout: stdout.text, stderr: stderr.text };
    });
  return {
    child,
    errors: stderr,
    greeting,
    ended,
    async [Symbol.asyncDispose]() {
      if (!over) child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Runs the command to its end. */
export async function run(
  args: string[],
  options?: RunOptions,
): Promise<Ended> {
  await using running = start(args, options);
  // One that goes on to serve would never end by itself.
  running.greeting.then(() => running.child.kill("SIGKILL"), () => {});
  return await running.ended;
}

/** Ends it as a supervisor does. */
export async function stop({ child, ended }: Running): Promise<Ended> {
  child.kill("SIGTERM");
  return await ended;
}

/** One that was free a moment ago. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Whether somebody answers there. */
export async function answers(port: number): Promise<boolean> {
  try {
    await (await fetch(`http://127.0.0.1:${port}/`)).body?.cancel();
    return true;
  } catch {
    return false;
  }
}
