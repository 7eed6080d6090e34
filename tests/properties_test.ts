/**
 * What holds for every input, tried on many. The seed is fixed, so that a failure
 * comes again; fast-check prints it with the smallest input that fails, and a run with
 * another seed is one edit away.
 */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import {
  ChunkedDecoder,
  chunkEnd,
  chunkStart,
  lastChunk,
} from "../lib/chunked.ts";
import { encodeFieldLines, UnsendableFieldError } from "../lib/field_lines.ts";
import type { Field, RequestHead } from "../lib/message.ts";
import { parseFieldLine } from "../lib/request_head.ts";
import { writeReply } from "../lib/response_writer.ts";
import {
  bytesOf,
  endOf,
  inPieces,
  limits,
  MemorySink,
  MemorySource,
  readAll,
  readerOf,
  readPieces,
  type ReadRequest,
  readRequest,
  splitAt,
  textOf,
} from "./support/wire.ts";

const seed = 7878;

/** Tries it so many times. */
async function holds<Values>(
  property: fc.IRawProperty<Values>,
  numRuns: number,
): Promise<void> {
  await fc.assert(property, { seed, numRuns });
}

// --- what is valid ---

const tokenCharacters = "!#$%&'*+-.^_`|~0123456789" +
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const token = fc.string({
  unit: fc.constantFrom(...tokenCharacters),
  minLength: 1,
  maxLength: 20,
});

/** A text of the bytes that a pattern admits. */
function bytesLike(pattern: RegExp, maxLength: number): fc.Arbitrary<string> {
  const characters = Array.from({ length: 256 }, (_, code) => code)
    .map((code) => String.fromCharCode(code))
    .filter((character) => pattern.test(character));
  return fc.string({ unit: fc.constantFrom(...characters), maxLength });
}

const ows = bytesLike(/[\t ]/, 3);
const fieldValue = bytesLike(/[\t\x20-\x7e\x80-\xff]/, 40)
  .map((value) => value.replace(/^[\t ]+|[\t ]+$/g, ""));

/** Those that a reader makes more of than a name and a value. */
const meant = new Set(["host", "content-length", "transfer-encoding"]);
const field = fc.tuple(
  token.filter((name) => !meant.has(name.toLowerCase())),
  fieldValue,
);

const authority = fc.constantFrom("h", "a.example:81", "[::1]:7878", "x-y_z:");
const path = bytesLike(/[!"$-~]/, 30).map((rest) => `/${rest}`);

/** A target as it is sent, and what is understood. */
const target: fc.Arbitrary<
  { sent: string; target: string; authority?: string }
> = fc.oneof(
  path.map((path) => ({ sent: path, target: path })),
  fc.tuple(authority, path).map(([authority, path]) => ({
    sent: `http://${authority}${path}`,
    target: path,
    authority,
  })),
);

/** A request as its parts, and as its bytes. */
interface Encoded {
  readonly want: ReadRequest;
  readonly wire: string;
}

/** Some content, cut into pieces. */
const pieces = fc.array(
  fc.uint8Array({ minLength: 1, maxLength: 40 }).map(textOf),
  { maxLength: 6 },
);

const request: fc.Arbitrary<Encoded> = fc.record({
  method: token.filter((method) => method !== "CONNECT"),
  target,
  host: authority,
  fields: fc.array(fc.tuple(field, ows, ows), { maxLength: 8 }),
  hostAt: fc.nat(8),
  pieces,
  framing: fc.constantFrom("none", "length", "chunked"),
}).map((parts) => {
  const body = parts.pieces.join("");
  const lines: [Field, string, string][] = [...parts.fields];
  lines.splice(parts.hostAt, 0, [["Host", parts.host], "", " "]);
  let content = "";
  if (parts.framing === "length") {
    lines.push([["Content-Length", `${body.length}`], " ", ""]);
    content = body;
  } else if (parts.framing === "chunked") {
    lines.push([["Transfer-Encoding", "chunked"], " ", ""]);
    content = encodeChunks(parts.pieces);
  }
  const head: RequestHead = {
    method: parts.method,
    target: parts.target.target,
    authority: parts.target.authority ?? parts.host,
    version: "1.1",
    fields: lines.map(([[name, value]]) => [name.toLowerCase(), value]),
  };
  return {
    want: { ...head, body: parts.framing === "none" ? null : body },
    wire: `${parts.method} ${parts.target.sent} HTTP/1.1\r\n${
      lines.map(([[name, value], before, behind]) =>
        `${name}:${before}${value}${behind}\r\n`
      ).join("")
    }\r\n${content}`,
  };
});

function encodeChunks(pieces: readonly string[]): string {
  const chunks = pieces.map((piece) =>
    textOf(chunkStart(piece.length)) + piece + textOf(chunkEnd)
  );
  return chunks.join("") + textOf(lastChunk);
}

// --- what is not ---

/** What attacks are made of, in any order, between good requests and noise. */
const fragment = fc.oneof(
  { weight: 3, arbitrary: request.map(({ wire }) => wire) },
  {
    weight: 12,
    arbitrary: fc.constantFrom(
      "GET / HTTP/1.1\r\n",
      "POST /a HTTP/1.1\r\n",
      "OPTIONS * HTTP/1.0\r\n",
      "GET / HTTP/2.0\r\n",
      "GET /\r\n",
      "Host: h\r\n",
      "Content-Length: 5\r\n",
      "Content-Length: 21\r\n",
      "Transfer-Encoding: chunked\r\n",
      "A: b\r\n",
      " folded\r\n",
      "GET ",
      "/ ",
      "HTTP/1.1",
      "Host:",
      "\r\n",
      "\r\n\r\n",
      "\r",
      "\n",
      "\0",
      " ",
      "\t",
      "5\r\nhello\r\n",
      "0\r\n\r\n",
      "0\r\n",
      "5;a=b\r\n",
      "hello",
    ),
  },
  // Around the limits of a request line and of a head.
  {
    weight: 2,
    arbitrary: fc.integer({ min: 43, max: 48 }).map((length) =>
      `GET /${"x".repeat(length)} HTTP/1.1\r\n`
    ),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 163, max: 170 }).map((length) =>
      `GET / HTTP/1.1\r\nHost: h\r\nA: ${"x".repeat(length)}\r\n\r\n`
    ),
  },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 12 }).map(textOf) },
  { weight: 1, arbitrary: fc.nat(120).map((length) => "x".repeat(length)) },
);
const soup = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(fragment, { maxLength: 12 }).map((all) => all.join("")),
  },
  // A good request with one byte changed, added or taken away.
  {
    weight: 3,
    arbitrary: fc.tuple(request, fc.nat(), fc.nat(255), fc.nat(2)).map(
      ([{ wire }, place, byte, mode]) => {
        const at = place % wire.length;
        return wire.slice(0, at) +
          (mode === 0 ? "" : String.fromCharCode(byte)) +
          wire.slice(mode === 1 ? at : at + 1);
      },
    ),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }).map(textOf) },
);

