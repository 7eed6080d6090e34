/**
 * The command line: reads flags, builds the parts, owns signals and exit codes.
 * Nothing else touches `Deno.args`, `Deno.exit` or signal listeners.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";
import { fromFileUrl, resolve, toFileUrl } from "@std/path";
import {
  type CommandLine,
  parseCommandLine,
  usage,
  UsageError,
} from "./lib/command_line.ts";
import { BootError } from "./lib/boot.ts";
import { Skein } from "./lib/skein.ts";
import meta from "./deno.json" with { type: "json" };

/** What is served when no directory is named. */
const bundledSite = fromFileUrl(new URL("./static", import.meta.url));

/** Two of the same signal closer together than this are one Ctrl-C: a task runner
 * passes it on while the terminal delivers it too. */
const sameSignalMs = 1000;

async function main(args: string[]): Promise<void> {
  const options = readCommandLine(args);
  const lifetime = new Lifetime();
  const starting = start(options, lifetime).catch((error) =>
    fail(1, explain(error, options))
  );
  const skein = await Promise.race([starting, lifetime.ending]);
  // Nothing is served yet: there is nothing to finish.
  if (skein === undefined) return Deno.exit(lifetime.exitCode);
  if (!options.quiet) print(console.log, greeting(skein, options));
  await lifetime.ending;
  Deno.exit(await end(skein, options, lifetime));
}

/** The end of the process: who asks for it, and how patient it is. */
class Lifetime {
  readonly #ending = Promise.withResolvers<void>();
  readonly #hurry = Promise.withResolvers<void>();
  #lastSignal: { readonly name: Deno.Signal; readonly at: number } | null =
    null;
  /** What a clean end exits with. */
  exitCode = 0;

  constructor() {
    for (const name of ["SIGINT", "SIGTERM"] as const) {
      Deno.addSignalListener(name, () => this.#signal(name));
    }
  }

  /** Resolves when the process should end. */
  get ending(): Promise<void> {
    return this.#ending.promise;
  }

  /** Resolves when it should end at once. */
  get hurry(): Promise<void> {
    return this.#hurry.promise;
  }

  #signal(name: Deno.Signal): void {
    const now = performance.now();
    const last = this.#lastSignal;
    if (last?.name === name && now - last.at < sameSignalMs) return;
    this.#lastSignal = { name, at: now };
    if (last === null) return this.#ending.resolve();
    this.#hurry.resolve();
  }

  /** The server is past use; a supervisor starts another. */
  giveUp(): void {
    this.exitCode = 1;
    this.#ending.resolve();
  }
}

/** @returns the exit code */
async function end(
  skein: Skein,
  options: CommandLine,
  lifetime: Lifetime,
): Promise<number> {
  const timeout = new Promise((resolve) =>
    setTimeout(resolve, options.drainMs)
  );
  const cut = await skein.drain(Promise.race([timeout, lifetime.hurry]));
  if (cut === 0) return lifetime.exitCode;
  const connections = cut === 1
    ? "1 connection was"
    : `${cut} connections were`;
  complain(`skein: ${connections} cut off before the answer was complete`);
  return 1;
}

function readCommandLine(args: string[]): CommandLine {
  try {
    const parsed = parseCommandLine(args, environment);
    if (parsed.kind === "help") say(usage);
    if (parsed.kind === "version") say(`skein ${meta.version}`);
    if (parsed.kind === "run") return parsed.options;
  } catch (error) {
    if (error instanceof UsageError) fail(2, error.message);
    throw error;
  }
  return Deno.exit(0);
}

function say(text: string): never {
  print(console.log, text);
  Deno.exit(0);
}

function fail(code: number, sentence: string): never {
  complain(`skein: ${sentence}`);
  Deno.exit(code);
}

function complain(line: string): void {
  print(console.error, line);
}

