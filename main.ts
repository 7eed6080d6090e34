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

import { renounceOpeners } from "./lib/cli/browser.ts";
import {
  type CommandLine,
  readCommandLine,
  readFlags,
  readSettings,
  UsageError,
} from "./lib/cli/command_line.ts";
import {
  environment,
  variables,
  wantsTime,
  wantsTraces,
} from "./lib/cli/environment.ts";
import type { AppChanges } from "./lib/cli/app_watch.ts";
import { plainGreeting } from "./lib/cli/greeting.ts";
import { Invocation, nameOf } from "./lib/cli/invocation.ts";
import { cutOffText, endingOf, Lifetime } from "./lib/cli/lifetime.ts";
import { Log, logTime } from "./lib/cli/log.ts";
import { planAccessLog } from "./lib/cli/operate_flags.ts";
import { type Program, servedOptions, siteOf } from "./lib/cli/served.ts";
import { readSettingsFile } from "./lib/cli/settings_file.ts";
import {
  explainAccessLog,
  explainAdmin,
  explainReload,
  failureOf,
  permissionHint,
} from "./lib/cli/startup_errors.ts";
import { painter } from "./lib/cli/terminal.ts";
import { spawnAhead } from "./lib/messages/spawn.ts";
import type { AccessLog } from "./lib/operate/access_log.ts";
import type { Operations } from "./lib/operate/operations.ts";
import type { Skein } from "./lib/skein.ts";
import meta from "./deno.json" with { type: "json" };

/** V8 aborts a process whose handler takes memory without end a few seconds later. */
const outOfMemoryMs = 2000;

const isTerminal = Deno.stdout.isTerminal();
const isColored = isTerminal && !Deno.noColor;

const invocation = new Invocation(import.meta, Deno.args);
const program: Program = {
  version: meta.version,
  invocation,
  bundledSite: new URL("./static", import.meta.url),
  isTerminal,
};

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
  const changes = options.watch ? await changesOf(options) : null;
  const load = () => start(options, lifetime, operations);
  const starting =
    (changes === null
      ? load()
      : changes.onceItLoads(load, (error) => sayWaiting(error, options)))
      .catch((error) => fail(...failure(error, options)));
  const skein = await Promise.race([starting, lifetime.ending.promise]);
  // The signal came during the start: there are no requests to finish.
  if (skein === undefined) return Deno.exit(lifetime.exitCode);
  const admin = await operations.listen(skein).catch((error) =>
    fail(1, explainAdmin(error))
  );
  const { factsOf, greeting, openPage } = await import(
    "./lib/cli/announcement.ts"
  );
  const facts = factsOf(skein, options, program, admin);
  const status = plainGreeting(facts);
  operations.started(skein, status);
  if (!options.quiet) {
    const paint = isTerminal ? painter(isColored) : null;
    print(console.log, greeting(facts, paint));
  }
  if (options.open) openPage(facts, warn);
  const onReload = () => reload(skein, options, operations, status);
  lifetime.onHangup = () => {
    operations.reopenLog();
    onReload();
  };
  changes?.listen(onReload);
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
  const { app, root } = siteOf(options, program);
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

async function makeOperations(options: CommandLine): Promise<Operations> {
  const [{ Operations }, { ServiceManager }] = await Promise.all([
    import("./lib/operate/operations.ts"),
    import("./lib/operate/service_manager.ts"),
    // It is what comes next, and these three have modules in common.
    import("./lib/skein.ts"),
    // Once clients come, there may be no descriptor to read it with.
    import("./lib/cli/announcement.ts"),
  ]);
  return new Operations({
    accessLog: await openAccessLog(options),
    admin: options.admin && invocation.address(options.admin),
    version: meta.version,
    manager: new ServiceManager(environment, warn),
    onBug: (error) => warn(`${error}`),
  });
}

async function reload(
  skein: Skein,
  options: CommandLine,
  operations: Operations,
  status: string,
): Promise<void> {
  operations.reloading();
  const result = await skein.reload();
  if (result.kind !== "ending") operations.reloaded(status);
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

async function changesOf(options: CommandLine): Promise<AppChanges> {
  const { AppChanges } = await import("./lib/cli/app_watch.ts");
  const { app } = options;
  return new AppChanges({
    app: invocation.appUrl(app!),
    root: siteOf(options, program).root,
    onFailure: (error) =>
      warn(`${app} cannot be watched: ${(error as Error).message}`),
  });
}

function sayWaiting(error: Error, options: CommandLine): void {
  warn(failure(error, options)[1]);
  warn(`${nameOf(options.app!)} is loaded again when it changes`);
}

function failure(error: Error, options: CommandLine) {
  return failureOf(error, { ...options, command: invocation.command });
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
  warn(cutOffText(cut));
  return 1;
}

/** What is to be served, and how. What is asked instead is answered here. */
async function readOptions(args: string[]): Promise<CommandLine> {
  try {
    const asked = readFlags(args);
    if (asked.kind === "version") return answer(`skein ${meta.version}`);
    if (!("given" in asked)) {
      const { answerTo } = await import("./lib/cli/answers.ts");
      return answer(await answerTo(asked, isColored));
    }
    const file = await readSettingsFile(invocation.directory);
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
  const text = endingOf(skein.inspect().connections.byState);
  // The terminal has shown the ^C, and a shell begins its prompt behind that.
  print(console.log, text === null ? "" : `\n${text}`);
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
  const plan = planAccessLog(accessLog, quiet, { isTerminal, isColored });
  if (plan === null) return null;
  const { target } = plan;
  const { openAccessLog } = await import("./lib/operate/open_access_log.ts");
  const path = target === "-" ? null : invocation.path(target);
  return await openAccessLog({ ...plan, path }, warn).catch((error) =>
    fail(1, explainAccessLog(error, target))
  );
}

async function start(
  options: CommandLine,
  lifetime: Lifetime,
  operations: Operations,
): Promise<Skein> {
  const served = await servedOptions(options, program);
  const { Skein } = await import("./lib/skein.ts");
  return await Skein.start({
    ...options,
    ...served,
    traces: wantsTraces(),
    showErrors: options.watch,
    onRequest: operations.onRequest,
    log: (line) => log.add(line + permissionHint(line, invocation.command)),
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

if (import.meta.main) await main(Deno.args);
