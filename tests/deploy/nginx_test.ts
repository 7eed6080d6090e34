/**
 * nginx in front of a Skein that is reloaded again and again, and an access log that is
 * rotated by logrotate: no request fails, and no line is lost. With nginx, wrk and
 * logrotate where they are installed; `NGINX_TEST_SECONDS` says how long.
 */

import { findProgram } from "../bench/installed.ts";
import { assertEquals, assertMatch } from "@std/assert";
import { adminOf } from "../support/admin.ts";
import { appUrl } from "../support/apps.ts";
import { startChildServer } from "../support/child_server.ts";
import { inTime, until } from "../support/in_time.ts";
import { freePort } from "../support/cli.ts";
import { makeTree } from "../support/tree.ts";

const nginx = await findProgram("nginx") ?? "";
const wrk = await findProgram("wrk") ?? "";
const logrotate = await findProgram("logrotate") ?? "";

async function template(
  name: string,
  values: Readonly<Record<string, string>>,
): Promise<string> {
  const text = await Deno.readTextFile(new URL(name, import.meta.url));
  return Object.entries(values).reduce(
    (text, [key, value]) => text.replaceAll(key, value),
    text,
  );
}

Deno.test({
  name: "reloads of a Skein behind nginx cost no request",
  ignore: nginx === "" || wrk === "",
  fn: inTime(async () => {
    const seconds = Number(Deno.env.get("NGINX_TEST_SECONDS") ?? 5);
    await using server = await startChildServer(
      ...["--app", appUrl("hello").pathname, "--trust-proxy", "loopback"],
      ...["--limit", "idleTimeoutMs=75000", "--workers", "2"],
      ...["--admin", "0"],
    );
    const admin = await adminOf(server);
    const front = freePort();
    using tree = await makeTree({});
    await Deno.writeTextFile(
      tree.path("nginx.conf"),
      await template("./nginx.conf", {
        "SKEIN;": `127.0.0.1:${server.port};`,
        "LISTEN;": `127.0.0.1:${front};`,
        "DIR/": `${tree.root}/../`,
      }),
    );
    const proxy = new Deno.Command(nginx, {
      args: ["-c", tree.path("nginx.conf")],
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      const url = `http://127.0.0.1:${front}/`;
      await until(async () => {
        const response = await fetch(url).catch(() => null);
        await response?.body?.cancel();
        return response?.ok ?? false;
      });
      const load = new Deno.Command(wrk, {
        args: ["-t1", "-c16", `-d${seconds}s`, url],
        stdout: "piped",
      }).output();
      let goesOn = true;
      const over = load.then(() => goesOn = false);
      let reloads = 0;
      while (goesOn) {
        server.signal("SIGHUP");
        reloads++;
        const told = reloads;
        await until(async () =>
          !goesOn || (await admin.json()).reloads >= told
        );
      }
      await over;
      const report = new TextDecoder().decode((await load).stdout);
      assertMatch(report, /[1-9][0-9]* requests in/);
      assertEquals(/Non-2xx|Socket errors/.test(report), false, report);
      assertEquals(reloads > 2, true);
    } finally {
      proxy.kill("SIGQUIT");
      await proxy.status;
    }
  }, 1_000_000),
});

Deno.test({
  name: "logrotate turns the access log over, and no line is lost",
  ignore: logrotate === "",
  fn: inTime(async () => {
    using tree = await makeTree({});
    const log = tree.path("access.log");
    await using server = await startChildServer("--access-log", log);
    const config = tree.path("logrotate.conf");
    await Deno.writeTextFile(
      config,
      await template("./logrotate.conf", {
        LOG: log,
        PID: `${server.pid}`,
      }),
    );
    await Deno.chmod(config, 0o644);
    let asked = 0;
    const ask = async (count: number) => {
      for (let index = 0; index < count; index++, asked++) {
        const response = await fetch(server.url);
        await response.body?.cancel();
      }
    };
    for (let turn = 0; turn < 3; turn++) {
      await ask(20);
      const { success, stderr } = await new Deno.Command(logrotate, {
        args: ["--force", "--state", tree.path("state"), config],
      }).output();
      assertEquals(success, true, new TextDecoder().decode(stderr));
      await until(async () => {
        await ask(1);
        return await Deno.stat(log).then(() => true, () => false);
      });
    }
    server.signal("SIGTERM");
    assertEquals(await server.ended, 0);
    const turned = await new Deno.Command("sh", {
      args: ["-c", 'cat "$0" "$0".1; zcat "$0".*.gz', log],
    }).output();
    const lines = new TextDecoder().decode(turned.stdout).split("\n").length -
      1;
    assertEquals(lines, asked);
  }, 60_000),
});
