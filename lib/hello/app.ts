/**
 * The app of the hello page, as workers import it: a slow route that blocks its thread,
 * as `/sleep` of the Rust Book's web server does, a fast one, and what the page tells of
 * this Skein. Must not know how it is served, nor what the page makes of it.
 *
 * @module
 */

// Long enough to press the button again and to see what the others do meanwhile.
const sleepMs = 3000;

/** Tells this worker from the others. */
const worker = crypto.randomUUID();

/** What `site.ts` has put behind the URL of this module, if it did. */
const about = Uint8Array.fromBase64(
  new URL(import.meta.url).search.slice(1),
  { alphabet: "base64url" },
);

const routes: Readonly<Record<string, () => BodyInit | Promise<BodyInit>>> = {
  "/sleep": async () => {
    await sleep(sleepMs);
    return JSON.stringify({ worker, sleptMs: sleepMs });
  },
  "/fast": () => JSON.stringify({ worker }),
  "/about.json": () => about,
};

/** When this thread may be blocked again. */
let mayBlockAt = -Infinity;

/** Blocks this thread, and uses no CPU time. Strangers may ask for it without end, so
 * afterwards it sleeps beside its other work for a while. */
function sleep(ms: number): Promise<void> | void {
  if (performance.now() < mayBlockAt) {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  mayBlockAt = performance.now() + ms;
}

/** The app. */
export default {
  /** Leaves to the directory what is not one of its routes. */
  async fetch(request: Request): Promise<Response | undefined> {
    const { pathname } = new URL(request.url);
    if (!Object.hasOwn(routes, pathname)) return undefined;
    return new Response(await routes[pathname](), {
      headers: {
        "content-type": "application/json",
        "cache-control": "no-store",
      },
    });
  },
};
