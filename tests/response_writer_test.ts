/**
 * Replies onto the wire: which framing a status, a method, a version and a kind of
 * content get, and every byte of what is written, whatever the sink takes at a time.
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import type { BodySource, OpenReply } from "../lib/dispatch.ts";
import { encodeFieldLines } from "../lib/field_lines.ts";
import type { HttpVersion } from "../lib/message.ts";
import {
  type ByteSink,
  LengthError,
  type WireContext,
  writeReply,
} from "../lib/response_writer.ts";
import { bytesOf, MemorySink } from "./support/wire.ts";

/** Content that comes in pieces, and remembers what became of it. */
class Pieces implements BodySource {
  readonly length: number | null;
  readonly #pieces: (string | Error)[];
  reads = 0;
  cancelled = 0;

  constructor(length: number | null, ...pieces: (string | Error)[]) {
    this.length = length;
    this.#pieces = pieces;
  }

  read(): Promise<Uint8Array | null> {
    this.reads++;
    const piece = this.#pieces.shift();
    if (piece instanceof Error) return Promise.reject(piece);
    return Promise.resolve(piece === undefined ? null : bytesOf(piece));
  }

  cancel(): void {
    this.cancelled++;
  }
}

function contextOf(overrides: Partial<WireContext> = {}): WireContext {
  return {
    method: "GET",
    version: "1.1",
    wished: true,
    persistent: true,
    serverName: null,
    onProgress() {},
    ...overrides,
  };
}

/** A response as a client would take it apart, without its Date. */
interface Written {
  readonly statusLine: string;
  readonly fields: string[];
  readonly content: string;
}

function takeApart(text: string): Written {
  const at = text.indexOf("\r\n\r\n");
  assert(at > 0, "no end of the head");
  const [statusLine, date, ...fields] = text.slice(0, at).split("\r\n");
  assertMatch(
    date,
    /^Date: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
  );
  return { statusLine, fields, content: text.slice(at + 4) };
}

function open(reply: Partial<OpenReply>): OpenReply {
  return { kind: "open", status: 200, fieldLines: "", body: null, ...reply };
}

async function write(
  reply: Partial<OpenReply>,
  context: Partial<WireContext> = {},
): Promise<Written & { readonly persistent: boolean }> {
  const sink = new MemorySink();

  const persistent = await writeReply(sink, open(reply), contextOf(context));
  return { ...takeApart(sink.text), persistent };
}

// --- framing ---

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
} satisfies Record<string, () => OpenReply["body"]>;

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
const keepAlive = "Connection: keep-alive";
const close = "Connection: close";
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
  Deno.test(`writeReply() ${row.name}`, async () => {
    const body = contents[row.body]();
    const { status = 200, method = "GET", version = "1.1" } = row;
    const seen = await write({ status, body }, { method, version });
    assertEquals(seen.fields, row.want);
    assertEquals(seen.content, row.content ?? "");
    assertEquals(seen.persistent, row.persistent ?? true);
  });

  Deno.test(`writeReply(), byte by byte, ${row.name}`, async () => {
    const { status = 200, method = "GET", version = "1.1" } = row;
    const written: string[] = [];
    for (const maxBytes of [1, 7, Infinity]) {
      const sink = new MemorySink(maxBytes);
      const reply = open({
        status,
        fieldLines: "",
        body: contents[row.body](),
      });
      await writeReply(sink, reply, contextOf({ method, version }));
      written.push(sink.text.replace(/^Date: .*\r\n/m, ""));
    }
    assertEquals(written[0], written[2]);
    assertEquals(written[1], written[2]);
  });
}

// --- the rest of the head ---

Deno.test("writeReply() begins with the version that is spoken here (RFC 9110 6.2)", async () => {
  const lines: [number, string][] = [
    [200, "HTTP/1.1 200 OK"],
    [404, "HTTP/1.1 404 Not Found"],
    [413, "HTTP/1.1 413 Content Too Large"],
    // The space stays where there is no phrase (RFC 9112 section 4).
    [299, "HTTP/1.1 299 "],
  ];
  for (const [status, line] of lines) {
    for (const version of ["1.0", "1.1"] as const) {
      const { statusLine } = await write({ status }, { version });
      assertEquals(statusLine, line);
    }
  }
});

