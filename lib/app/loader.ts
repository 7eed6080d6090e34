/**
 * Inside a worker: imports the module of an app and checks what it exports. Must not
 * know requests.
 *
 * @module
 */

/** The second argument of `fetch`, as under `deno serve`. */
export interface AppInfo {
  /** The address of the client. */
  readonly remoteAddr: Deno.NetAddr;
  /** Resolves when the response was handed to the system whole; rejects with
   * `Deno.errors.Interrupted` where it was not. */
  readonly completed: Promise<void>;
}

/** The default export of an app's module: an object or an instance of any class. */
export interface App {
  /** Responds to a request. If it returns nothing, Skein looks for a file. */
  fetch(request: Request, info: AppInfo): unknown;
}

/**
 * Imports an app.
 *
 * @param url of its module
 * @returns the app within an object. Some routers return a function for every name, so
 * also for `then`, and a promise of such an app would never resolve.
 * @throws where the import fails, or the module is not an app
 */
export async function loadApp(url: string): Promise<{ readonly app: App }> {
  let module: { default?: unknown };
  try {
    module = await import(url);
  } catch (error) {
    throw new Error(
      `The app ${url} cannot be imported: ${
        (error as Error)?.message ?? error
      }${placeOf(error)}`,
    );
  }
  const app = module.default as Partial<App> | null | undefined;
  if (typeof app?.fetch !== "function") {
    throw new Error(
      `The app ${url} has no "export default { fetch(request) {} }"`,
    );
  }
  return { app: app as App };
}

/** The place where a module threw, in the format in which Deno adds the place to the
 * message of a syntax error. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const place = /^ +at (?!async )(?:.* \()?(\S+:\d+:\d+)\)?$/m.exec(
    error.stack ?? "",
  );
  return place === null ? "" : `\n    at ${place[1]}`;
}
