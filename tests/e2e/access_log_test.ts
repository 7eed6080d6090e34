/**
 * The access log of a real server: what it has, that it can be rotated, and that it
 * delays nobody.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { appUrl } from "../support/apps.ts";
import { startChildServer } from "../support/child_server.ts";
import { ask } from "../support/clients.ts";
import { inTime, until } from "../support/in_time.ts";
import { makeTree } from "../support/tree.ts";
import { head } from "../support/wire.ts";

const read = (path: string) => Deno.readTextFile(path).catch(() => "");

/** Resolves with the lines of a log when there are so many. */
async function lines(path: string, count: number): Promise<string[]> {
  let all: string[] = [];
  await until(async () => {
    all = (await read(path)).split("\n").slice(0, -1);
    return all.length >= count;
  });
  return all;
}

Deno.test(
  "--access-log has a line for each request, also for those that no handler saw",
  inTime(async () => {
    using tree = await makeTree({});
    const log = tree.path("access.log");
    await using server = await startChildServer(
      ...["--access-log", log, "--app", appUrl("dying").pathname],
      ...["--limit", "maxRequestLineBytes=100", "--timeout", "0.5"],
      ...["--limit", "watchAfterMs=10", "--limit", "sweepMs=20"],
    );
    await ask(server, "/echo?secret");
    await ask(server, "/throw");
    await ask(server, "/never");
    for (
      const text of [
        "nonsense\r\n\r\n",
        head(`GET /${"a".repeat(200)} HTTP/1.1`, "Host: h"),
      ]
    ) {
      using client = await server.connect();
      await client.send(text);
      await client.readAll();
    }
    const leaving = await server.connect();
    await leaving.send(head("GET /never HTTP/1.1", "Host: h"));
    await until(async () => (await lines(log, 5)).length === 5);
    leaving[Symbol.dispose]();
    const all = await lines(log, 6);
    assertEquals(
      all.map((line) => /^127\.0\.0\.1 - - \[.*?\] (.*?" \d+)/.exec(line)?.[1]),
      [
        '"GET /echo HTTP/1.1" 200',
        '"GET /throw HTTP/1.1" 500',
        '"GET /never HTTP/1.1" 504',
        '"-" 400',
        '"-" 414',
        '"GET /never HTTP/1.1" 499',
      ],
    );
    server.signal("SIGTERM");
    assertEquals(await server.ended, 0);
  }),
);

Deno.test(
  "--access-log is opened again at a SIGHUP, and no line is lost",
  inTime(async () => {
    using tree = await makeTree({});
    const log = tree.path("access.log");
    await using server = await startChildServer("--access-log", log);
    let asked = 0;
    for (let turn = 0; turn < 3; turn++) {
      for (let count = 0; count < 5; count++, asked++) await ask(server, "/");
      await Deno.rename(log, tree.path(`access.log.${turn}`));
      server.signal("SIGHUP");
      // It writes to the file that it has until there is something to write.
      await until(async () => {
        await ask(server, "/");
        asked++;
        return await read(log) !== "";
      });
    }
    server.signal("SIGTERM");
    assertEquals(await server.ended, 0);
    const files = ["", ".0", ".1", ".2"].map((end) => read(log + end));
    const all = (await Promise.all(files)).join("").split("\n").slice(0, -1);
    assertEquals(all.length, asked);
  }),
);

Deno.test({
  name: "--access-log delays nobody where it is a pipe that nobody reads",
  ignore: Deno.build.os === "windows",
  fn: inTime(async () => {
    using tree = await makeTree({ "fifo": { kind: "fifo" } });
    await using server = await startChildServer(
      "--access-log",
      tree.path("fifo"),
    );
    for (let count = 0; count < 100; count++) {
      assertEquals((await ask(server, "/")).status, 200);
    }
    server.signal("SIGTERM");
    assertEquals(await server.ended, 0);
  }),
});

Deno.test(
  "--access-log - writes to stdout",
  inTime(async () => {
    await using server = await startChildServer(
      ...["--access-log", "-", "--log-format", "json", "--log-queries"],
    );
    await ask(server, "/?q");
    const [line] = await server.stdout.waitFor(/^\{.*\}$/m);
    assertEquals(JSON.parse(line).request.uri, "/?q");
  }),
);

Deno.test(
  "the command says which access log cannot be opened",
  inTime(async () => {
    const error = await startChildServer("--access-log", "/no/such/a.log")
      .then(() => null, (error) => error as Error);
    assertMatch(
      error!.message,
      /skein: The access log "\/no\/such\/a\.log" cannot be opened \(.*\); name another file/,
    );
  }),
);
