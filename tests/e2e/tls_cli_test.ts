/** The command and certificates: what it says where it cannot use one, and with what it
 * ends; and sockets that were passed to it. */

import { assertEquals, assertMatch } from "@std/assert";
import { findProgram } from "../bench/installed.ts";
import { greeted } from "../support/child_server.ts";
import { freePort, run, start, stop, test } from "../support/cli.ts";
import { spawnCommand } from "../support/command.ts";
import { inTime, until } from "../support/in_time.ts";
import { fixture, pairOf, TlsClient } from "../support/tls.ts";
import { get } from "../support/wire.ts";

const a = fixture("a.crt");
const key = fixture("a.key");
const none = fixture("none");

const rows: readonly [name: string, args: string[], sentence: string][] = [
  [
    "a certificate that is not there",
    ["--tls-cert", none, "--tls-key", key],
    `There is no file "${none}"`,
  ],
  [
    "another's key",
    ["--tls-cert", a, "--tls-key", fixture("b.key")],
    `The key "${fixture("b.key")}" does not belong to the certificate "${a}"`,
  ],
  [
    "the second pair",
    ["--tls-cert", a, "--tls-key", key, "--tls-cert", a, "--tls-key", a],
    `There is no private key in "${a}" (PEM)`,
  ],
  [
    "a directory",
    ["--tls-cert", fixture(""), "--tls-key", key],
    `"${fixture("").replace(/\/$/, "")}" cannot be read (Is a directory)`,
  ],
  [
    "authorities of clients that are not there",
    ["--tls-cert", a, "--tls-key", key, "--tls-client-ca", none],
    `There is no file "${none}"`,
  ],
  [
    "authorities of clients that are none",
    ["--tls-cert", a, "--tls-key", key, "--tls-client-ca", key],
    `There is no certificate in "${key}" (PEM)`,
  ],
];

for (const [name, args, sentence] of rows) {
  test(`the command ends with 1 and a sentence about ${name}`, async () => {
    const { code, stdout, stderr } = await run(["-p", "0", ...args]);
    assertEquals(stderr, `skein: ${sentence}\n`);
    assertEquals([code, stdout], [1, ""]);
  });
}

test("a mistake in the flags ends the command with 2", async () => {
  const { code, stderr } = await run(["-p", "0", "--tls-cert", a]);
  assertEquals(code, 2);
  assertMatch(stderr, /^skein: --tls-cert needs a --tls-key with it/);
});

test("paths are those of the caller's directory", async () => {
  await using running = start(
    ["-p", "0", "--tls-cert", "localhost.crt", "--tls-key", "localhost.key"],
    { cwd: fixture("") },
  );
  const { url } = await running.greeting;
  assertMatch(url, /^https:/);
  using client = await TlsClient.connect({ port: Number(new URL(url).port) });
  assertEquals(client.shown, "localhost");
  client.socket.destroy();
  assertEquals((await stop(running)).code, 0);
});

const activate = await findProgram("systemd-socket-activate") ?? "";

Deno.test({
  name: "TLS on a socket that was passed",
  ignore: activate === "",
  fn: inTime(async () => {
    const port = freePort();
    const { cert, key } = pairOf("localhost");
    const child = spawnCommand(
      ["--listen", "systemd", "--tls-cert", cert, "--tls-key", key],
      { shell: `exec ${activate} -l 127.0.0.1:${port} "$@"` },
    );
    // It is started by the first client.
    let first: TlsClient | null = null;
    await until(async () => {
      first = await TlsClient.connect({ port }).catch(() => null);
      return first !== null;
    });
    await using server = await greeted(child);
    using client = first!;
    const text = await client.exchange(get("/", "Connection: close"));
    assertMatch(text, /^HTTP\/1\.1 200 OK\r\n/);
    server.signal("SIGTERM");
    assertEquals(await server.ended, 0);
  }),
});
