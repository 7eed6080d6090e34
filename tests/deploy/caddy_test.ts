/**
 * Two Skeins behind Caddy, of which one is restarted under load: no request fails, and
 * the app sees the client, not the proxy. With Caddy where it is installed.
 */

import { findProgram } from "../bench/installed.ts";
import { assertEquals } from "@std/assert";
import { appUrl } from "../support/apps.ts";
import { type ChildServer, startChildServer } from "../support/child_server.ts";
import { inTime, until } from "../support/in_time.ts";
import { freePort } from "../support/cli.ts";
import { makeTree } from "../support/tree.ts";

const caddy = await findProgram("caddy") ?? "";

/** Both have the same ports, as two machines would. */
const hosts = ["127.0.0.1", "127.0.0.2"];

/** Where the client is, whom a proxy between must not hide. */
const clientAddress = "127.0.0.3";

function startAt(
  host: string,
  port: number,
  adminPort: number,
): Promise<ChildServer> {
  return startChildServer(
    ...["--app", appUrl("web").pathname, "--workers", "1"],
    ...["--host", host, "--port", `${port}`, "--admin", `${host}:${adminPort}`],
    ...["--drain-delay", "2", "--trust-proxy", "loopback", "--server", host],
  );
}

Deno.test({
  name: "a restart behind Caddy costs no request, and the client is seen",
  // Other systems have no second loopback address.
  ignore: caddy === "" || Deno.build.os !== "linux",
  fn: inTime(async () => {
    const port = freePort();
    const adminPort = freePort();
    await using servers = new AsyncDisposableStack();
    const [one, two] = await Promise.all(
      hosts.map((host) => startAt(host, port, adminPort)),
    );
    servers.use(one);
    servers.use(two);

    const site = `http://127.0.0.1:${freePort()}`;
    await using _proxy = await startCaddy({
      SITE: site,
      ONE: `${hosts[0]}:${port}`,
      TWO: `${hosts[1]}:${port}`,
      ADMIN: `${adminPort}`,
    });
    using client = Deno.createHttpClient({ localAddress: clientAddress });
    const ask = () =>
      fetch(`${site}/describe`, {
        client,
        headers: { "X-Forwarded-For": "192.0.2.1" },
      });
    await until(async () => {
      const response = await ask().catch(() => null);
      await response?.body?.cancel();
      return response?.ok ?? false;
    });
    const { url, remoteAddr } = await (await ask()).json();
    assertEquals(url, `${site}/describe`);
    assertEquals(remoteAddr.hostname, clientAddress);

    let goesOn = true;
    const statuses = new Set<number>();
    /** Which of the two responded, the newest last. */
    const responders: (string | undefined)[] = [];
    const keepAsking = async () => {
      while (goesOn) {
        const response = await ask();
        await response.body?.cancel();
        statuses.add(response.status);
        // Caddy adds its own name.
        const names = response.headers.get("server") ?? "";
        responders.push(hosts.find((host) => names.includes(host)));
      }
    };
    const asked = Promise.all(Array.from({ length: 4 }, keepAsking));
    const restart = async () => {
      let ended = false;
      const end = one.ended.then(() => ended = true);
      await until(() => responders.includes(hosts[0]));
      one.signal("SIGTERM");
      await until(() =>
        ended || responders.slice(-20).every((host) => host === hosts[1])
      );
      assertEquals(ended, false, "Caddy sent it requests up to its end");
      await end;
      responders.length = 0;
      servers.use(await startAt(hosts[0], port, adminPort));
      await until(() => responders.includes(hosts[0]));
    };
    await Promise.all([asked, restart().finally(() => goesOn = false)]);
    assertEquals([...statuses], [200]);
  }, 60_000),
});

async function startCaddy(
  values: Readonly<Record<string, string>>,
): Promise<AsyncDisposable> {
  const recipe = await Deno.readTextFile(
    new URL("./Caddyfile", import.meta.url),
  );
  const options = "{\n\tadmin off\n}\n";
  const tree = await makeTree({
    Caddyfile: Object.entries(values).reduce(
      (text, [name, value]) =>
        text.replace(new RegExp(`^([^#]*\\b)${name}\\b`, "m"), `$1${value}`),
      options + recipe,
    ),
  });
  const child = new Deno.Command(caddy, {
    args: ["run", "--config", tree.path("Caddyfile")],
    // What it would keep elsewhere.
    env: {
      HOME: tree.root,
      XDG_DATA_HOME: tree.root,
      XDG_CONFIG_HOME: tree.root,
    },
    stdin: "null",
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
