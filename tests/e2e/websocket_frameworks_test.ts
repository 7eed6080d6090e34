// deno-lint-ignore-file no-import-prefix
/**
 * WebSockets of frameworks as they come from the npm registry, with the client of the
 * npm package `ws`: what it hears under Skein is what it hears under `Deno.serve`.
 */

import { assertEquals } from "@std/assert";
import { WebSocket } from "npm:ws@8.23.0";
import { appUrl } from "../support/apps.ts";
import { ask } from "../support/clients.ts";
import { inTime } from "../support/in_time.ts";
import { startTestServer, untilEmpty } from "../support/test_server.ts";

/** What is used of the client, which has no types of its own. */
interface Client {
  send(text: string): void;
  ping(payload: string): void;
  on(event: string, listener: (...values: unknown[]) => void): void;
}

/** Talks for a while.
 *
 * @returns what the client has heard */
async function talk(port: number): Promise<string[]> {
  const url = `ws://127.0.0.1:${port}/ws?name=Ferris`;
  const client = new WebSocket(url) as unknown as Client;
  const heard: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  client.on("message", (data) => {
    heard.push(`${data}`);
    if (heard.length === 1) client.send("gr\u00fcezi");
    else if (heard.length === 2) client.ping("payload");
  });
  client.on("pong", (payload) => {
    heard.push(`pong ${payload}`);
    client.send("bye");
  });
  client.on("error", (error) => heard.push(`${error}`));
  client.on("close", (code, reason) => {
    heard.push(`close ${code} ${reason}`);
    resolve();
  });
  await promise;
  return heard;
}

type Fetch = (
  request: Request,
  info: Deno.ServeHandlerInfo<Deno.NetAddr>,
) => Response | Promise<Response>;

for (
  const { name, module } of [
    { name: "Hono", module: "hono_sockets" },
    { name: "h3 with crossws", module: "h3_sockets" },
    { name: "h3 version 1 with crossws", module: "h3_old_sockets" },
  ]
) {
  Deno.test(
    `a socket of ${name}, asked by the client ws, talks as under Deno.serve`,
    inTime(async () => {
      const url = appUrl(`frameworks/${module}`);
      const { default: app } = await import(url.href);
      await using server = await startTestServer({ app: url, workers: 1 });
      await using served = Deno.serve(
        { port: 0, hostname: "127.0.0.1", onListen() {} },
        app.fetch as Fetch,
      );
      const heard = await talk(server.port);
      assertEquals(heard, [
        ...["hello Ferris", "gr\u00fcezi", "pong payload"],
        "close 4001 bye",
      ]);
      assertEquals(await talk(served.addr.port), heard);
      assertEquals((await ask(server, "/")).body, "plain");
      assertEquals(server.log, []);
      await untilEmpty(server);
    }, 60_000),
  );
}
