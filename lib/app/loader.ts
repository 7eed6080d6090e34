/**
 * Inside a worker: imports the module of an app and checks what it exports. Must not
 * know requests.
 *
 * @module
 */

import type { ClientCertificate } from "../http/message.ts";
import { OtherServers } from "./other_servers.ts";

/** The second argument of `fetch`, as under `deno serve`. */
export interface AppInfo {
  /** The address of the client. */
  readonly remoteAddr: Deno.NetAddr;
  /** Resolves when the response was handed to the system whole; rejects with
   * `Deno.errors.Interrupted` where it was not. */
  readonly completed: Promise<void>;
  /** The certificate of the client, where `--tls-client-ca` asks for one. */
  readonly clientCertificate?: ClientCertificate | null;
}

/** The default export of an app's module: an object or an instance of any class. */
export interface App {
  /** Responds to a request. If it returns nothing, Skein looks for a file. */
  fetch(request: Request, info: AppInfo): unknown;
}

/** The app cannot be imported; the cause is what was thrown. */
export class ImportError extends Error {
  /** The URL of its module. */
  readonly url: string;

  constructor(url: string, cause: unknown) {
    super(`The app ${url} cannot be imported`, { cause });
    this.name = "ImportError";
    this.url = url;
  }
}

/**
 * Imports an app.
 *
 * @param url of its module
 * @param onLoaded called when all its modules are there, downloaded if need be, and
 * before the first of them is run
 * @returns the app within an object. Some routers return a function for every name, so
 * also for `then`, and a promise of such an app would never resolve.
 * @throws {ImportError} where the import fails
 * @throws where the module is not an app
 */
export async function loadApp(
  url: string,
  onLoaded: () => void = () => {},
): Promise<{ readonly app: App }> {
  using others = new OtherServers();
  await load(url, onLoaded);
  let module: { default?: unknown };
  try {
    module = await import(url);
  } catch (error) {
    throw new ImportError(url, error);
  }
  const app = module.default as Partial<App> | null | undefined;
  if (typeof app?.fetch !== "function") {
    const { explainExports } = await import("./wrong_app.ts");
    throw new Error(explainExports(url, { ...module }, others.awaitsEvents));
  }
  return { app: app as App };
}

const loadedHook = Symbol.for("skein.loaded");

/** Loads and runs it, from a module that is run before all others. What goes wrong is
 * thrown again by the plain import, without that module in its message. */
async function load(url: string, onLoaded: () => void): Promise<void> {
  const scope = globalThis as unknown as Record<symbol, () => void>;
  scope[loadedHook] = onLoaded;
  const hook = dataUrl(`globalThis[Symbol.for("${loadedHook.description}")]()`);
  const first = dataUrl(
    `import ${JSON.stringify(hook)}; import ${JSON.stringify(url)};`,
  );
  await import(first).catch(() => {});
  delete scope[loadedHook];
}

function dataUrl(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}
