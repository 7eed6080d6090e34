/**
 * An app under Skein beside the same module under `Deno.serve`: each row is sent to
 * both over a socket, and what they answer has to be the same but for what is the
 * server's own.
 */

import { assertEquals, assertMatch } from "@std/assert";
import type { App } from "../../lib/app/loader.ts";
import { unchunk } from "./chunks.ts";
import { RawClient, startTestServer } from "./test_server.ts";

/** A request, and something of the answer. */
export interface Row {
  readonly name: string;
  /** Method and path. */
  readonly ask: string;
  readonly fields?: readonly string[];
  readonly content?: string;
  readonly status: number;
  /** What is in the content, or it: keeps it from holding for two errors that look alike. */
  readonly has: RegExp | string;
}

/** An answer without what is the server's own. */
interface Compared {
  readonly status: number;
  readonly fields: readonly string[];
  readonly content: string;
}

/** They frame the message, concern the connection, or speak for the server. */
const serversOwn =
  /^(?:connection|content-length|date|keep-alive|server|transfer-encoding): /;

async function exchange(port: number, row: Row): Promise<Compared> {
  const { ask, fields = [], content } = row;
  using client = new RawClient(
    await Deno.connect({ hostname: "127.0.0.1", port }),
  );
  const length = content === undefined
    ? []
    : [`Content-Length: ${content.length}`];
  const head = [
    ...[`${ask} HTTP/1.1`, "Host: app.example:81", "Connection: close"],
    ...[...fields, ...length, "", ""],
  ];
  await client.send(head.join("\r\n") + (content ?? ""));
  return compared(await client.readAll());
}

function compared(text: string): Compared {
  const end = text.indexOf("\r\n\r\n");
  const [statusLine, ...lines] = text.slice(0, end).split("\r\n");
  const fields = lines.map((line) =>
    line.replace(/^[^:]*/, (name) => name.toLowerCase())
  );
  const chunked = fields.includes("transfer-encoding: chunked");
  const body = text.slice(end + 4);
  return {
    status: Number(/^HTTP\/1\.1 ([0-9]{3})/.exec(statusLine)?.[1]),
    fields: fields.filter((line) => !serversOwn.test(line)).sort(),
    content: chunked && body !== "" ? unchunk(body) : body,
  };
}

/** Asks both for every row. */
export async function answersAsUnderDenoServe(
  module: URL,
  rows: readonly Row[],
): Promise<void> {
  const { default: app }: { default: App } = await import(module.href);
  await using server = await startTestServer({ app: module.href, workers: 1 });
  await using served = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {}, onError },
    (request, info) =>
      app.fetch(
        request,
        info as Deno.ServeHandlerInfo<Deno.NetAddr>,
      ) as Response,
  );
  for (const row of rows) {
    const [got, want] = await Promise.all([
      exchange(server.port, row),
      exchange(served.addr.port, row),
    ]);
    assertEquals(got.status, row.status, row.name);
    if (typeof row.has === "string") {
      assertEquals(got.content, row.has, row.name);
    } else assertMatch(got.content, row.has, row.name);
    // Each says in its own words that it made a mistake.
    if (row.status === 500 && isOwn(want)) continue;
    assertEquals(got, want, row.name);
  }
}

const mistake = "Deno's own words";

/** As it does by default, but for the log. */
function onError(): Response {
  return new Response(mistake, { status: 500 });
}

function isOwn({ content }: Compared): boolean {
  return content === mistake;
}
