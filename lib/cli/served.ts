/**
 * What is served, where and to whom, as a command line says it. Must not know how.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import type { StaticOptions } from "../files/static_options.ts";
import { helloApp } from "../hello/site.ts";
import type { ListenAddress } from "../server/listen.ts";
import type { AuthFlags } from "./auth_flags.ts";
import { type CommandLine, isForThisMachine } from "./command_line.ts";
import { addressText } from "./greeting.ts";
import { type Invocation, passedSockets } from "./invocation.ts";
import { explainRoot, StartupError } from "./startup_errors.ts";
import type { TlsFlags } from "./tls_flags.ts";

/** The program that serves, and its terminal. */
export interface Program {
  readonly version: string;
  readonly invocation: Invocation;
  /** Where the hello page is. */
  readonly bundledSite: URL;
  readonly isTerminal: boolean;
}

/** A directory, an app or both. */
export interface Site {
  readonly root: string | null;
  /** Its URL. */
  readonly app: string | null;
  readonly appPaths?: readonly string[];
  readonly workers: number | undefined;
}

/** What is served. An app whose fetch returns nothing has nothing to do with the bundled
 * site. */
export function siteOf(
  { root, app, workers, admin }: CommandLine,
  { invocation, version, bundledSite }: Program,
): Site {
  if (root === null && app === null) {
    const about = {
      version,
      command: invocation.commandText,
      admin: admin && "port" in admin && admin.port > 0
        ? addressText(admin)
        : null,
    };
    return { root: fromFileUrl(bundledSite), ...helloApp(about, workers) };
  }
  return {
    root: root && invocation.path(root),
    app: app && invocation.appUrl(app),
    workers,
  };
}

/**
 * Whether directories are listed. Where nobody has said it, a person who starts Skein on
 * a terminal, for this machine alone, sees what is there, as other servers show it;
 * strangers never see names that no page links to.
 */
export function listsOf(options: CommandLine, isTerminal: boolean): boolean {
  const { list, root, app } = options;
  return list ?? (isTerminal && root !== null && app === null &&
    isForThisMachine(options));
}

/** What depends on how Skein was started, of the options of a Skein. */
export interface ServedOptions extends Site {
  readonly files: StaticOptions;
  readonly listen: readonly ListenAddress[];
  readonly tls: TlsFlags | null;
  readonly basicAuth: AuthFlags | null;
}

/**
 * Looks at what is to be served before anything else is started, so that what is wrong
 * gets its own sentence.
 *
 * @throws {UsageError} where an app or an address is none that this process can serve
 * @throws {StartupError} where the directory cannot be served
 */
export async function servedOptions(
  options: CommandLine,
  program: Program,
): Promise<ServedOptions> {
  const { invocation, version, isTerminal } = program;
  const { app, listen, tls, basicAuth } = options;
  if (app !== null) invocation.refuseForeign(app, version);
  const site = siteOf(options, program);
  const { root } = site;
  if (root !== null) await requireDirectory(root, options.root ?? root);
  return {
    ...site,
    files: { ...options.site, list: listsOf(options, isTerminal) },
    listen: listen.flatMap((address) =>
      address === "systemd" ? passedSockets() : invocation.address(address)
    ),
    tls: tls && invocation.tls(tls),
    basicAuth: basicAuth && invocation.auth(basicAuth),
  };
}

async function requireDirectory(root: string, name: string): Promise<void> {
  try {
    if ((await Deno.stat(root)).isDirectory) return;
    throw new Deno.errors.NotADirectory();
  } catch (error) {
    throw new StartupError(explainRoot(error, name, root));
  }
}
