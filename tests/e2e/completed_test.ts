/**
 * `info.completed`: an app hears whether its answer was given.
 */

import { assertEquals } from "@std/assert";
import { ask } from "../support/clients.ts";
import { inTime, until } from "../support/in_time.ts";
import { put, seen, start } from "../support/uploads.ts";

const completedRows: { name: string; request: string; read: string }[] = [
  { name: "an answer in memory", request: put("/completed?10"), read: "xxx" },
  {
    name: "an answer too long for one write",
    request: put("/completed?5000000"),
    read: "x".repeat(5_000_000),
  },
  {
    name: "an answer to HEAD",
    request: put("/completed?10").replace("PUT", "HEAD"),
    read: "\r\n\r\n",
  },
  {
    name: "an answer that nobody asked about before it was given",
    request: put("/completed-late"),
    read: "soon",
  },
];

for (const { name, request, read } of completedRows) {
  Deno.test(
    `info.completed resolves for ${name}`,
    inTime(async () => {
      await using server = await start();
      using client = await server.connect();
      await client.send(request);
      await client.readUntil(read);
      await until(async () => (await seen(server)).completed === 1);
      assertEquals((await seen(server)).cut, 0);
    }),
  );
}

Deno.test(
  "info.completed is pending while the client takes its answer, and rejects when it leaves",
  inTime(async () => {
    await using server = await start();
    const client = await server.connect();
    await client.send(put("/completed?64000000"));
    await client.readUntil("xxx");
    // More than the kernel's buffers hold, so the rest waits here.
    assertEquals((await seen(server)).completed, 0);
    client.conn.close();
    await until(async () => (await seen(server)).cut === 1);
    assertEquals((await seen(server)).completed, 0);
  }),
);

Deno.test(
  "info.completed tells of a stream, also where it is looked at while that is sent",
  inTime(async () => {
    await using server = await start();
    using client = await server.connect();
    await client.send(put("/completed-stream"));
    await client.readUntil("\r\n\r\n");
    assertEquals((await seen(server)).completed, 0);
    await ask(server, "/go");
    await client.readUntil("0\r\n\r\n");
    await until(async () => (await seen(server)).completed === 1);
    const leaver = await server.connect();
    await leaver.send(put("/completed-stream"));
    await leaver.readUntil("\r\n\r\n");
    leaver.conn.close();
    await until(async () => (await seen(server)).cut === 1);
  }),
);