/** A log on a full disk is no reason to stop serving. */
function print(write: (text: string) => void, text: string): void {
  try {
    write(text);
  } catch {
    // There is nobody left to tell.
  }
}

async function start(options: CommandLine, lifetime: Lifetime): Promise<Skein> {
  const root = options.root === null ? bundledSite : fromCaller(options.root);
  await checkRoot(root, options.root ?? root);
  return await Skein.start({
    root,
    app: options.app === null ? null : appUrl(options.app),
    hostname: options.hostname,
    port: options.port,
    workers: options.workers,
    limits: options.limits,
    serverName: options.serverName,
    log: complain,
    onTooManyLost: () => {
      complain(
        "skein: too many workers are lost; ending, to be started afresh",
      );
      lifetime.giveUp();
    },
  });
}

/** A root that cannot be served is known before anything is begun. */
async function checkRoot(root: string, name: string): Promise<void> {
  try {
    if ((await Deno.stat(root)).isDirectory) return;
    throw new Deno.errors.NotADirectory();
  } catch (error) {
    fail(1, explainRoot(error, name));
  }
}

function explainRoot(error: unknown, name: string): string {
  if (error instanceof Deno.errors.NotFound) {
    return `There is no directory "${name}"; name one that exists`;
  }
  if (error instanceof Deno.errors.NotADirectory) {
    return `"${name}" is not a directory; name the directory that it is in`;
  }
  return `"${name}" cannot be read (${
    (error as Error).message
  }); name another directory`;
}

/** A variable of the environment; none where the permission to look is missing. */
function environment(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}

/** A path as whoever typed it meant it: `deno task` changes into the directory of
 * the project, and leaves word of the one it was called in. */
function fromCaller(path: string): string {
  const cwd = Deno.cwd();
  const caller = cwd === import.meta.dirname ? environment("INIT_CWD") : cwd;
  return resolve(caller ?? cwd, path);
}

/** A path, or a URL as it is. */
function appUrl(module: string): string {
  return /^[a-z][a-z0-9+.-]+:/i.test(module)
    ? module
    : toFileUrl(fromCaller(module)).href;
}

/** One line: where, what, and by how many. */
function greeting(skein: Skein, options: CommandLine): string {
  const { hostname, port } = skein.server.address;
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  const site = options.root ?? "the bundled site";
  const what = options.app === null ? site : `${options.app}, then ${site}`;
  const workers = skein.pool.ready === 1
    ? "1 worker"
    : `${skein.pool.ready} workers`;
  return `Skein is listening on http://${host}:${port}/ and serves ${what} with ${workers}`;
}

/** What went wrong at the start, and what to do about it. */
function explain(error: unknown, { hostname, port }: CommandLine): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return `Port ${port} is in use; end the other server or choose another port with --port`;
  }
  if (
    error instanceof Deno.errors.PermissionDenied && port > 0 && port < 1024
  ) {
    return `Port ${port} is for the superuser; choose one from 1024 up with --port`;
  }
  if (error instanceof Deno.errors.AddrNotAvailable || isUnknownHost(error)) {
    return `${hostname} is no address of this machine; choose another with --host`;
  }
  const message = inOneLine((error as Error).message);
  return error instanceof BootError
    ? `${message}; mend it and start again`
    : `It cannot start: ${message}`;
}

/** A name that leads to no address; that has no error class of its own. */
function isUnknownHost(error: unknown): boolean {
  return error instanceof URIError ||
    /lookup address|no such host/i.test((error as Error).message);
}

/** An error in a module comes with a drawing of the line, in colours; what it is and
 * where is enough. */
function inOneLine(message: string): string {
  const [what, ...more] = stripVTControlCharacters(message).split("\n");
  const where = more.find((line) => /^\s+at \S+:\d+$/.test(line));
  const sentence = what.replace(/[.:]$/, "");
  return where === undefined ? sentence : `${sentence} (${where.trim()})`;
}

if (import.meta.main) await main(Deno.args);
