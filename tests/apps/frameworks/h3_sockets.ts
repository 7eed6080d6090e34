// deno-lint-ignore-file no-import-prefix
/**
 * A WebSocket of h3, with crossws as its documentation has it for Deno.
 */

import crossws from "npm:crossws@0.4.17/adapters/deno";
import { defineWebSocketHandler, H3 } from "npm:h3@2.0.8";

const app = new H3({ silent: true });

app.get("/", () => "plain");
app.get(
  "/ws",
  defineWebSocketHandler({
    open: (peer) => {
      const name = new URL(peer.request.url).searchParams.get("name");
      peer.send(`hello ${name}`);
    },
    message: (peer, message) => {
      if (message.text() === "bye") peer.close(4001, "bye");
      else peer.send(message.text());
    },
  }),
);

const sockets = crossws({
  resolve: async (request) =>
    (await app.fetch(request as Request) as unknown as { crossws: object })
      .crossws,
});

export default {
  fetch: (request: Request, info: Deno.ServeHandlerInfo<Deno.NetAddr>) =>
    request.headers.get("upgrade") === "websocket"
      ? sockets.handleUpgrade(request, info)
      : app.fetch(request),
};
