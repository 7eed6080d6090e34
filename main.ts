/**
 * The command line: reads flags, builds the parts, owns signals and exit codes.
 * Nothing else touches `Deno.args`, `Deno.exit` or signal listeners.
 *
 * @module
 */

import { fromFileUrl, resolve, toFileUrl } from "@std/path";
import {
  type CommandLine,
  parseCommandLine,
  usage,
  UsageError,
} from "./lib/cli/command_line.ts";
import {
  explain,
  explainReload,
  explainRoot,
} from "./lib/cli/startup_errors.ts";
import { watchModules } from "./lib/cli/module_watch.ts";
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
  lifetime.onReload = () => reload(skein, options);
  if (options.watch) watch(options, lifetime.onReload);
  await lifetime.ending;
  Deno.exit(await end(skein, options, lifetime));
}

/** The end of the process and what comes before it: who asks for what, and how
 * patient it is. */
class Lifetime {
  readonly #ending = Promise.withResolvers<void>();
  readonly #hurry = Promise.withResolvers<void>();
  #lastSignal: { readonly name: Deno.Signal; readonly at: number } | null =
    null;
  readonly #terminal = Deno.stdin.isTerminal();
  /** What a clean end exits with. */
  exitCode = 0;
  /** Called when new workers are asked for; there may be none yet. */
  onReload: () => void = () => {};

  constructor() {
    Deno.addSignalListener("SIGHUP", () => this.#hangup());
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

  /** The word to reload; or a terminal that was closed, and what was begun in it
   * should not outlive it. */
  #hangup(): void {
    if (this.#terminal && !Deno.stdin.isTerminal()) this.#ending.resolve();
    else this.onReload();
  }

  /** The server is past use; a supervisor starts another. */
  giveUp(): void {
    this.exitCode = 1;
    this.#ending.resolve();
  }
}

/** New workers, with the app as it is now; what was begun is answered. */
async function reload(skein: Skein, options: CommandLine): Promise<void> {
  const result = await skein.reload();
  const what = options.app ?? "its workers";
  switch (result.kind) {
    case "reloaded":
      if (!options.quiet) print(console.log, `Skein has reloaded ${what}`);
      break;
    case "kept":
      complain(`skein: ${explainReload(result.why, what)}`);
      break;
    case "ending":
  }
}

function watch(options: CommandLine, onChange: () => void): void {
  const failed = (error: unknown) =>
    complain(
      `skein: ${options.app} is not watched: ${(error as Error).message}`,
    );
  try {
    const module = Deno.realPathSync(fromFileUrl(appUrl(options.app!)));
    watchModules(module, onChange).ended.catch(failed);
  } catch (error) {
    failed(error);
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
    files: options.site,
    app: options.app === null ? null : appUrl(options.app),
    hostname: options.hostname,
    port: options.port,
    workers: options.workers,
    limits: options.limits,
    maxStreamedBodyBytes: options.maxStreamedBodyBytes,
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

if (import.meta.main) await main(Deno.args);
