/**
 * Small files that are asked for again and again: the main thread responds, and what it
 * says is what a worker would say.
 */

import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { ask } from "../support/clients.ts";
import { inTime, until } from "../support/in_time.ts";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { makeTree } from "../support/tree.ts";

/** Requests that workers were given. */
function given({ skein }: TestServer): number {
  return skein.inspect().workers.reduce((sum, { jobs }) => sum + jobs, 0);
}

Deno.test(
  "a small file that is asked for again and again costs the workers next to nothing",
  inTime(async () => {
    using tree = await makeTree({ "www/a.txt": "small" });
    await using server = await startTestServer({ root: tree.root });
    for (let i = 0; i < 5; i++) await ask(server, "/a.txt");
    const before = given(server);
    for (let i = 0; i < 200; i++) {
      assertEquals((await ask(server, "/a.txt")).body, "small");
    }
    // Each 0.9 s a worker has to look again.
    assertLess(given(server) - before, 100);
  }),
);

Deno.test(
  "responses from memory and from workers are alike",
  inTime(async () => {
    using tree = await makeTree({ "www/a.html": "x".repeat(3000) });
    await using server = await startTestServer({ root: tree.root, workers: 1 });
    // With traces every request goes to a worker.
    await using other = await startTestServer({
      root: tree.root,
      traces: true,
    });
    const requests = [
      "GET /a.html HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /a.html HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n",
      "GET /a.html HTTP/1.1\r\nHost: h\r\nRange: bytes=1-5\r\n\r\n",
      "GET /a.html HTTP/1.1\r\nHost: h\r\nIf-None-Match: *\r\n\r\n",
      'GET /a.html HTTP/1.1\r\nHost: h\r\nIf-Match: "no"\r\n\r\n',
      "GET /a.html HTTP/1.1\r\nHost: h\r\nRange: bytes=9000-\r\n\r\n",
      "GET /a.html HTTP/1.0\r\n\r\n",
      "GET /a.html HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
      "GET /a.html HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    ];
    const responseTo = async (request: string, to = server) => {
      using client = await to.connect();
      await client.send(request);
      const { head, body } = await client.readResponse();
      return head.replace(/^Date: .*\r\n/m, "") + body;
    };
    const fromWorkers: string[] = [];
    for (const request of requests) {
      fromWorkers.push(await responseTo(request, other));
    }
    assertEquals(given(other), requests.length);
    for (const [index, request] of requests.entries()) {
      await until(async () => {
        const before = given(server);
        assertEquals(await responseTo(request), fromWorkers[index], request);
        return given(server) === before;
      });
    }
    assertMatch(fromWorkers[0], /^HTTP\/1\.1 200 OK\r\n/);
  }),
);
