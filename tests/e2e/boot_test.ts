/**
 * Apps that do not boot: in the beginning the server says so and does not start, later on
 * it goes on with what it has.
 */

import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { BootError } from "../../lib/pool/boot_error.ts";
import { appUrl, inlineApp } from "../support/apps.ts";
import { ask, Crowd } from "../support/clients.ts";
import { inTime, until } from "../support/in_time.ts";
import { startTestServer } from "../support/test_server.ts";

const limits = { sweepMs: 20, respawnBackoffMs: 20 };

const unbootable: {
  name: string;
  code: string;
  reason: RegExp;
  bootTimeoutMs?: number;
}[] = [
  {
    name: "is no module",
    code: "export default {",
    reason: /has a syntax error/,
  },
  { name: "throws", code: "throw new Error('oops')", reason: /oops/ },
  { name: "throws nothing", code: "throw null", reason: /null/ },
  {
    name: "has no handler",
    code: "export default {}",
    reason: /without a function fetch: write/,
  },
  { name: "exits", code: "Deno.exit(3)", reason: /Deno\.exit/ },
  {
    name: "never finishes its boot",
    code: "await new Promise((r) => setTimeout(r, 1e9)); export default {}",
    reason: /not ready after 0\.3 s/,
    bootTimeoutMs: 300,
  },
];

for (const { name, code, reason, bootTimeoutMs = 10_000 } of unbootable) {
  Deno.test(
    `the server does not start with an app that ${name}, and says so`,
    inTime(async () => {
      const error = await assertRejects(
        () =>
          startTestServer({
            app: inlineApp(code),
            limits: { bootTimeoutMs },
          }),
        BootError,
      );
      assertMatch(error.message, reason);
    }),
  );
}

/** An app that boots only while `mend()` was said last. */
async function fragileApp() {
  const path = await Deno.makeTempFile();
  const url = appUrl("fragile");
  url.searchParams.set("while", path);
  return {
    url: url.href,
    mend: () => Deno.writeTextFile(path, "whole"),
    breakIt: () => Deno.writeTextFile(path, "broken"),
    [Symbol.asyncDispose]: () => Deno.remove(path),
  };
}

Deno.test(
  "the pool goes on with the others while a worker fails to boot again, until it boots",
  inTime(async () => {
    await using app = await fragileApp();
    await app.mend();
    await using server = await startTestServer({ app: app.url, limits });
    await using crowd = new Crowd(server);
    await crowd.answers(3);
    await app.breakIt();
    assertEquals((await ask(server, "/die")).status, 500);
    await server.logged("A worker does not start: ");
    assertEquals(server.skein.pool.ready, 1);
    await crowd.answers(10);
    await app.mend();
    await until(() => server.skein.pool.ready === 2);
    await crowd.answers(3);
  }),
);

Deno.test(
  "the pool answers 503 at once while no worker boots, and 200 once one does",
  inTime(async () => {
    await using app = await fragileApp();
    await app.mend();
    await using server = await startTestServer({
      app: app.url,
      workers: 1,
      limits,
    });
    await app.breakIt();
    assertEquals((await ask(server, "/die")).status, 500);
    await server.logged("A worker does not start: ");
    const { status, head } = await ask(server, "/echo?word");
    assertEquals(status, 503);
    assertStringIncludes(head, "\r\nRetry-After: 1\r\n");
    await app.mend();
    await until(() => server.skein.pool.ready === 1);
    assertEquals((await ask(server, "/echo?word")).body, "word");
  }),
);
