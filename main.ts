/**
 * The program: reads the command line, starts Skein, says what happens, and ends with
 * an exit code. Nothing else uses `Deno.args` or `Deno.exit`. Must not know how requests
 * are served.
 *
 * What the command line does not need is imported later: the first worker loads its
 * modules meanwhile.
 *
 * @module
 */

import { fromFileUrl, join, resolve, toFileUrl } from "@std/path";
import {
  type CommandLine,
  isForThisMachine,
  readCommandLine,
  readFlags,
  readSettings,
  UsageError,
} from "./lib/cli/command_line.ts";
import {
  explain,
  explainAccessLog,
  explainAdmin,
  explainReload,
  explainRoot,
  type StartCommand,
} from "./lib/cli/startup_errors.ts";
import { explainForeignApp, projectOf, quoted } from "./lib/cli/app_project.ts";
import { openBrowser, renounceOpeners } from "./lib/cli/browser.ts";
import {
  addressText,
  adminGreeting,
  browserAddress,
  type GreetingFacts,
  plainGreeting,
  terminalGreeting,
} from "./lib/cli/greeting.ts";
import { endingText, Lifetime } from "./lib/cli/lifetime.ts";
import { Log, logTime } from "./lib/cli/log.ts";
import { startCommand } from "./lib/cli/start_command.ts";
import { painter } from "./lib/cli/terminal.ts";
import { readSettingsFile } from "./lib/cli/settings_file.ts";
import { notANetwork } from "./lib/cli/operate_flags.ts";
import { helloApp } from "./lib/hello/site.ts";
import { spawnAhead } from "./lib/messages/spawn.ts";
import type { AccessLog } from "./lib/operate/access_log.ts";
import type { Operations } from "./lib/operate/operations.ts";
import type { ListenAddress, Skein } from "./lib/skein.ts";
import meta from "./deno.json" with { type: "json" };

/** The hello page. */
const bundledSite = new URL("./static", import.meta.url);

/** V8 aborts a process whose handler takes memory without end a few seconds later. */
const outOfMemoryMs = 2000;

/** A pipe without a reader opens only when one comes. */
const openMs = 200;

/** Lines that a person reads in a second. */
const maxLinesInSecond = 200;

const isTerminal = Deno.stdout.isTerminal();
const paint = painter(isTerminal && !Deno.noColor);

const log = new Log(Deno.stderr, { time: await wantsTime() ? logTime : null });
/** How long the end of the process waits for what is written slowly. */
const flushMs = 1000;
/** What apps print. */
const output = new Log(Deno.stdout);

async function main(args: string[]): Promise<void> {
  const options = await readOptions(args);
  if (!options.open) renounceOpeners();
  startThread(options);
  const lifetime = new Lifetime();
  const operations = await makeOperations(options);
  const starting = start(options, lifetime, operations).catch((error) =>
    error instanceof RangeError && options.trustProxy.includes(error.message)
      ? fail(2, notANetwork(error.message))
      : error.name === "PlainAuthError"
      ? fail(2, error.message)
      : fail(1, explain(error, { ...options, command: ownCommand() }))
  );
  const skein = await Promise.race([starting, lifetime.ending.promise]);
  // The signal came during the start: there are no requests to finish.
  if (skein === undefined) return Deno.exit(lifetime.exitCode);
  const admin = await operations.listen(skein).catch((error) =>
    fail(1, explainAdmin(error))
  );
  const facts = factsOf(skein, options, admin);
  operations.started(skein, plainGreeting(facts));
  if (!options.quiet) print(console.log, greeting(facts));
  if (options.open) open(facts);
  const onReload = () => reload(skein, options, operations);
  lifetime.onHangup = () => {
    operations.reopenLog();
    onReload();
  };
  if (options.watch) await watch(options, onReload);
  await lifetime.ending.promise;
  sayEnding(skein, options);
  operations.announceEnd();
  await lifetime.delay(options.drainDelayMs);
  const exitCode = await end(skein, options, lifetime);
  await operations.end(flushMs);
  await Promise.all([log.flush(flushMs), output.flush(flushMs)]);
  Deno.exit(exitCode);
}

/** Starts the thread of the first worker: 40 ms of its start are those of what follows
 * here. What is wrong with a root or an app is found and said later. */
function startThread(options: CommandLine): void {
  if (options.isolation === "strict") return;
  const { app, root } = siteOf(options);
  try {
    spawnAhead({
      app,
      root: root && Deno.realPathSync(root),
      traces: wantsTraces(),
    });
  } catch {
    // The same fails again later.
  }
}

