import { assertEquals, assertStringIncludes } from "@std/assert";
import { connect } from "node:net";
import { defaultLimits } from "../../lib/limits.ts";
import { Server } from "../../lib/server/server.ts";
import { inTime } from "../support/in_time.ts";
import { startTestServer } from "../support/test_server.ts";

Deno.test("the server answers the hello page, and goes on with the connection", async () => {
  await using server = await startTestServer();
  using client = await server.connect();
  for (let i = 0; i < 3; i++) {
    const { head, body } = await client.get();
    assertStringIncludes(head, "HTTP/1.1 200 OK\r\n");
    assertStringIncludes(body, "Hi from Skein");
  }
  assertEquals(server.log, []);
});

/** Connects and resets, so that the listener is left with a connection that is gone. */
async function resetAtOnce(port: number): Promise<void> {
  const socket = connect({ host: "127.0.0.1", port });
  await new Promise((resolve) => socket.once("connect", resolve));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.resetAndDestroy();
  await closed;
}

Deno.test(
  "the server accepts at once behind 60 clients that have reset their connections",
  inTime(async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    for (let i = 0; i < 60; i++) await resetAtOnce(port);
    const bugs: unknown[] = [];
    const server = new Server([{ listener }], {
      limits: defaultLimits,
      dispatch: () => ({
        response: Promise.resolve({
          kind: "open",
          status: 204,
          fieldLines: "",
          body: null,
        }),
        worker: null,
        abandon() {},
        handedOver() {},
      }),
      wantsBodies: true,
      refuse: () => null,
      maxStreamedBodyBytes: null,
      serverName: null,
      secureLines: null,
      onRequest: null,
      proxies: null,
      readProxyHeader: null,
      onBug: (error) => bugs.push(error),
    });
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      headers: { connection: "close" },
    });
    assertEquals([response.status, bugs], [204, []]);
    await server.drain(Promise.resolve());
  }),
);
