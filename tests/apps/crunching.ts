/**
 * An app that computes: `/heavy` and all below it for `?ms=` milliseconds (200
 * by default), `/late` likewise after waiting for a timer, `/mixed` only where it
 * is asked to; `/light` answers at once, and `/runs` how many requests came before
 * it. Every other answer says which worker gave it, and so does a WebSocket on
 * `/socket`.
 *
 * ```sh
 * deno task start --app tests/apps/crunching.ts
 * ```
 */

/** Tells one worker from another. */
const instance = crypto.randomUUID();
let runs = 0;

/** The app. */
export default {
  /** Computes, or not. */
  async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const ms = Number(searchParams.get("ms") ?? 200);
    if (pathname === "/runs") return new Response(`${runs}`);
    runs++;
    if (pathname === "/socket") return socket(request);
    const [, family] = pathname.split("/");
    if (family === "late") {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    if (family === "heavy" || family === "late") compute(ms);
    if (family === "mixed" && searchParams.has("ms")) compute(ms);
    return new Response(instance);
  },
};

function socket(request: Request): Response {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onopen = () => socket.send(instance);
  return response;
}

function compute(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
