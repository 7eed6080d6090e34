// deno-lint-ignore-file no-import-prefix
/**
 * A WebSocket of Hono, as its documentation has it for Deno.
 */

import { Hono } from "npm:hono@4.13.19";
import { upgradeWebSocket } from "npm:hono@4.13.19/deno";

const app = new Hono();

app.get("/", (context) => context.text("plain"));
app.get(
  "/ws",
  upgradeWebSocket((context) => ({
    onOpen: (_, socket) => socket.send(`hello ${context.req.query("name")}`),
    onMessage: (event, socket) => {
      if (event.data === "bye") socket.close(4001, "bye");
      else socket.send(event.data as string);
    },
  })),
);

export default app;
