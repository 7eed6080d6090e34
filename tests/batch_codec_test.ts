/**
 * Batches on their way between threads: what goes in comes out, and which answers are
 * ready for the wire when they arrive.
 */

import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  AnswerPacker,
  type ClientFacts,
  packJobs,
  unpackAnswers,
  unpackJobs,
} from "../lib/batch_codec.ts";
import type { ResponseBody } from "../lib/message.ts";
import { parseRequestHead } from "../lib/request_head.ts";
import { bytesOf, textOf } from "./support/wire.ts";

// --- jobs ---

const lineArb = fc.stringMatching(/^[A-Za-z-]{1,9}: [ -~\x80-\xff]{0,20}$/);
const jobArb = fc.record({
  id: fc.nat(),
  peer: fc.constantFrom("127.0.0.1 4321", "::1 9", "fe80::1%eth0 65535"),
  lines: fc.array(lineArb, { maxLength: 4 }),
  body: fc.option(fc.uint8Array({ maxLength: 9 }), { nil: null }),
});

Deno.test("jobs that are packed, cloned and unpacked are the same jobs", () => {
  const head = parseRequestHead(["GET / HTTP/1.0"]);
  fc.assert(fc.property(fc.array(jobArb, { maxLength: 6 }), (rows) => {
    const jobs = rows.map(({ id, peer, lines, body }) => {
      const all = ["GET / HTTP/1.1", ...lines];
      const text = all.map((line) => `${line}\r\n`).join("");
      const copy = body === null ? null : new Uint8Array(body);
      return { id, peer, lines: all, text, body: copy };
    });
    const packed = packJobs(
      jobs.map(({ id, peer, text, body }) => ({
        id,
        request: { head, text, body, peer },
      })),
    );
    assertEquals(
      unpackJobs(structuredClone(packed)),
      jobs.map(({ id, peer, lines, body }) => ({ id, peer, lines, body })),
    );
  }));
});

Deno.test("jobs without content cross without a list of contents", () => {
  const head = parseRequestHead(["GET / HTTP/1.0"]);
  const request = { head, text: "GET / HTTP/1.0\r\n", body: null, peer: "a 1" };
  assertEquals(packJobs([{ id: 7, request }]), {
    count: 1,
    text: "7 a 1\r\nGET / HTTP/1.0\r\n\r\n",
    bodies: null,
  });
});

// --- answers ---

const someone: ClientFacts = {
  method: "GET",
  version: "1.1",
  persistent: true,
};

/** What becomes of one answer, its Date left out. */
function cross(
  response: { status?: number; body: ResponseBody },
  client: Partial<ClientFacts> = {},
): string {
  const packer = new AnswerPacker("Skein");
  const whole = { status: 200, fieldLines: "A: \xe9\r\n", ...response };
  packer.add(3, whole, { ...someone, ...client });
  const seen: string[] = [];
  unpackAnswers(structuredClone(packer.answers), {
    encoded: (id, status, headLength, bytes) => {
      const text = textOf(bytes).replace(/Date: [^\r]*\r\n/, "");
      const gone = bytes.length - text.length;
      seen.push(`${id} ${status} encoded ${text.slice(0, headLength - gone)}`);
      seen.push(text.slice(headLength - gone));
    },
    open: (id, status, lines, body) => {
      const kind = body instanceof Uint8Array ? body.length : body.kind;
      seen.push(`${id} ${status} open ${lines}`, `${kind}`);
    },
  });
  return seen.join("|").replaceAll("\r\n", "\n");
}

const bytesBody = (text: string): ResponseBody => ({
  kind: "bytes",
  bytes: bytesOf(text),
});
const ok = "3 200 encoded HTTP/1.1 200 OK\nServer: Skein\nA: \xe9\n";

const answerRows = [
  {
    name: "content",
    got: cross({ body: bytesBody("hello") }),
    want: `${ok}Content-Length: 5\n\n|hello`,
  },
  {
    name: "no content",
    got: cross({ body: { kind: "none" } }),
    want: `${ok}Content-Length: 0\n\n|`,
  },
  {
    name: "HEAD: the length, and no content (RFC 9110 section 9.3.2)",
    got: cross({ body: bytesBody("hello") }, { method: "HEAD" }),
    want: `${ok}Content-Length: 5\n\n|`,
  },
  {
    name: "content that HEAD is only told the length of",
    got: cross({ body: { kind: "omitted", length: 99 } }, { method: "HEAD" }),
    want: `${ok}Content-Length: 99\n\n|`,
  },
  {
    name: "204: no length (RFC 9110 section 8.6)",
    got: cross({ status: 204, body: bytesBody("lost") }),
    want: "3 204 encoded HTTP/1.1 204 No Content\nServer: Skein\nA: \xe9\n\n|",
  },
  {
    name: "a client that wants no more",
    got: cross({ body: bytesBody("x") }, { persistent: false }),
    want: `${ok}Content-Length: 1\nConnection: close\n\n|x`,
  },
  {
    name: "HTTP/1.0 that goes on",
    got: cross({ body: bytesBody("x") }, { version: "1.0" }),
    want: `${ok}Content-Length: 1\nConnection: keep-alive\n\n|x`,
  },
  {
    name: "content that is too long to be copied twice",
    got: cross({ body: bytesBody("x".repeat(16 * 1024 + 1)) }),
    want: "3 200 open A: \xe9\n|16385",
  },
  {
    name: "a stream",
    got: cross({ body: { kind: "stream", length: null } }),
    want: "3 200 open A: \xe9\n|stream",
  },
];

for (const { name, got, want } of answerRows) {
  Deno.test(`an answer crosses: ${name}`, () => assertEquals(got, want));
}

Deno.test("answers past what one slow client may hold cross on their own, none is lost", () => {
  const packer = new AnswerPacker(null);
  const content = bytesOf("x".repeat(16 * 1024));
  const response = { status: 200, fieldLines: "" };
  for (let id = 0; id < 40; id++) {
    const body = { kind: "bytes", bytes: content } as const;
    packer.add(id, { ...response, body }, someone);
  }
  const { bytes } = packer.answers;
  assertEquals(bytes!.length <= 256 * 1024, true);
  const encoded: number[] = [];
  const open: number[] = [];
  unpackAnswers(packer.answers, {
    encoded: (id) => encoded.push(id),
    open: (id) => open.push(id),
  });
  assertEquals(encoded, Array.from({ length: 15 }, (_, id) => id));
  assertEquals(open, Array.from({ length: 25 }, (_, id) => id + 15));
});

Deno.test("an answer whose bytes were given away is refused", () => {
  const bytes = bytesOf("gone");
  structuredClone(bytes, { transfer: [bytes.buffer] });
  const packer = new AnswerPacker(null);
  assertThrows(
    () =>
      packer.add(1, {
        status: 200,
        fieldLines: "",
        body: { kind: "bytes", bytes },
      }, someone),
    TypeError,
  );
  assertEquals(packer.answers, { encoded: [], bytes: null, open: [] });
});