/** As the runtime reads it. */
function wantsTraces(): boolean {
  return ["true", "1"].includes(environment("OTEL_DENO") ?? "");
}

async function makeOperations(options: CommandLine): Promise<Operations> {
  const [{ Operations }, { ServiceManager }] = await Promise.all([
    import("./lib/operate/operations.ts"),
    import("./lib/operate/service_manager.ts"),
    // It is what comes next, and these three have modules in common.
    import("./lib/skein.ts"),
  ]);
  return new Operations({
    accessLog: await openAccessLog(options),
    admin: options.admin && fromCallerAddress(options.admin),
    version: meta.version,
    manager: new ServiceManager(environment, warn),
    onBug: (error) => warn(`${error}`),
  });
}

async function reload(
  skein: Skein,
  options: CommandLine,
  operations: Operations,
): Promise<void> {
  operations.reloading();
  const result = await skein.reload();
  if (result.kind !== "ending") {
    operations.reloaded(plainGreeting(factsOf(skein, options, null)));
  }
  const what = options.app === null ? "its workers" : nameOf(options.app);
  switch (result.kind) {
    case "reloaded":
      if (!options.quiet) print(console.log, `Skein has reloaded ${what}`);
      break;
    case "kept":
      warn(explainReload(result.why, what));
      break;
    case "ending":
  }
}

