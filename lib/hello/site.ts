/**
 * What is served beside the hello page: the small app that its demonstration asks. Must
 * not know how that is done.
 *
 * @module
 */

/** What the page tells of this Skein. */
export interface About {
  readonly version: string;
  /** What starts it where it was started; arguments follow. */
  readonly command: string;
  /** The URL of the status page, or `null` where there is none. */
  readonly admin: string | null;
}

/** Of what a Skein is started with. */
export interface HelloApp {
  readonly app: string;
  readonly appPaths: readonly string[];
  readonly workers: number;
}

/** Everything else is files, which the main thread serves from memory. */
const appPaths = ["/sleep", "/fast", "/about.json"];

/** @param workers their number, where it was said */
export function helloApp(
  about: About,
  workers: number = defaultWorkers(),
): HelloApp {
  const app = new URL("./app.ts", import.meta.url);
  const json = new TextEncoder().encode(JSON.stringify({ ...about, workers }));
  // Below node_modules the runtime refuses URLs with %2F or %2C.
  app.search = json.toBase64({ alphabet: "base64url" });
  return { app: app.href, appPaths, workers };
}

/** While one sleeps, another responds. */
function defaultWorkers(): number {
  return Math.max(2, navigator.hardwareConcurrency);
}
