/**
 * The answers to a batch on their way back: what goes in comes out, and which of them
 * are ready for the wire when they arrive.
 */

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import type { ResponseBody } from "../../lib/http/message.ts";
import {
  type ClientFacts,
  ResponsePacker,
  unpackResponses,
} from "../../lib/messages/responses.ts";
import { bytesOf, textOf } from "../support/wire.ts";

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
  const packer = new ResponsePacker("Skein");
  const whole = { status: 200, fieldLines: "A: \xe9\r\n", ...response };
  packer.add(3, whole, { ...someone, ...client });
  const seen: string[] = [];
  unpackResponses(structuredClone(packer.responses), {
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
const asciiBody = (text: string): ResponseBody => ({ kind: "ascii", text });
const ok = "3 200 encoded HTTP/1.1 200 OK\nServer: Skein\nA: \xe9\n";

const answerRows = [
  {
    name: "content",
    got: () => cross({ body: bytesBody("hello") }),
    want: `${ok}Content-Length: 5\n\n|hello`,
  },
  {
    name: "text",
    got: () => cross({ body: asciiBody("hello") }),
    want: `${ok}Content-Length: 5\n\n|hello`,
  },
  {
    name: "text that HEAD is only told the length of",
    got: () => cross({ body: asciiBody("hello") }, { method: "HEAD" }),
    want: `${ok}Content-Length: 5\n\n|`,
  },
  {
    name: "text of a status that has no content",
    got: () => cross({ status: 204, body: asciiBody("lost") }),
    want: "3 204 encoded HTTP/1.1 204 No Content\nServer: Skein\nA: \xe9\n\n|",
  },
  {
    name: "text that is too long to be packed",
    got: () => cross({ body: asciiBody("x".repeat(16 * 1024 + 1)) }),
    want: "3 200 open A: \xe9\n|16385",
  },
  {
    name: "no content",
    got: () => cross({ body: { kind: "none" } }),
    want: `${ok}Content-Length: 0\n\n|`,
  },
  {
    name: "HEAD: the length, and no content (RFC 9110 section 9.3.2)",
    got: () => cross({ body: bytesBody("hello") }, { method: "HEAD" }),
    want: `${ok}Content-Length: 5\n\n|`,
  },
  {
    name: "content that HEAD is only told the length of",
    got: () =>
      cross({ body: { kind: "omitted", length: 99 } }, { method: "HEAD" }),
    want: `${ok}Content-Length: 99\n\n|`,
  },
  {
    name: "204: no length (RFC 9110 section 8.6)",
    got: () => cross({ status: 204, body: bytesBody("lost") }),
    want: "3 204 encoded HTTP/1.1 204 No Content\nServer: Skein\nA: \xe9\n\n|",
  },
  {
    name: "a client that wants no more",
    got: () => cross({ body: bytesBody("x") }, { persistent: false }),
    want: `${ok}Content-Length: 1\nConnection: close\n\n|x`,
  },
  {
    name: "HTTP/1.0 that goes on",
    got: () => cross({ body: bytesBody("x") }, { version: "1.0" }),
    want: `${ok}Content-Length: 1\nConnection: keep-alive\n\n|x`,
  },
  {
    name: "content that is too long to be copied twice",
    got: () => cross({ body: bytesBody("x".repeat(16 * 1024 + 1)) }),
    want: "3 200 open A: \xe9\n|16385",
  },
  {
    name: "a stream",
    got: () => cross({ body: { kind: "stream", length: null } }),
    want: "3 200 open A: \xe9\n|stream",
  },
];

for (const { name, got, want } of answerRows) {
  Deno.test(`an answer crosses: ${name}`, () => assertEquals(got(), want));
}

Deno.test("text and bytes in one message stay with their answers", () => {
  const bodies = Array.from({ length: 60 }, (_, id) => {
    const text = `${id} `.repeat(id * 7);
    return id % 3 === 0 ? bytesBody(text) : asciiBody(text);
  });
  const packer = new ResponsePacker(null);
  for (const [id, body] of bodies.entries()) {
    packer.add(id, { status: 200, fieldLines: "", body }, someone);
  }
  const seen: string[] = [];
  unpackResponses(structuredClone(packer.responses), {
    encoded: (id, _status, headLength, bytes) => {
      assertMatch(textOf(bytes), /^HTTP\/1.1 200 OK\r\n/);
      seen[id] = textOf(bytes.subarray(headLength));
    },
    open: (id) => assert(false, `${id} could be encoded`),
  });
  assertEquals(seen, bodies.map((_, id) => `${id} `.repeat(id * 7)));
});

Deno.test("answers past what one slow client may hold cross on their own, none is lost", () => {
  const packer = new ResponsePacker(null);
  const content = bytesOf("x".repeat(16 * 1024));
  const response = { status: 200, fieldLines: "" };
  for (let id = 0; id < 40; id++) {
    const body = { kind: "bytes", bytes: content } as const;
    packer.add(id, { ...response, body }, someone);
  }
  const { bytes } = packer.responses;
  assertEquals(bytes!.length <= 256 * 1024, true);
  const encoded: number[] = [];
  const open: number[] = [];
  unpackResponses(packer.responses, {
    encoded: (id) => encoded.push(id),
    open: (id) => open.push(id),
  });
  assertEquals(encoded, Array.from({ length: 15 }, (_, id) => id));
  assertEquals(open, Array.from({ length: 25 }, (_, id) => id + 15));
});

Deno.test("an answer whose bytes were given away is refused", () => {
  const bytes = bytesOf("gone");
  structuredClone(bytes, { transfer: [bytes.buffer] });
  const packer = new ResponsePacker(null);
  assertThrows(
    () =>
      packer.add(1, {
        status: 200,
        fieldLines: "",
        body: { kind: "bytes", bytes },
      }, someone),
    TypeError,
  );
  assertEquals(packer.responses, { encoded: [], bytes: null, open: [] });
});

Deno.test("bytes that are nobody's, where a job was stopped, shift no other answer", () => {
  const seen: Record<number, string> = {};
  const answers = {
    encoded: [...[1, 200, 2, 0, 4], ...[3, 404, 2, 9, 3]],
    bytes: bytesOf("H1b1brokeH3c"),
    open: [],
  };
  unpackResponses(answers, {
    encoded: (id, _status, _headLength, bytes) => seen[id] = textOf(bytes),
    open: () => {},
  });
  assertEquals(seen, { 1: "H1b1", 3: "H3c" });
});
