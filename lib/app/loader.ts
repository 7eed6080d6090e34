/**
 * Inside a worker: from the URL of an app's module to the app. Must not know
 * requests.
 *
 * @module
 */

/** What an app is told besides the request: the same as under `deno serve`. */
export interface AppInfo {
  /** Who asks. */
  readonly remoteAddr: Deno.NetAddr;
  /** Settles when the response is out of the app's hands: resolves where it was
   * handed over whole, rejects with `Deno.errors.Interrupted` where not. */
  readonly completed: Promise<void>;
}

/** The default export of an app's module: an object or an instance of any class. */
export interface App {
  /** Answers a request; with nothing, what ROOT has there is served. */
  fetch(request: Request, info: AppInfo): unknown;
}

/** The module has no such export, or its import failed. */
export class AppError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "AppError";
  }
}

/** A module that was imported. */
export interface AppModule {
  /** Its default export. Within an object, because a promise would take an app for
   * another promise that answers to every name, as some routers do, to `then` too. */
  readonly app: App;
}

/**
 * Imports an app.
 *
 * @param url of its module
 * @throws {AppError} where there is no app
 */
export async function loadApp(url: string): Promise<AppModule> {
  let module: { default?: unknown };
  try {
    module = await import(url);
  } catch (error) {
    throw new AppError(
      `The app ${url} cannot be imported: ${
        (error as Error)?.message ?? error
      }${placeOf(error)}`,
    );
  }
  const app = module.default as Partial<App> | null | undefined;
  if (typeof app?.fetch !== "function") {
    throw new AppError(
      `The app ${url} has no "export default { fetch(request) {} }"`,
    );
  }
  return { app: app as App };
}

/** Where a module has thrown, the way in which the runtime tells of a syntax error. */
function placeOf(error: unknown): string {
  const { stack } = error instanceof Error ? error : { stack: undefined };
  const place = /^ +at (?!async )(?:.* \()?(\S+:\d+:\d+)\)?$/m.exec(
    stack ?? "",
  );
  return place === null ? "" : `\n    at ${place[1]}`;
}
