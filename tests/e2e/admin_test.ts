/**
 * The admin listener of a real server: it says what is, also while nothing else
 * responds.
 */

import { findProgram } from "../bench/installed.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { appUrl } from "../support/apps.ts";
import { adminOf } from "../support/admin.ts";
import { startChildServer } from "../support/child_server.ts";
import { ask } from "../support/clients.ts";
import { inTime, until } from "../support/in_time.ts";
import { RawClient } from "../support/test_server.ts";
import { makeTree } from "../support/tree.ts";
import { get, head } from "../support/wire.ts";

const dying = [
  ...["--app", appUrl("dying").pathname, "--admin", "127.0.0.1:0"],
  // Where it looks for what the app does not have.
  "static",
];

Deno.test(
  "--admin counts what was asked for, and why workers were replaced",
  inTime(async () => {
    await using server = await startChildServer(
      ...[...dying, "--workers", "2", "--timeout", "0.5"],
    );
    const admin = await adminOf(server);
    for (let count = 0; count < 3; count++) await ask(server, "/echo?a");
    await ask(server, "/none");
    await ask(server, "/throw");
    await ask(server, "/loop");
    await ask(server, "/deno-exit");
    const counts = (method: string, status: string) =>
      admin.metric(
        `http_server_request_duration_seconds_count{http_request_method="${method}",http_response_status_class="${status}"} `,
      );
    assertEquals(await counts("GET", "2xx"), 3);
    assertEquals(await counts("GET", "4xx"), 1);
    assertEquals(await counts("GET", "5xx"), 3);
    assertEquals(await admin.metric("skein_handler_timeouts_total "), 1);
    const replaced = (reason: string) =>
      admin.metric(`skein_worker_replacements_total{reason="${reason}"} `);
    assertEquals([await replaced("stopped"), await replaced("exit")], [1, 1]);
    await until(async () =>
      await admin.metric('skein_workers{state="ready"} ') === 2
    );
    const status = await admin.json();
    assertEquals(
      [status.state, status.requests.total, status.replacements.length],
      ["ready", 7, 2],
    );
    assertEquals(status.requests.statuses, { "2xx": 3, "4xx": 1, "5xx": 3 });
    assert(
      status.routes.some(({ route }: { route: string }) => route === "/loop"),
    );
  }),
);

Deno.test(
  "--admin responds while all workers loop, the queue is full and hundreds wait",
  inTime(async () => {
    await using server = await startChildServer(
      ...[...dying, "--workers", "2", "--timeout", "20", "--queue", "50"],
    );
    const admin = await adminOf(server);
    await until(async () =>
      await admin.metric('skein_workers{state="ready"} ') === 2
    );
    using crowd = new DisposableStack();
    for (let count = 0; count < 300; count++) {
      const client = crowd.use(await server.connect());
      await client.send(get("/loop"));
    }
    await until(async () =>
      await admin.metric('skein_rejected_total{reason="queue_full"} ') >= 200
    );
    assertEquals(await admin.status("/livez"), 200);
    assertEquals(await admin.status("/readyz"), 200);
    const status = await admin.json();
    assertEquals([status.queue.length, status.queue.limit], [50, 50]);
    assertEquals(status.longest[0].request, "GET /loop");
    assertEquals(status.requests.active >= 52, true);
  }, 60_000),
);

Deno.test(
  "/readyz says 503 while no worker can serve, and why",
  inTime(async () => {
    using tree = await makeTree({
      "www/state": "good",
      "app.ts":
        `if (Deno.readTextFileSync(new URL("www/state", import.meta.url)) !== "good") {
          throw new Error("no");
        }
        export default {
          fetch: ({ url }: Request) => url.endsWith("/exit") ? Deno.exit() : new Response("here"),
        };`,
    });
    await using server = await startChildServer(
      ...["--app", tree.path("app.ts"), "--admin", "127.0.0.1:0"],
      ...["--workers", "1", "--limit", "maxRespawnBackoffMs=100"],
    );
    const admin = await adminOf(server);
    assertEquals(await admin.status("/readyz"), 200);
    await Deno.writeTextFile(tree.path("www/state"), "bad");
    await ask(server, "/exit");
    await until(async () => await admin.status("/readyz") === 503);
    const { body } = await ask(admin, "/readyz?verbose");
    assertMatch(body, /^No worker can serve\.\n/);
    assertEquals(await admin.status("/livez"), 200);
    await Deno.writeTextFile(tree.path("www/state"), "good");
    await until(async () => await admin.status("/readyz") === 200);
    assertEquals((await ask(server, "/")).body, "here");
  }),
);