async function watch(
  options: CommandLine,
  onChange: () => void,
): Promise<void> {
  const [{ watchModules }, { watchLinks }] = await Promise.all([
    import("./lib/cli/module_watch.ts"),
    import("./lib/cli/link_watch.ts"),
  ]);
  const failed = (error: unknown) =>
    warn(`${options.app} cannot be watched: ${(error as Error).message}`);
  try {
    const app = fromFileUrl(appUrl(options.app!));
    const watchApp = () => {
      const watched = watchModules(Deno.realPathSync(app), onChange);
      watched.ended.catch(failed);
      return watched;
    };
    let watched = watchApp();
    const { root } = siteOf(options);
    watchLinks(root === null ? [app] : [app, root], () => {
      watched[Symbol.dispose]();
      watched = watchApp();
      onChange();
    });
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
  const cut = await skein.drain(
    Promise.race([timeout, lifetime.cutOff.promise]),
  );
  if (cut === 0) return lifetime.exitCode;
  const connections = cut === 1
    ? "1 connection was"
    : `${cut} connections were`;
  warn(`${connections} cut off before the response was complete`);
  return 1;
}

/** What is to be served, and how. What is asked instead is answered here. */
async function readOptions(args: string[]): Promise<CommandLine> {
  try {
    const asked = readFlags(args);
    if (asked.kind === "version") return answer(`skein ${meta.version}`);
    if (!("given" in asked)) {
      const { answerTo } = await import("./lib/cli/answers.ts");
      const bold = Deno.stdout.isTerminal() && !Deno.noColor;
      return answer(await answerTo(asked, bold));
    }
    const file = await readSettingsFile(callerDirectory());
    const settings = readSettings(asked.given, variables, file);
    const options = readCommandLine(settings);
    if (asked.kind === "run") return options;
    const { describeSettings } = await import("./lib/cli/settings_text.ts");
    return answer(describeSettings(settings));
  } catch (error) {
    if (error instanceof UsageError) fail(2, error.message);
    throw error;
  }
}

function answer(text: string): never {
  print(console.log, text);
  Deno.exit(0);
}

function fail(code: number, sentence: string): never {
  print(console.error, `skein: ${sentence}`);
  Deno.exit(code);
}

/** A person who has pressed Ctrl-C hears at once what is waited for. */
function sayEnding(skein: Skein, { quiet }: CommandLine): void {
  if (quiet || !isTerminal) return;
  const { byState } = skein.inspect().connections;
  const count = (...states: string[]) =>
    states.reduce((sum, state) => sum + (byState[state] ?? 0), 0);
  const text = endingText(
    count("head", "body", "waiting", "writing"),
    count("upgraded"),
  );
  if (text !== null) print(console.log, `\n${text}`);
}

function factsOf(
  skein: Skein,
  options: CommandLine,
  admin: Deno.NetAddr | Deno.UnixAddr | null,
): GreetingFacts {
  const { addresses, secure } = skein.server;
  return {
    ...{ version: meta.version, tookMs: performance.now(), addresses, secure },
    root: options.root,
    app: options.app && nameOf(options.app),
    lists: listsOf(options),
    watches: options.watch,
    workers: skein.pool.size,
    admin,
    command: ownStartCommand(),
  };
}

function greeting(facts: GreetingFacts): string {
  if (isTerminal) return terminalGreeting(facts, networkAddresses(), paint);
  const { admin } = facts;
  const line = plainGreeting(facts);
  return admin === null ? line : `${line}\n${adminGreeting(admin)}`;
}

/** Addresses of this machine that others may reach; none where they may not be asked
 * for. */
function networkAddresses(): string[] {
  try {
    return Deno.networkInterfaces().map(({ address }) => address)
      .filter((each) => !/^(?:127\.|::1$|fe80:)/i.test(each));
  } catch {
    return [];
  }
}

async function open(facts: GreetingFacts): Promise<void> {
  const url = browserAddress(facts);
  if (url === null) return warn("--open: a socket file is for no browser");
  try {
    await openBrowser(url);
  } catch (error) {
    warn(`${url} cannot be opened: ${(error as Error).message}`);
  }
}

function warn(sentence: string): void {
  log.add(`skein: ${sentence}`);
}

function print(write: (text: string) => void, text: string): void {
  try {
    write(text);
  } catch {
    // The server goes on when its log is on a full disk or a closed pipe.
  }
}

/** Before anything else, so that a file that cannot be written is known at once. */
async function openAccessLog(
  { accessLog, quiet }: CommandLine,
): Promise<AccessLog | null> {
  if (accessLog === null && (quiet || !isTerminal)) return null;
  const { target = "-", format = null, queries = false } = accessLog ?? {};
  const isStdout = target === "-";
  const isForPerson = isStdout && isTerminal;
  const [
    { AccessLog },
    { fileTarget, LogFile, stdoutTarget },
    { LineFormatter },
  ] = await Promise.all([
    import("./lib/operate/access_log.ts"),
    import("./lib/operate/log_file.ts"),
    import("./lib/operate/log_line.ts"),
  ]);
  const file = new LogFile(
    isStdout ? stdoutTarget() : fileTarget(fromCaller(target)),
    warn,
  );
  const formatter = new LineFormatter({
    format: format ?? (isForPerson ? "pretty" : "combined"),
    queries,
    color: isForPerson && !Deno.noColor,
  });
  try {
    await file.open(openMs);
  } catch (error) {
    fail(1, explainAccessLog(error, target));
  }
  return new AccessLog({
    ...{ file, formatter, warn },
    ...accessLog === null ? { maxInSecond: maxLinesInSecond } : {},
  });
}

async function start(
  options: CommandLine,
  lifetime: Lifetime,
  operations: Operations,
): Promise<Skein> {
  if (options.app !== null) checkProject(options.app);
  const site = siteOf(options);
  const { root } = site;
  if (root !== null) await checkRoot(root, options.root ?? root);
  const { Skein } = await import("./lib/skein.ts");
  return await Skein.start({
    ...options,
    ...site,
    files: { ...options.site, list: listsOf(options) },
    listen: options.listen.flatMap((address) =>
      address === "systemd" ? passedSockets() : fromCallerAddress(address)
    ),
    tls: options.tls && fromCallerFiles(options.tls),
    basicAuth: options.basicAuth && {
      ...options.basicAuth,
      file: fromCaller(options.basicAuth.file),
    },
    traces: wantsTraces(),
    showErrors: options.watch,
    onRequest: operations.onRequest,
    log: (line) => log.add(line),
    print: (text, isError) => (isError ? log : output).print(text),
    onOutOfMemory: () => {
      warn(
        "a handler takes memory without end and cannot be stopped; Skein ends and has to be started again (see --isolation)",
      );
      lifetime.endWithFailure();
      setTimeout(lifetime.cutOff.resolve, outOfMemoryMs);
    },
    onTooManyLost: () => {
      warn("too many workers are lost; Skein ends and has to be started again");
      lifetime.endWithFailure();
    },
  });
}

/**
 * Whether directories are listed. Where nobody has said it, a person who starts Skein on
 * a terminal, for this machine alone, sees what is there, as other servers show it;
 * strangers never see names that no page links to.
 */
function listsOf(options: CommandLine): boolean {
  const { list, root, app } = options;
  return list ?? (isTerminal && root !== null && app === null &&
    isForThisMachine(options));
}

/** What is served. An app whose fetch returns nothing has nothing to do with the bundled
 * site. */
function siteOf({ root, app, workers, admin }: CommandLine) {
  if (root === null && app === null) {
    const about = {
      version: meta.version,
      command: ownStartCommand(),
      admin: admin && "port" in admin && admin.port > 0
        ? addressText(admin)
        : null,
    };
    return { root: fromFileUrl(bundledSite), ...helloApp(about, workers) };
  }
  return { root: root && fromCaller(root), app: app && appUrl(app), workers };
}

/** Before anything else is started, so that a wrong ROOT gets its own sentence. */
async function checkRoot(root: string, name: string): Promise<void> {
  try {
    if ((await Deno.stat(root)).isDirectory) return;
    throw new Deno.errors.NotADirectory();
  } catch (error) {
    fail(1, explainRoot(error, name, root));
  }
}

/** A variable that Skein has no permission to read counts as not set. */
function environment(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}

/** Whether this is the source, which has a configuration of its own. */
const isCheckout = import.meta.url.endsWith("/main.ts");

function ownCommand(): StartCommand {
  if (Deno.build.standalone) return { kind: "binary" };
  if (!isCheckout || import.meta.filename === undefined) {
    return { kind: "package" };
  }
  const words = [import.meta.filename, ...Deno.args];
  return { kind: "checkout", text: words.map(quoted).join(" ") };
}

/** As it can be typed, without options. */
function ownStartCommand(): string {
  const { kind } = ownCommand();
  return startCommand({
    kind,
    path: kind === "binary" ? Deno.execPath() : fromFileUrl(import.meta.url),
    directory: callerDirectory(),
    byNpx: environment("npm_command") === "exec",
  });
}

/** A person sees when a line comes, and the journal of systemd notes it. */
async function wantsTime(): Promise<boolean> {
  if (Deno.stderr.isTerminal()) return false;
  // What stderr was when systemd started the process (systemd.exec(5)).
  const journal = environment("JOURNAL_STREAM");
  if (journal === undefined) return true;
  const { dev, ino } = (await import("node:fs")).fstatSync(2);
  return journal !== `${dev}:${ino}`;
}

const variables = {
  get: environment,
  *names(): Iterable<string> {
    const { state } = Deno.permissions.querySync({ name: "env" });
    if (state === "granted") yield* Object.keys(Deno.env.toObject());
  },
};

/** The directory in which the command was typed. `deno task` changes into the project's
 * directory and leaves the other one in `INIT_CWD`. */
function callerDirectory(): string {
  const cwd = Deno.cwd();
  const caller = cwd === import.meta.dirname ? environment("INIT_CWD") : cwd;
  return caller ?? cwd;
}

function fromCaller(path: string): string {
  return resolve(callerDirectory(), path);
}

/** The sockets that systemd has passed (sd_listen_fds(3)). */
function passedSockets(): ListenAddress[] {
  const count = Number(environment("LISTEN_FDS") ?? 0);
  if (environment("LISTEN_PID") !== `${Deno.pid}` || !(count > 0)) {
    fail(2, "--listen systemd: no sockets were passed to this process");
  }
  return Array.from({ length: count }, (_, index) => ({ fd: 3 + index }));
}

function fromCallerAddress(address: ListenAddress): ListenAddress {
  return "path" in address
    ? { ...address, path: fromCaller(address.path) }
    : address;
}

function fromCallerFiles(
  tls: NonNullable<CommandLine["tls"]>,
): NonNullable<CommandLine["tls"]> {
  const { pairs, clientCa, redirectFrom } = tls;
  return {
    ...tls,
    pairs: pairs.map(({ cert, key }) => ({
      cert: fromCaller(cert),
      key: fromCaller(key),
    })),
    clientCa: clientCa && fromCaller(clientCa),
    redirectFrom: redirectFrom && fromCallerAddress(redirectFrom),
  };
}

/** What a binary has in it, by its path from this module. */
const embedded = "embedded:";

/** @param module a path or a URL */
function appUrl(module: string): string {
  if (Deno.build.standalone && module.startsWith(embedded)) {
    return new URL(module.slice(embedded.length), import.meta.url).href;
  }
  return /^[a-z][a-z0-9+.-]+:/i.test(module)
    ? module
    : toFileUrl(fromCaller(module)).href;
}

/** As messages call it: where it is within a binary tells nothing. */
function nameOf(app: string): string {
  return app.startsWith(embedded) ? app.slice(app.lastIndexOf("/") + 1) : app;
}

/** A checkout has its own configuration, by which other projects are not run. */
function checkProject(app: string): void {
  const url = new URL(appUrl(app));
  const checkout = import.meta.dirname;
  if (Deno.build.standalone || !isCheckout || url.protocol !== "file:") return;
  const path = fromFileUrl(url);
  const project = projectOf(path);
  if (project === null || project.directory === checkout) return;
  const tarball = `skein-${meta.version}.tgz`;
  fail(2, explainForeignApp(path, project, join(checkout!, "dist"), tarball));
}

if (import.meta.main) await main(Deno.args);