/** So small that inputs reach them. */
const small = limits({
  maxRequestLineBytes: 60,
  maxHeadBytes: 200,
  maxFields: 6,
  maxBodyBytes: 40,
  maxChunkLineBytes: 16,
  maxChunkExtensionBytes: 20,
  maxTrailerBytes: 30,
});

const places = fc.array(fc.nat(600), { maxLength: 12 });

// --- properties ---

Deno.test("a reader finds in encoded requests what was encoded, however they are split", async () => {
  await holds(
    fc.asyncProperty(
      fc.array(request, { minLength: 1, maxLength: 4 }),
      places,
      async (requests, places) => {
        const bytes = bytesOf(requests.map(({ wire }) => wire).join(""));
        const source = new MemorySource(splitAt(bytes, places));
        assertEquals(await readAll(source, limits()), {
          requests: requests.map(({ want }) => want),
          end: "end",
        });
      },
    ),
    400,
  );
});

Deno.test("content that is read in pieces is what it is when read whole, broken or not", async () => {
  await holds(
    fc.asyncProperty(
      fc.oneof(
        fc.array(request, { minLength: 1, maxLength: 4 })
          .map((requests) => requests.map(({ wire }) => wire).join("")),
        soup,
      ),
      places,
      fc.integer({ min: 1, max: 20 }),
      async (text, places, pieceBytes) => {
        const pieces = splitAt(bytesOf(text), places);
        const whole = await readAll(new MemorySource(pieces), limits());
        assertEquals(
          await readAll(
            new MemorySource(pieces),
            limits(),
            readPieces(pieceBytes),
          ),
          whole,
        );
      },
    ),
    600,
  );
});

Deno.test("a reader throws nothing but HttpError and IncompleteRequestError", async () => {
  const ends = new Set<unknown>();
  await holds(
    fc.asyncProperty(
      soup,
      fc.integer({ min: 1, max: 50 }),
      async (text, size) => {
        const source = new MemorySource(inPieces(bytesOf(text), size));
        // It throws on whatever else was thrown.
        const { end } = await readAll(source, small);
        ends.add(end);
      },
    ),
    1000,
  );
  // The inputs are worth something only if they come to all of these.
  for (const end of ["end", "incomplete", 400, 413, 414, 431, 505]) {
    assert(ends.has(end), `no input ended with ${end}`);
  }
});

Deno.test("a reader comes to the same however its input is split", async () => {
  await holds(
    fc.asyncProperty(soup, places, async (text, places) => {
      const bytes = bytesOf(text);
      const whole = await readAll(new MemorySource([bytes]), small);
      const split = splitAt(bytes, places);
      assertEquals(await readAll(new MemorySource(split), small), whole);
      const single = new MemorySource(inPieces(bytes, 1));
      assertEquals(await readAll(single, small), whole);
    }),
    2000,
  );
});

