/**
 * Three Skeins behind HAProxy are restarted one after the other under load: no request
 * fails. With HAProxy and wrk where they are installed.
 */

import { findProgram } from "../bench/installed.ts";
import { assertEquals, assertMatch } from "@std/assert";
import { type ChildServer, startChildServer } from "../support/child_server.ts";
import { inTime, until } from "../support/in_time.ts";
import { RawClient } from "../support/test_server.ts";
import { freePort } from "../support/cli.ts";
import { makeTree } from "../support/tree.ts";
import { get } from "../support/wire.ts";

const haproxy = await findProgram("haproxy") ?? "";
const wrk = await findProgram("wrk") ?? "";

/** Where a Skein listens, again after each restart. */
interface Place {
  readonly port: number;
  readonly adminPort: number;
}

function startAt({ port, adminPort }: Place): Promise<ChildServer> {
  return startChildServer(
    ...["--port", `${port}`, "--admin", `127.0.0.1:${adminPort}`],
    ...["--drain-delay", "1", "--trust-proxy", "loopback", "--workers", "1"],
  );
}

Deno.test({
  name: "a rolling restart behind HAProxy costs no request",
  ignore: haproxy === "" || wrk === "",
  fn: inTime(async () => {
    const places = [1, 2, 3].map((): Place => (
      { port: freePort(), adminPort: freePort() }
    ));
    await using servers = new AsyncDisposableStack();
    let running = await Promise.all(places.map(startAt));
    for (const server of running) servers.use(server);

    const front = freePort();
    const url = `http://127.0.0.1:${front}/`;
    await using _proxy = await startProxy(front, places);
    const connect = async () =>
      new RawClient(await Deno.connect({ hostname: "127.0.0.1", port: front }));
    await until(async () => {
      try {
        using client = await connect();
        return (await client.get()).head.includes(" 200 ");
      } catch {
        return false;
      }
    });

    const rounds = Number(Deno.env.get("RESTART_TEST_ROUNDS") ?? 1);
    const load = new Deno.Command(wrk, {
      // It is ended when all have been restarted, and reports then.
      args: ["-t1", "-c16", "-d280s", url],
      stdout: "piped",
    }).spawn();
    let goesOn = true;
    const kept = keepAsking(connect, () => goesOn);
    for (let round = 0; round < rounds; round++) {
      for (const [index, place] of places.entries()) {
        running[index].signal("SIGTERM");
        assertEquals(await running[index].ended, 0);
        const next = servers.use(await startAt(place));
        running = running.with(index, next);
        // HAProxy gives it requests again.
        await until(async () => await isUp(place));
      }
    }
    goesOn = false;
    await kept;
    load.kill("SIGINT");
    const report = new TextDecoder().decode((await load.output()).stdout);
    assertMatch(report, /[1-9][0-9]* requests in/);
    assertEquals(/Non-2xx|Socket errors/.test(report), false, report);
  }, 300_000),
});

/** A client that keeps its connection, and is served each time. */
async function keepAsking(
  connect: () => Promise<RawClient>,
  goesOn: () => boolean,
): Promise<void> {
  using client = await connect();
  while (goesOn()) {
    await client.send(get());
    const { head } = await client.readResponse();
    assertMatch(head, /^HTTP\/1\.1 200 /);
  }
}

async function isUp({ adminPort }: Place): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${adminPort}/readyz`);
  await response.body?.cancel();
  return response.ok;
}

async function startProxy(
  port: number,
  places: readonly Place[],
): Promise<AsyncDisposable> {
  const template = await Deno.readTextFile(
    new URL("./haproxy.cfg", import.meta.url),
  );
  const names = ["ONE", "TWO", "THREE"];
  let text = template.replace("LISTEN", `127.0.0.1:${port}`);
  names.forEach((name, index) => {
    const { port, adminPort } = places[index];
    text = text.replace(`ADMIN_${name}`, `${adminPort}`)
      .replace(new RegExp(`\\b${name}\\b`), `127.0.0.1:${port}`);
  });
  const tree = await makeTree({ "haproxy.cfg": text });
  const child = new Deno.Command(haproxy, {
    args: ["-db", "-q", "-f", tree.path("haproxy.cfg")],
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
      tree[Symbol.dispose]();
    },
  };
}
