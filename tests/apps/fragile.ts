/**
 * An app that boots only while the file named in its URL (`?while=PATH`) says
 * "whole". `/echo?WORD` answers WORD, `/die` ends its worker.
 */

const { searchParams } = new URL(import.meta.url);
if (Deno.readTextFileSync(searchParams.get("while")!) !== "whole") {
  throw new Error("broken in the meantime");
}

/** The app. */
export default {
  /** Echoes or dies. */
  fetch(request: Request): Response {
    const { pathname, search } = new URL(request.url);
    if (pathname === "/die") Deno.exit(1);
    return new Response(search.slice(1));
  },
};