Deno.test("a reader takes no more for a request than its limits allow", async () => {
  // A head, an empty line before it, content of one-byte chunks, and the read in which
  // a limit is passed.
  const maxPiece = 50;
  const most = small.maxHeadBytes + 2 + small.maxBodyBytes * (10 + 5) +
    small.maxChunkExtensionBytes + 2 * small.maxTrailerBytes + 2 * maxPiece;
  await holds(
    fc.asyncProperty(
      fc.array(fragment, { minLength: 1, maxLength: 3 }),
      fragment.filter((text) => text !== ""),
      fc.integer({ min: 1, max: maxPiece }),
      async (begin, endless, size) => {
        const text = begin.join("") + endless.repeat(4000 / endless.length + 1);
        const source = new MemorySource(inPieces(bytesOf(text), size));
        const reader = readerOf(source, small);
        try {
          let before = 0;
          while (reader.hasBytes || await reader.fill() > 0) {
            const request = await readRequest(reader, small);
            assertLessOrEqual(source.delivered - before, most);
            if (request === null) break;
            before = source.delivered;
          }
        } catch (error) {
          // It throws on whatever is nobody's fault.
          endOf(error);
        }
      },
    ),
    300,
  );
});

Deno.test("a chunked body is decoded to what was encoded, however it is cut and split", async () => {
  await holds(
    fc.property(pieces, places, (pieces, places) => {
      const wire = bytesOf(encodeChunks(pieces) + "next");
      let content = "";
      const decoder = new ChunkedDecoder(limits(), (bytes) => {
        content += textOf(bytes);
      });
      let taken = 0;
      for (const piece of splitAt(wire, places)) taken += decoder.push(piece);
      assertEquals(content, pieces.join(""));
      assertEquals(decoder.done, true);
      assertEquals(taken, wire.length - "next".length);
    }),
    500,
  );
});

Deno.test("a chunked body that breaks off or goes wrong gives nothing but a beginning of its content", async () => {
  await holds(
    fc.property(pieces, fc.nat(), soup, (pieces, place, noise) => {
      const wire = encodeChunks(pieces);
      // Within the wire, so that it is never done.
      const cut = bytesOf(wire.slice(0, place % wire.length));
      let content = "";
      const decoder = new ChunkedDecoder(limits(), (bytes) => {
        content += textOf(bytes);
      });
      assertEquals(decoder.push(cut), cut.length);
      assertEquals(decoder.done, false);
      assert(pieces.join("").startsWith(content));
      try {
        decoder.push(bytesOf(noise));
      } catch (error) {
        assertEquals(typeof endOf(error), "number");
      }
    }),
    500,
  );
});

Deno.test("field lines are read as the fields they were encoded from", async () => {
  await holds(
    fc.property(fc.array(field, { maxLength: 6 }), (fields) => {
      const sent = fields.map(([name, value]): Field => [`X-${name}`, value]);
      const lines = encodeFieldLines(sent).split("\r\n");
      assertEquals(lines.pop(), "");
      assertEquals(
        lines.map(parseFieldLine),
        sent.map(([name, value]): Field => [name.toLowerCase(), value]),
      );
    }),
    300,
  );
});

Deno.test("whatever a handler says, a field is one line of bytes or is refused", async () => {
  const any = fc.oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.uint8Array({ maxLength: 20 }).map(textOf),
    fc.constantFrom("Date", "A", "b\r\nC: d", "Connection", "Set-Cookie"),
  );
  await holds(
    fc.property(any, any, (name, value) => {
      try {
        const lines = encodeFieldLines([[name, value]]);
        assert(lines === "" || /^[^\r\n\0]+\r\n$/.test(lines));
        assertEquals(textOf(bytesOf(lines)), lines);
      } catch (error) {
        if (!(error instanceof UnsendableFieldError)) throw error;
      }
    }),
    1000,
  );
});

Deno.test("a response is the same bytes however few its sink takes, and as long as it says", async () => {
  await holds(
    fc.asyncProperty(
      fc.array(field, { maxLength: 4 }),
      fc.uint8Array({ maxLength: 200 }),
      fc.integer({ min: 1, max: 300 }),
      async (fields, content, maxBytes) => {
        const fieldLines = encodeFieldLines(
          fields.map(([name, value]): Field => [`X-${name}`, value]),
        );
        const reply = {
          ...{ kind: "open", status: 200 } as const,
          fieldLines,
          body: content,
        };
        const sink = new MemorySink(maxBytes);
        await writeReply(sink, reply, {
          method: "GET",
          version: "1.1",
          wished: true,
          persistent: true,
          serverName: "Skein",
          onProgress() {},
        });
        const end = sink.text.indexOf("\r\n\r\n") + 4;
        assertEquals(sink.text.slice(end), textOf(content));
        assert(
          sink.text.slice(0, end).endsWith(
            `${fieldLines}Content-Length: ${content.length}\r\n\r\n`,
          ),
        );
      },
    ),
    300,
  );
});
