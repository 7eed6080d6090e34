/** A server behind a proxy: what its app, its log and its limits know of the client. */

import { assertEquals, assertMatch } from "@std/assert";
import { inlineApp } from "../support/apps.ts";
import { inTime } from "../support/in_time.ts";
import { startTestServer } from "../support/test_server.ts";
import { head } from "../support/wire.ts";
import { spawnCommand } from "../support/command.ts";

const telling = inlineApp(`
  export default {
    fetch: (request, { remoteAddr }) =>
      new Response(request.url + " " + remoteAddr.hostname + " " + remoteAddr.port),
  };`);

const forwarded = head(
  ...["GET /a?b HTTP/1.1", "Host: inside:8080", "Connection: close"],
  ...["X-Forwarded-For: 9.9.9.9, 2.2.2.2", "X-Forwarded-Proto: https"],
  "X-Forwarded-Host: shop.example",
);

for (const trustProxy of [["loopback"], ["10.0.0.0/8"]]) {
  Deno.test(
    `an app behind a proxy, where ${trustProxy} is trusted`,
    inTime(async () => {
      const peers: string[] = [];
      await using server = await startTestServer({
        app: telling,
        trustProxy,
        limits: {
          maxConnectionsPerAddress: trustProxy[0] === "loopback" ? 1 : 9,
        },
        onRequest: ({ peer }) => peers.push(peer),
      });
      // The limit is not the proxy's.
      using _other = await server.connect();
      const body = (await server.exchange(forwarded)).split("\r\n\r\n")[1];
      if (trustProxy[0] === "loopback") {
        assertEquals(body, "https://shop.example/a?b 2.2.2.2 0");
        assertEquals(peers, ["2.2.2.2 0"]);
      } else {
        assertMatch(body, /^http:\/\/inside:8080\/a\?b 127\.0\.0\.1 [1-9]/);
        assertMatch(peers[0], /^127\.0\.0\.1 [1-9]/);
      }
    }),
  );
}

Deno.test(
  "the command says which network is none",
  inTime(async () => {
    const child = spawnCommand(["-p", "0", "--trust-proxy", "10.0.0.0/33"]);
    const [{ code }, stderr] = await Promise.all([
      child.status,
      new Response(child.stderr).text(),
      child.stdout.cancel(),
    ]);
    assertEquals(code, 2);
    assertMatch(
      stderr,
      /--trust-proxy takes a network .*, not "10\.0\.0\.0\/33"/,
    );
  }),
);

Deno.test(
  "--proxy-protocol: the client is who the header says, and nobody is served without",
  inTime(async () => {
    const peers: string[] = [];
    await using server = await startTestServer({
      app: telling,
      proxyProtocol: true,
      limits: { headTimeoutMs: 300, sweepMs: 20, maxConnectionsPerAddress: 1 },
      onRequest: ({ peer }) => peers.push(peer),
    });
    const header = "PROXY TCP4 9.8.7.6 127.0.0.1 4711 80\r\n";
    const request = head("GET / HTTP/1.1", "Host: h", "Connection: close");
    assertMatch(
      await server.exchange(header + request),
      /\r\n\r\nhttp:\/\/h\/ 9\.8\.7\.6 4711$/,
    );
    assertEquals(peers, ["9.8.7.6 4711"]);
    // Byte by byte.
    using slow = await server.connect();
    for (const byte of header + request) await slow.send(byte);
    assertMatch(await slow.readAll(), /9\.8\.7\.6 4711$/);
    // The limit is the client's, not the proxy's.
    using _first = await server.connect();
    await _first.send(header);
    using second = await server.connect();
    await second.send(header.replace("9.8.7.6", "9.8.7.7") + request);
    assertMatch(await second.readAll(), /^HTTP\/1\.1 200 /);
    using third = await server.connect();
    await third.send(header + request);
    assertMatch(await third.readAll(), /^HTTP\/1\.1 503 /);
    // None, and none in time.
    assertEquals(await server.exchange(request), "");
    using silent = await server.connect();
    assertEquals(await silent.readAll(), "");
  }),
);
