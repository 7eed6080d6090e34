/**
 * The hello page and its app over the wire: a few paths are the app's, and all else is
 * files as without it.
 */

import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { helloApp } from "../../lib/hello/site.ts";
import type { SkeinOptions } from "../../lib/skein.ts";
import { inTime, until } from "../support/in_time.ts";
import { startTestServer } from "../support/test_server.ts";

const about = { version: "1.2.3", command: "./a&b=c", admin: null };
const options: Partial<SkeinOptions> = helloApp(about, 2);

const json = "application/json";
const html = "text/html; charset=utf-8";
const plain = "text/plain; charset=utf-8";
const rows: readonly {
  readonly request: string;
  readonly status: number;
  readonly type: string;
  readonly body: RegExp;
}[] = [
  {
    request: "GET /fast",
    status: 200,
    type: json,
    body: /^\{"worker":"[^"]+"\}$/,
  },
  { request: "GET /fast?again", status: 200, type: json, body: /"worker"/ },
  { request: "HEAD /fast", status: 200, type: json, body: /^$/ },
  {
    request: "GET /about.json",
    status: 200,
    type: json,
    body:
      /^\{"version":"1\.2\.3","command":"\.\/a&b=c","admin":null,"workers":2\}$/,
  },
  { request: "GET /", status: 200, type: html, body: /Hi from Skein/ },
  {
    request: "GET /hello.js",
    status: 200,
    type: "text/javascript; charset=utf-8",
    body: /demonstration/,
  },
  { request: "GET /faster", status: 404, type: html, body: /Oops!/ },
  { request: "GET /fast/", status: 404, type: html, body: /Oops!/ },
  { request: "POST /", status: 405, type: plain, body: /POST/ },
  { request: "POST /fast", status: 405, type: plain, body: /POST/ },
  { request: "BREW /fast", status: 501, type: plain, body: /method/ },
];

Deno.test(
  "the app of the hello page has a few paths, all others are files",
  inTime(async () => {
    await using server = await startTestServer(options);
    for (const { request, status, type, body } of rows) {
      const [method, path] = request.split(" ");
      const response = await fetch(`${server.url}${path}`, { method });
      const text = await response.text();
      assertEquals(
        [response.status, response.headers.get("content-type")],
        [status, type],
        request,
      );
      assertMatch(text, body, request);
    }
    assertEquals(server.log, []);
  }),
);

Deno.test(
  "one worker sleeps, and the others respond to many fast requests meanwhile",
  inTime(async () => {
    await using server = await startTestServer(options);
    using slow = await server.connect();
    await slow.send("GET /sleep HTTP/1.1\r\nHost: h\r\n\r\n");
    await until(() => server.skein.pool.inFlight === 1);
    const workers = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const response = await fetch(`${server.url}/fast`);
      workers.add((await response.json()).worker);
    }
    assertEquals([server.skein.pool.inFlight, workers.size], [1, 1]);
  }),
);

Deno.test("a worker that has just slept responds to others while it sleeps again", async () => {
  const { default: app } = await import("../../lib/hello/app.ts");
  const { wait } = Atomics;
  const { setTimeout } = globalThis;
  const slept: string[] = [];
  try {
    Atomics.wait = () => (slept.push("blocked"), "timed-out");
    globalThis.setTimeout = ((end: () => void) => {
      slept.push("beside");
      end();
    }) as unknown as typeof setTimeout;
    for (let i = 0; i < 3; i++) {
      const response = await app.fetch(new Request("http://h/sleep"));
      assertMatch(await response!.text(), /"sleptMs":3000/);
    }
  } finally {
    Atomics.wait = wait;
    globalThis.setTimeout = setTimeout;
  }
  assertEquals(slept, ["blocked", "beside", "beside"]);
});

Deno.test(
  "the main thread serves the hello page from memory, beside its app",
  inTime(async () => {
    await using server = await startTestServer(options);
    const jobs = () =>
      server.skein.inspect().workers.reduce((sum, { jobs }) => sum + jobs, 0);
    const get = async () => {
      const response = await fetch(server.url);
      await response.body?.cancel();
    };
    for (let i = 0; i < 5; i++) await get();
    const before = jobs();
    for (let i = 0; i < 200; i++) await get();
    // Each 0.9 s a worker has to look again.
    assertLess(jobs() - before, 100);
  }),
);