Deno.test(
  "--drain-delay: /readyz says 503 while requests are still served, then the server ends",
  inTime(async () => {
    await using server = await startChildServer(
      ...["--admin", "127.0.0.1:0", "--drain-delay", "2"],
    );
    const admin = await adminOf(server);
    assertEquals(await admin.status("/readyz"), 200);
    server.signal("SIGTERM");
    await until(async () => await admin.status("/readyz") === 503);
    assertEquals((await ask(server, "/")).status, 200);
    assertEquals(await admin.status("/livez"), 200);
    const verbose = await ask(admin, "/readyz?verbose");
    assertMatch(verbose.body, /^The server is about to end\.\n/);
    assertEquals(await server.ended, 0);
  }),
);

Deno.test(
  "--drain-delay: a second signal ends it",
  inTime(async () => {
    await using server = await startChildServer("--drain-delay", "3600");
    server.signal("SIGTERM");
    // The same signal within a second is the same Ctrl-C.
    server.signal("SIGINT");
    assertEquals(await server.ended, 0);
  }),
);

Deno.test(
  "--admin tells who reads its events once a second, until the server ends",
  inTime(async () => {
    await using server = await startChildServer("--admin", "127.0.0.1:0");
    const admin = await adminOf(server);
    using client = await admin.connect();
    await client.send(get("/events"));
    assertMatch(await client.readUntil("\r\n\r\n"), /text\/event-stream/);
    for (let count = 0; count < 2; count++) {
      const event = await client.readUntil("\n\n");
      assertEquals(JSON.parse(event.split("data: ")[1]).state, "ready");
    }
    server.signal("SIGTERM");
    await client.readAll();
    assertEquals(await server.ended, 0);
  }),
);

for (
  const { request, status } of [
    { request: head("GET /livez HTTP/1.1", "Host: evil.example"), status: 403 },
    { request: head("GET /livez HTTP/1.1", "Host: localhost:1"), status: 200 },
    { request: head("GET /readyz HTTP/1.0"), status: 200 },
    { request: head("GET /livez HTTP/1.1", "Host: [::1]:1"), status: 200 },
    { request: head("GET /livez HTTP/1.1", "Host: 1.2.3.4.evil"), status: 403 },
    { request: head("POST /livez HTTP/1.1", "Host: localhost"), status: 405 },
    { request: head("GET /../x HTTP/1.1", "Host: localhost"), status: 404 },
    { request: "nonsense\r\n\r\n", status: 400 },
  ]
) {
  Deno.test(
    `--admin answers ${JSON.stringify(request)} with ${status}`,
    inTime(async () => {
      await using server = await startChildServer("--admin", "127.0.0.1:0");
      using client = await (await adminOf(server)).connect();
      await client.send(request);
      assertMatch(
        await client.readUntil("\r\n"),
        new RegExp(`^HTTP/1.1 ${status} `),
      );
    }),
  );
}

Deno.test({
  name:
    "--admin unix:PATH replaces a socket file left behind, not a living one",
  ignore: Deno.build.os === "windows",
  fn: inTime(async () => {
    using tree = await makeTree({});
    const path = tree.path("admin.sock");
    const old = Deno.listen({ transport: "unix", path });
    const args = ["--admin", `unix:${path}`];
    const refused = await startChildServer(...args)
      .then(() => "", (error) => (error as Error).message);
    assertMatch(refused, /skein: The address of --admin is in use/);
    old.close();
    await using server = await startChildServer(...args);
    await server.stdout.waitFor(/metrics are on unix:/);
    const conn = await Deno.connect({ transport: "unix", path });
    using client = new RawClient(conn as unknown as Deno.TcpConn);
    await client.send(get("/readyz"));
    assertEquals((await client.readResponse()).body, "ok\n");
  }),
});

const promtool = await findProgram("promtool") ?? "";

Deno.test({
  name: "promtool finds nothing wrong with the metrics",
  ignore: promtool === "",
  fn: inTime(async () => {
    await using server = await startChildServer(...dying);
    const admin = await adminOf(server);
    await ask(server, "/echo?a");
    await ask(server, "/throw");
    await ask(server, "/deno-exit");
    const { body } = await ask(admin, "/metrics");
    const check = new Deno.Command(promtool, {
      args: ["check", "metrics"],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = check.stdin.getWriter();
    await writer.write(new TextEncoder().encode(body));
    await writer.close();
    const { code, stdout, stderr } = await check.output();
    const said = [stdout, stderr].map((each) => new TextDecoder().decode(each));
    assertEquals([code, ...said], [0, "", ""]);
  }),
});
