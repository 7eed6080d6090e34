/**
 * What holds for every input, tried on many. The seed is fixed, so that a failure
 * comes again; fast-check prints it with the smallest input that fails, and a run with
 * another seed is one edit away.
 */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "../support/fast_check.ts";
import { ChunkedDecoder } from "../../lib/http/chunked.ts";
import {
  encodeFieldLines,
  UnsendableFieldError,
} from "../../lib/http/response_fields.ts";
import type { Field } from "../../lib/http/message.ts";
import { parseFieldLine } from "../../lib/http/request_head.ts";
import { writeResponse } from "../../lib/server/response_writer.ts";
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
  readRequest,
  splitAt,
  textOf,
} from "../support/wire.ts";
import {
  encodeChunks,
  field,
  fragment,
  pieces,
  places,
  request,
  small,
  soup,
} from "../support/arbitraries.ts";
import { seed } from "../support/seed.ts";

/** Tries it so many times. */
async function holds<Values>(
  property: fc.IRawProperty<Values>,
  numRuns: number,
): Promise<void> {
  await fc.assert(property, { seed, numRuns });
}

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
        await writeResponse(sink, reply, {
          method: "GET",
          version: "1.1",
          persistence: { wanted: true, closing: false, body: "complete" },
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
