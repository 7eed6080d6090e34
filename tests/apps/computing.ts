/**
 * An app with work to do: `/heavy?turns=N` computes, `/light` answers at once,
 * `/loop` never answers, and `/echo` is a WebSocket that sends back what it receives. The work is a number of turns and not a span of time: a
 * thread that has to share its core then takes longer over it, as real work does.
 *
 * ```sh
 * deno task start --app tests/apps/computing.ts
 * ```
 */

/** Computes for `turns` turns; what comes out depends on every one of them. */
export function work(turns: number): number {
  let state = 1;
  for (let turn = 0; turn < turns; turn++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return state;
}

/** The app. */
export default {
  /** Answers the four routes. */
  fetch(request: Request): Response {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/light") return new Response("light\n");
    if (pathname === "/heavy") {
      const turns = Number(searchParams.get("turns") ?? 0);
      return new Response(`${work(turns)}\n`);
    }
    if (pathname === "/loop") loopForEver();
    if (pathname === "/echo") return echo(request);
    return new Response("There is /heavy, /light, /loop and /echo\n", {
      status: 404,
    });
  },
};

function echo(request: Request): Response {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
}

function loopForEver(): never {
  for (;;);
}
