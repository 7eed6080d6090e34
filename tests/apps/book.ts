/**
 * The demonstration of the Rust Book's last chapter, as an app: `/sleep` waits
 * for five seconds (`?ms=` for another span), `/spin` computes for one. Meanwhile
 * `/` answers at once. What this app does not answer, the directory does.
 *
 * ```sh
 * deno task start --app tests/apps/book.ts
 * ```
 */

/** The app. */
export default {
  /** Answers the two slow routes; leaves all others to the directory. */
  async fetch(request: Request): Promise<Response | undefined> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/sleep") {
      const ms = milliseconds(searchParams, 5000);
      await new Promise((resolve) => setTimeout(resolve, ms));
      return new Response(`Slept for ${ms} ms\n`);
    }
    if (pathname === "/spin") {
      const ms = milliseconds(searchParams, 1000);
      const end = performance.now() + ms;
      while (performance.now() < end);
      return new Response(`Spun for ${ms} ms\n`);
    }
  },
};

function milliseconds(query: URLSearchParams, byDefault: number): number {
  const ms = Number(query.get("ms") ?? byDefault);
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 60_000) : byDefault;
}