Deno.test("writeReply() says close where the connection ends, and only there (RFC 9112 9.6)", async () => {
  const rows: [HttpVersion, boolean, string[]][] = [
    ["1.1", true, []],
    ["1.1", false, [close]],
    ["1.0", true, [keepAlive]],
    ["1.0", false, [close]],
  ];
  for (const [version, persistent, want] of rows) {
    const seen = await write({ status: 204 }, { version, persistent });
    assertEquals(seen.fields, want);
    assertEquals(seen.persistent, persistent);
  }
});

Deno.test("writeReply() sends Server where it has a name, and for each its own", async () => {
  for (const serverName of ["Skein", null, "other", "null", null]) {
    const { fields } = await write({ status: 204 }, { serverName });
    assertEquals(fields, serverName === null ? [] : [`Server: ${serverName}`]);
  }
});

Deno.test("writeReply() sends Date, Server and the framing once, whatever the handler says", async () => {
  const fieldLines = encodeFieldLines([
    ["Date", "yesterday"],
    ["date", "yesterday"],
    ["SERVER", "x"],
    ["Content-Length", "99"],
    ["Transfer-Encoding", "gzip"],
    ["Connection", "upgrade"],
    ["Keep-Alive", "timeout=5"],
    ["A", "b"],
  ]);
  const sink = new MemorySink();
  const reply = open({ status: 200, fieldLines, body: bytesOf("hello") });
  await writeReply(sink, reply, contextOf({ serverName: "Skein" }));
  assertEquals(sink.text.match(/^date:/gim)?.length, 1);
  assertEquals(takeApart(sink.text), {
    statusLine: "HTTP/1.1 200 OK",
    fields: ["Server: Skein", "A: b", "Content-Length: 5"],
    content: "hello",
  });
});

Deno.test("writeReply() sends the Date of now (RFC 9110 6.6.1)", async () => {
  const before = Math.floor(Date.now() / 1000) * 1000;
  const sink = new MemorySink();
  await writeReply(
    sink,
    open({ status: 204, fieldLines: "", body: null }),
    contextOf(),
  );
  const date = Date.parse(/^Date: (.*)\r$/m.exec(sink.text)![1]);
  assert(date >= before && date <= Date.now(), sink.text);
});

Deno.test("writeReply() sends 8-bit values as the bytes they are (RFC 9110 5.5)", async () => {
  const value = "\x80\x93\x9f\xa0\xe9\xff";
  const fieldLines = encodeFieldLines([["A", value]]);
  // The body begins where the head ends, whatever an encoder made of it.
  for (const size of [0, 5, 16_384, 40_000]) {
    const content = "\xff".repeat(size);
    const seen = await write({ fieldLines, body: bytesOf(content) });
    assertEquals(seen.fields, [`A: ${value}`, `Content-Length: ${size}`]);
    assertEquals(seen.content === content, true, `${size} bytes`);
  }
});

Deno.test("writeReply() sends heads and contents of any size, whatever the sink takes", async () => {
  // Around the 16 KiB in which head and content are sent together.
  for (const padding of [0, 16_000, 16_200, 16_384, 20_000, 20_001]) {
    for (const size of [0, 1, 100, 300, 16_384, 70_000]) {
      for (const maxBytes of [1000, Infinity]) {
        const value = "\xe9".repeat(padding);
        const content = "abcdefg".repeat(size / 7 + 1).slice(0, size);
        const sink = new MemorySink(maxBytes);
        const reply = open({
          fieldLines: `A: ${value}\r\n`,
          body: bytesOf(content),
        });
        await writeReply(sink, reply, contextOf());
        const seen = takeApart(sink.text);
        const note = `head ${padding}, content ${size}, writes ${maxBytes}`;
        assertEquals(seen.fields[0] === `A: ${value}`, true, note);
        assertEquals(seen.fields[1], `Content-Length: ${size}`, note);
        assertEquals(seen.content === content, true, note);
      }
    }
  }
});

