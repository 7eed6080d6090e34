/**
 * The framing of replies: which a status, a method, a version and a kind of content get.
 */

import { assertEquals } from "@std/assert";
import type { OpenResponse } from "../../lib/http/exchange.ts";
import type { HttpVersion } from "../../lib/http/message.ts";
import { writeResponse } from "../../lib/server/response_writer.ts";
import { bytesOf, MemorySink } from "../support/wire.ts";
import {
  close,
  contextOf,
  keepAlive,
  open,
  Pieces,
  write,
} from "../support/written.ts";

/** Content, by its name in the table. */
const contents = {
  none: () => null,
  bytes: () => bytesOf("hello"),
  empty: () => new Uint8Array(0),
  omitted: () => ({ length: 5 }),
  source: () => new Pieces(5, "he", "llo"),
  stream: () => new Pieces(null, "he", "llo"),
  "empty source": () => new Pieces(0),
  "empty stream": () => new Pieces(null),
} satisfies Record<string, () => OpenResponse["body"]>;

interface FramingRow {
  readonly name: string;
  readonly status?: number;
  readonly method?: string;
  readonly version?: HttpVersion;
  readonly body: keyof typeof contents;
  readonly want: readonly string[];
  readonly content?: string;
  /** Whether a connection that would go on does. */
  readonly persistent?: boolean;
}

const length5 = ["Content-Length: 5"];
const chunked = ["Transfer-Encoding: chunked"];
const helloChunks = "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n";

const framingRows: FramingRow[] = [
  {
    name: "gives bytes their length (RFC 9112 6.2)",
    body: "bytes",
    want: length5,
    content: "hello",
  },
  {
    name: "gives no content the length 0 (RFC 9110 8.6)",
    body: "none",
    want: ["Content-Length: 0"],
  },
  {
    name: "gives empty bytes the length 0 (RFC 9110 8.6)",
    body: "empty",
    want: ["Content-Length: 0"],
  },
  {
    name: "gives a source its length (RFC 9112 6.2)",
    body: "source",
    want: length5,
    content: "hello",
  },
  {
    name: "gives an empty source the length 0 (RFC 9112 6.2)",
    body: "empty source",
    want: ["Content-Length: 0"],
  },
  {
    name: "sends a stream in chunks (RFC 9112 6.1)",
    body: "stream",
    want: chunked,
    content: helloChunks,
  },
  {
    name: "ends an empty stream with its last chunk (RFC 9112 7.1)",
    body: "empty stream",
    want: chunked,
    content: "0\r\n\r\n",
  },
  {
    name: "sends no chunks to 1.0, but ends the connection (RFC 9112 6.1)",
    version: "1.0",
    body: "stream",
    want: [close],
    content: "hello",
    persistent: false,
  },
  {
    name: "sends no chunk to 1.0 for an empty stream (RFC 9112 6.1)",
    version: "1.0",
    body: "empty stream",
    want: [close],
    persistent: false,
  },
  {
    name: "gives 1.0 a length where there is one (RFC 9112 6.2)",
    version: "1.0",
    body: "source",
    want: ["Content-Length: 5", keepAlive],
    content: "hello",
  },
  ...(["bytes", "source", "omitted"] as const).map((body) => ({
    name: `tells HEAD the length of a GET, ${body} (RFC 9110 9.3.2)`,
    method: "HEAD",
    body,
    want: length5,
  })),
  {
    name: "tells HEAD of no content what GET is told (RFC 9110 9.3.2)",
    method: "HEAD",
    body: "none",
    want: ["Content-Length: 0"],
  },
  {
    name: "tells HEAD of a stream what GET is told (RFC 9110 9.3.2)",
    method: "HEAD",
    body: "stream",
    want: chunked,
  },
  {
    name: "tells HEAD of a stream in 1.0 what GET is told (RFC 9110 9.3.2)",
    method: "HEAD",
    version: "1.0",
    body: "stream",
    want: [close],
    persistent: false,
  },
  {
    name: "takes head for a method of its own (RFC 9110 9.1)",
    method: "head",
    body: "bytes",
    want: length5,
    content: "hello",
  },
  ...[204, 304].flatMap((status) =>
    (["none", "bytes", "source", "stream"] as const).flatMap((body) => [
      {
        name: `gives ${status} neither a length nor content, ${body} ` +
          "(RFC 9112 6.3 rule 1)",
        status,
        body,
        want: [],
      },
      {
        name: `gives ${status} to HEAD in 1.0 neither a length nor content, ` +
          `${body} (RFC 9112 6.3 rule 1)`,
        status,
        method: "HEAD",
        version: "1.0" as const,
        body,
        want: [keepAlive],
      },
    ])
  ),
  {
    name: "gives 205 the length 0 (RFC 9110 15.3.6)",
    status: 205,
    body: "none",
    want: ["Content-Length: 0"],
  },
  {
    name: "gives an error its content (RFC 9110 15.5)",
    status: 404,
    body: "bytes",
    want: length5,
    content: "hello",
  },
  {
    name: "gives 206 its length (RFC 9110 15.3.7)",
    status: 206,
    body: "source",
    want: length5,
    content: "hello",
  },
];

for (const row of framingRows) {
  Deno.test(`writeResponse() ${row.name}`, async () => {
    const body = contents[row.body]();
    const { status = 200, method = "GET", version = "1.1" } = row;
    const seen = await write({ status, body }, { method, version });
    assertEquals(seen.fields, row.want);
    assertEquals(seen.content, row.content ?? "");
    assertEquals(seen.persistent, row.persistent ?? true);
  });

  Deno.test(`writeResponse(), byte by byte, ${row.name}`, async () => {
    const { status = 200, method = "GET", version = "1.1" } = row;
    const written: string[] = [];
    for (const maxBytes of [1, 7, Infinity]) {
      const sink = new MemorySink(maxBytes);
      const reply = open({
        status,
        fieldLines: "",
        body: contents[row.body](),
      });
      await writeResponse(sink, reply, contextOf({ method, version }));
      written.push(sink.text.replace(/^Date: .*\r\n/m, ""));
    }
    assertEquals(written[0], written[2]);
    assertEquals(written[1], written[2]);
  });
}
