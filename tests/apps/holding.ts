/**
 * An app whose `/hold?until=PATH` answers when there is a file of that name, so
 * that a test decides how long a request is in flight; `/held` tells how many are.
 */

let held = 0;

/** The app. */
export default {
  /** Holds, tells, or leaves it to the directory. */
  async fetch(request: Request): Promise<Response | undefined> {
    const { pathname, searchParams, search } = new URL(request.url);
    if (pathname === "/held") return new Response(`${held}`);
    if (pathname === "/echo") return new Response(search.slice(1));
    if (pathname !== "/hold") return;
    await request.text();
    held++;
    while (!exists(searchParams.get("until")!)) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return new Response("released");
  },
};

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