Deno.test("writeReply() sends a head that fills the buffer to the byte", async () => {
  const sink = new MemorySink();
  const empty = open({ status: 200, fieldLines: "A: \r\n", body: null });
  await writeReply(sink, empty, contextOf());
  const around = sink.text.length;
  for (const over of [-1, 0, 1]) {
    const value = "b".repeat(16 * 1024 - around + over);
    const content = bytesOf("x".repeat(9));
    const seen = await write({
      fieldLines: `A: ${value}\r\n`,
      body: content.subarray(0, 9),
    });
    assertEquals(seen.fields[0].length, value.length + 3);
    assertEquals(seen.content, "x".repeat(9));
  }
});

Deno.test("writeReply() sends a small answer in one write", async () => {
  const sink = new MemorySink();
  const reply = open({
    status: 200,
    fieldLines: "A: b\r\n",
    body: bytesOf("hello"),
  });
  await writeReply(sink, reply, contextOf());
  assertEquals(sink.writes, 1);
});

Deno.test("writeReply() mixes up no answers that are written at the same time", async () => {
  const answers = ["a", "b", "c", "d"].map((letter) => letter.repeat(300));
  const sinks = answers.map(() => new MemorySink(13));
  await Promise.all(answers.map((answer, i) =>
    writeReply(
      sinks[i],
      open({ body: bytesOf(answer) }),
      contextOf(),
    )
  ));
  assertEquals(sinks.map(({ text }) => takeApart(text).content), answers);
});

// --- sources ---

Deno.test("writeReply() sends chunks with their size in bytes, whatever their size (RFC 9112 7.1)", async () => {
  for (const size of [1, 15, 16, 255, 16_384, 16_385, 70_000]) {
    const piece = "\xff".repeat(size);
    for (const maxBytes of [999, Infinity]) {
      const sink = new MemorySink(maxBytes);
      const body = new Pieces(null, piece);
      await writeReply(
        sink,
        open({ body }),
        contextOf(),
      );
      const { content } = takeApart(sink.text);
      const want = `${size.toString(16)}\r\n${piece}\r\n0\r\n\r\n`;
      assertEquals(content === want, true, `a piece of ${size}`);
    }
  }
});

Deno.test("writeReply() takes no empty piece for the last chunk (RFC 9112 7.1)", async () => {
  const body = new Pieces(null, "", "a", "", "", "b", "");
  const { content } = await write({ body });
  assertEquals(content, "1\r\na\r\n1\r\nb\r\n0\r\n\r\n");
});

const wrongSources: [name: string, body: Pieces, sent: string][] = [
  ["is too short", new Pieces(5, "hell"), "hell"],
  ["is empty", new Pieces(5), ""],
  ["is too long by a piece", new Pieces(5, "hello", "!"), "hello"],
  ["is too long within a piece", new Pieces(5, "he", "llo!"), "he"],
  ["should be empty", new Pieces(0, "h"), ""],
];

for (const [name, body, sent] of wrongSources) {
  Deno.test(`writeReply() throws where the content ${name} (RFC 9112 6.2)`, async () => {
    const sink = new MemorySink();
    const reply = open({ body });
    await assertRejects(
      () => writeReply(sink, reply, contextOf()),
      LengthError,
    );
    // Not a byte more than was announced: it would be read as the next response.
    assertEquals(takeApart(sink.text).content, sent);
    assertEquals(body.cancelled, 1);
  });
}

Deno.test("writeReply() sends no last chunk where a stream breaks off (RFC 9112 8)", async () => {
  const body = new Pieces(null, "he", new Error("broken"));
  const sink = new MemorySink();
  const reply = open({ body });
  await assertRejects(
    () => writeReply(sink, reply, contextOf()),
    Error,
    "broken",
  );
  assertEquals(takeApart(sink.text).content, "2\r\nhe\r\n");
  assertEquals(body.cancelled, 1);
});

