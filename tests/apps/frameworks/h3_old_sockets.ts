// deno-lint-ignore-file no-import-prefix
/**
 * The same with the version of h3 before.
 */

import crossws from "npm:crossws@0.3.5/adapters/deno";
import {
  createApp,
  createRouter,
  defineEventHandler,
  defineWebSocketHandler,
  toWebHandler,
} from "npm:h3@1.15.4";

const router = createRouter();
const app = createApp().use(router);

router.get("/", defineEventHandler(() => "plain"));
router.get(
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

const sockets = crossws(app.websocket);
const handle = toWebHandler(app);

export default {
  fetch: (request: Request, info: Deno.ServeHandlerInfo<Deno.NetAddr>) =>
    request.headers.get("upgrade") === "websocket"
      ? sockets.handleUpgrade(request, info)
      : handle(request),
};
