/**
 * Smuggling, splitting and stalling, over the wire: bytes in, statuses out, and
 * whether the connection went on. Rows of one head or one body alone are in the
 * tests of the files that parse them; here is what only a connection shows.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  finalStatuses,
  type ReceivedResponse,
  splitResponses,
} from "../fuzz/transcript.ts";
import { appUrl, inlineApp } from "../support/apps.ts";
import { inTime } from "../support/in_time.ts";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { chunkRows } from "../support/wire_rows/chunks.ts";
import { connectionRows } from "../support/wire_rows/connections.ts";
import { framingRows } from "../support/wire_rows/framing.ts";
import { hastyRows } from "../support/wire_rows/hasty.ts";
import { headRows } from "../support/wire_rows/heads.ts";
import { siteRows } from "../support/wire_rows/site.ts";
import { get, post, type WireRow } from "../support/wire_rows/wire_row.ts";

const probe = "OPTIONS /probe HTTP/1.1\r\nHost: a\r\n\r\n";

/** From the app that echoes, or from a plain site. */
function answersProbe({ status, head, body }: ReceivedResponse): boolean {
  const lasts = !/^connection: close\r$/im.test(head);
  return lasts && (body === "OPTIONS /probe " || status === 204);
}

/** Sends a row and a probe behind it: a connection that goes on answers the probe.
 * The end of the output behind that ends what would be waited for. */
async function verdictOf(
  server: TestServer,
  { wire }: WireRow,
  probed: boolean,
): Promise<{ got: string; saw: string[] }> {
  using client = await server.connect();
  await client.send(wire);
  if (probed) {
    await client.send(probe);
    await client.conn.closeWrite();
  }
  const responses = splitResponses(await client.readAll());
  const last = responses.at(-1);
  const open = last !== undefined && answersProbe(last);
  if (open) responses.pop();
  const statuses = finalStatuses(responses);
  return {
    got: [...statuses, open ? "open" : "closed"].join(" "),
    saw: responses.map(({ body }) => body),
  };
}

function testRows(
  name: string,
  rows: readonly WireRow[],
  { app = true, probed = true, streamed = false } = {},
): void {
  const body = async (t: Deno.TestContext) => {
    await using server = await startTestServer({
      workers: 1,
      app: app ? appUrl("echo").href : null,
      // Nearly all content is streamed then, two bytes a piece.
      ...(streamed && { maxStreamedBodyBytes: 10 * 1024 * 1024 }),
      limits: streamed ? { maxWholeBodyBytes: 1, streamWindowBytes: 8 } : {},
    });
    for (const row of rows) {
      await t.step(row.name, async () => {
        const { got, saw } = await verdictOf(server, row, probed);
        const { want, wantStreamed = want } = row;
        assertEquals(got, streamed ? wantStreamed : want);
        if (row.saw !== undefined) assertEquals(saw, row.saw);
      });
    }
    assertEquals(server.log, []);
  };
  Deno.test(`over the wire: ${name}`, inTime(body, 60_000));
}

testRows("framing", framingRows);
testRows("chunks", chunkRows);
testRows("framing of streamed content", framingRows, { streamed: true });
testRows("chunks of streamed content", chunkRows, { streamed: true });
testRows("heads", headRows);
testRows("connections", connectionRows);
testRows("a plain site", siteRows, { app: false });
testRows("other protocols are refused at once", hastyRows, { probed: false });

Deno.test("over the wire: names of rows are theirs alone", () => {
  const names = [
    framingRows,
    chunkRows,
    headRows,
    connectionRows,
    hastyRows,
    siteRows,
  ].flat().map(({ name }) => name);
  assertEquals(names.length, new Set(names).size);
});

Deno.test("a client that waits for a word is told to go on", async () => {
  await using server = await startTestServer({
    app: appUrl("echo").href,
  });
  using client = await server.connect();
  await client.send(post("Expect: 100-continue\r\nContent-Length: 5"));
  assertEquals(
    await client.readUntil("\r\n\r\n"),
    "HTTP/1.1 100 Continue\r\n\r\n",
  );
  await client.send("hello");
  assertEquals((await client.readResponse()).body, "POST /p hello");
});

Deno.test("error pages hold no stack, path, version or markup of the sender's", async () => {
  await using server = await startTestServer();
  const wires = [
    ...[...framingRows, ...chunkRows, ...headRows].map(({ wire }) => wire),
    get("/<script>alert(1)</script>"),
    "<script> / HTTP/1.1\r\nHost: a\r\n\r\n",
    `GET / HTTP/1.1\r\nHost: <script>\r\n\r\n`,
    "POST /<script> HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    get("/%2e%2e/<script>"),
  ];
  const pages = new Map<number, number>();
  for (const wire of wires) {
    using client = await server.connect();
    await client.send(wire);
    await client.conn.closeWrite();
    for (
      const { status, head, body } of splitResponses(await client.readAll())
    ) {
      if (status < 400) continue;
      pages.set(status, (pages.get(status) ?? 0) + 1);
      assertMatch(head, /\r\nServer: Skein\r\n/, wire);
      assert(!/<script>|\bat .*:[0-9]+|\.ts\b|\/lib\/|deno/i.test(body), wire);
      assert(!body.includes(Deno.version.deno), wire);
      assert(!body.includes(Deno.cwd()), wire);
    }
  }
  for (const status of [400, 404, 405, 413, 414, 431, 501, 505]) {
    assert(pages.has(status), `no page was ${status}`);
  }
});

Deno.test("an error of a handler tells the client a number, and the log the rest", async () => {
  const source =
    `export default { fetch() { throw new Error("<b>secret</b>") } }`;
  await using server = await startTestServer({
    app: inlineApp(source),
  });
  const answer = await server.exchange(get("/", "Connection: close\r\n"));
  const id = /The server made a mistake \(([0-9a-f]{8})\)/.exec(answer)?.[1];
  assert(answer.startsWith("HTTP/1.1 500 "), answer);
  assert(!answer.includes("secret"), answer);
  const line = await server.logged(`Request ${id} (GET /) failed: `);
  assert(line.includes("<b>secret</b>"), line);
});

Deno.test("no Server field where it is switched off", async () => {
  await using server = await startTestServer({ serverName: null });
  const answer = await server.exchange(get("/", "Connection: close\r\n"));
  assert(!/^server:/im.test(answer), answer);
});