Deno.test("writeReply() reads no content that is not sent, and cancels it", async () => {
  const rows: [number, string][] = [[200, "HEAD"], [204, "GET"], [304, "GET"]];
  for (const [status, method] of rows) {
    for (const length of [5, null]) {
      const body = new Pieces(length, "hello");
      await write({ status, body }, { method });
      assertEquals([body.reads, body.cancelled], [0, 1], `${method} ${status}`);
    }
  }
});

Deno.test("writeReply() cancels content that was read to its end", async () => {
  const body = new Pieces(5, "hello");
  await write({ body });
  assertEquals(body.cancelled, 1);
});

Deno.test("writeReply() throws what the sink throws, and cancels the content", async () => {
  for (const good of [0, 1, 2]) {
    const body = new Pieces(null, "he", "llo");
    let writes = 0;
    const sink: ByteSink = {
      write: (bytes) =>
        writes++ < good
          ? Promise.resolve(bytes.length)
          : Promise.reject(new Deno.errors.BrokenPipe("gone")),
    };
    await assertRejects(
      () => writeReply(sink, open({ body }), contextOf()),
      Deno.errors.BrokenPipe,
    );
    assertEquals([body.reads, body.cancelled], [good, 1]);
  }
});

Deno.test("writeReply() reads on only when the piece before is written", async () => {
  const order: string[] = [];
  const body: BodySource = {
    length: null,
    read() {
      order.push("read");
      return Promise.resolve(order.length > 6 ? null : bytesOf("a"));
    },
    cancel() {},
  };
  const sink: ByteSink = {
    write(bytes) {
      order.push("write");
      return Promise.resolve(bytes.length);
    },
  };
  await writeReply(sink, open({ body }), contextOf());
  assertEquals(
    order.join(" "),
    "write read write read write read write read write",
  );
});

Deno.test("writeReply() tells of every progress, by which a stalled client is known", async () => {
  for (const body of [bytesOf("hello"), new Pieces(5, "he", "llo")]) {
    let calls = 0;
    const sink = new MemorySink(10);
    const onProgress = () => calls++;
    const reply = open({ body });
    await writeReply(sink, reply, contextOf({ onProgress }));
    assertEquals(calls, sink.writes);
  }
});

Deno.test("writeReply() ends its head with one empty line", async () => {
  const sink = new MemorySink();
  const reply = open({ status: 200, fieldLines: "A: b\r\n", body: null });
  await writeReply(sink, reply, contextOf());
  assertStringIncludes(sink.text, "\r\nA: b\r\nContent-Length: 0\r\n\r\n");
  assertEquals(sink.text.indexOf("\r\n\r\n"), sink.text.length - 4);
});

// --- answers that came encoded ---

const encodedRows = [
  {
    name: "goes out as it is where both wish the same",
    context: { wished: true, persistent: true },
    connection: "",
    want: "",
  },
  {
    name: "goes out as it is where the client has asked for the end",
    context: { wished: false, persistent: false },
    connection: "Connection: close\r\n",
    want: "Connection: close\r\n",
  },
  {
    name: "says that the connection ends where only the server knows it",
    context: { wished: true, persistent: false },
    connection: "",
    want: "Connection: close\r\n",
  },
  {
    name: "takes back to HTTP/1.0 that it goes on",
    context: { wished: true, persistent: false, version: "1.0" },
    connection: "Connection: keep-alive\r\n",
    want: "Connection: close\r\n",
  },
] as const;

for (const { name, context, connection, want } of encodedRows) {
  for (const maxBytes of [1, 7, Infinity]) {
    Deno.test(`writeReply(): an encoded answer ${name}, ${maxBytes} bytes a write`, async () => {
      const lines = "HTTP/1.1 200 OK\r\nA: \xe9\r\n";
      const head = `${lines}${connection}\r\n`;
      // Others' answers are around it.
      const all = bytesOf(`before${head}hello after`);
      const sink = new MemorySink(maxBytes);
      const persistent = await writeReply(sink, {
        kind: "encoded",
        status: 200,
        headLength: head.length,
        bytes: all.subarray(6, 6 + head.length + 5),
      }, contextOf(context));
      assertEquals(sink.text, `${lines}${want}\r\nhello`);
      assertEquals(persistent, context.persistent);
    });
  }
}
