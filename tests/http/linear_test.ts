/**
 * What is run on bytes of a client takes time in proportion to them: the worst
 * repetitions, 16 and 32 KiB of them, through everything that parses.
 */

import { assert } from "@std/assert";
import { requestUrl } from "../../lib/app/request_url.ts";
import { readSelection } from "../../lib/files/conditional_response.ts";
import { parseListingOrder } from "../../lib/files/listing/order.ts";
import { optionsResponse } from "../../lib/files/operator_headers.ts";
import { decodePath } from "../../lib/files/paths.ts";
import { defaultStaticOptions } from "../../lib/files/static_options.ts";
import { ChunkedDecoder } from "../../lib/http/chunked.ts";
import { checkConditions, rangeApplies } from "../../lib/http/conditional.ts";
import { decideFraming, expectsContinue } from "../../lib/http/framing.ts";
import { parseHttpDate } from "../../lib/http/http_date.ts";
import type { Field, RequestHead } from "../../lib/http/message.ts";
import {
  acceptsPage,
  preferences,
  preferredForm,
  prefersJson,
} from "../../lib/http/negotiate.ts";
import { wantsToStay } from "../../lib/http/persistence.ts";
import { readRanges } from "../../lib/http/ranges.ts";
import {
  parseFieldLine,
  parseRequestHead,
  parseRequestLine,
} from "../../lib/http/request_head.ts";
import { IncomingJob } from "../../lib/messages/jobs.ts";
import { defaultLimits } from "../../lib/limits.ts";
import { ByteReader } from "../../lib/server/byte_reader.ts";
import { bytesOf, inPieces, MemorySource } from "../support/wire.ts";

const validators = { etag: '"a"', lastModifiedMs: 0 };

function headWith(...fields: Field[]): RequestHead {
  return {
    ...{ method: "POST", target: "/", authority: "h", version: "1.1", fields },
  };
}

/** Large limits: it is the time that is bounded here. */
const limits = {
  ...defaultLimits,
  maxChunkLineBytes: 1 << 20,
  maxTrailerBytes: 1 << 20,
  maxChunkExtensionBytes: 1 << 20,
  maxRequestLineBytes: 1 << 20,
  maxHeadBytes: 1 << 20,
};

function decode(text: string, pieceBytes: number): void {
  const decoder = new ChunkedDecoder(limits, () => {});
  for (const piece of inPieces(bytesOf(text), pieceBytes)) decoder.push(piece);
}

const parsers: Record<string, (text: string) => unknown> = {
  "Connection": (text) => wantsToStay("1.1", [["connection", text]]),
  "Transfer-Encoding": (text) =>
    decideFraming(headWith(["transfer-encoding", text]), {
      bytes: 1,
      flag: "",
    }),
  "Content-Length": (text) =>
    decideFraming(headWith(["content-length", text]), { bytes: 1, flag: "" }),
  "Expect": (text) => expectsContinue(headWith(["expect", text])),
  "Accept-Encoding": (text) => preferences(text),
  "Accept, for JSON": (text) => prefersJson(text),
  "Accept, for errors": (text) => preferredForm(text),
  "Accept, for a page": (text) => acceptsPage(text),
  "Range": (text) => readRanges(`bytes=${text}`, 1000),
  "If-Match": (text) => checkConditions({ ifMatch: text }, validators, 0),
  "If-None-Match": (text) =>
    checkConditions({ ifNoneMatch: text }, validators, 0),
  "If-Modified-Since": (text) =>
    checkConditions({ ifModifiedSince: text }, validators, 0),
  "If-Range": (text) => rangeApplies(text, validators, 0),
  "a date": (text) => parseHttpDate(text, 0),
  "Access-Control-Request-Headers": (text) =>
    optionsResponse([
      ["origin", "o"],
      ["access-control-request-method", "GET"],
      ["access-control-request-headers", text],
    ], { ...defaultStaticOptions, cors: true }),
  "the fields of a selection": (text) =>
    readSelection("GET", [["range", text], ["if-match", text]]),
  "a request line": (text) => parseRequestLine(`GET /${text} HTTP/1.1`),
  "a method": (text) => parseRequestLine(`${text} / HTTP/1.1`),
  "a field line": (text) => parseFieldLine(`a:${text}b`),
  "a field name": (text) => parseFieldLine(`${text}:b`),
  "Host": (text) => parseRequestHead(["GET / HTTP/1.1", `Host: ${text}`]),
  "a target in absolute form": (text) =>
    parseRequestHead([`GET http://${text} HTTP/1.1`, "Host: h"]),
  "the fields of a job": (text) =>
    new IncomingJob({
      id: 1,
      flags: 1,
      peer: "",
      text: `GET / HTTP/1.1\r\na:${text}\r\nHost: h`,
      body: null,
    }).fields,
  "a path": (text) => decodePath(`/${text}`),
  "the URL of a request": (text) => requestUrl("h", `/${text}`),
  "the order of a listing": (text) => parseListingOrder(`?${text}`),
  "the size of a chunk": (text) => decode(text, 1),
  "an extension of a chunk": (text) => decode(`1;${text}`, 1),
  "a trailer": (text) => decode(`0\r\na:${text}`, 1),
  "a head, byte by byte": async (text) => {
    const reader = new ByteReader(
      new MemorySource(inPieces(bytesOf(`GET / HTTP/1.1\r\na:${text}`), 64)),
      limits,
    );
    while (await reader.fill() > 0) reader.scanHead();
  },
};

const repeated = [
  ...[" ", "\t", ",", ";", '"', "0", "1", "%", "%41", "/", ".", "-", "=", "a"],
  ...[
    " ,",
    ", ",
    ",;",
    ";q=0 ",
    '","',
    '"a",',
    "W/",
    'W/"',
    "0-",
    "0-0,",
    "a/",
  ],
  ...["/.", "?", "&", "a=&", ":", "[", "\r", "\xe9", ";;", "q="],
];

// Quadratic work on 32 KiB takes some hundred milliseconds. What takes less than this is
// linear, and too short to be compared on a busy machine.
const surelyFastMs = 100;

/** The shortest of some runs, in milliseconds; the first that is surely fast will do. */
async function time(run: () => unknown): Promise<number> {
  let shortest = Infinity;
  for (let i = 0; i < 5; i++) {
    const before = performance.now();
    try {
      await run();
    } catch {
      // A refusal is as good.
    }
    shortest = Math.min(shortest, performance.now() - before);
    if (shortest < surelyFastMs) break;
  }
  return shortest;
}

/** The two are measured one after the other, and the machine may be busy with other
 * things during one of them: what is quadratic is so each time. */
const tries = 4;

/** Asserts that twice as much takes less than three times as long. */
async function assertLinear(
  unit: string,
  run: (bytes: number) => unknown,
): Promise<void> {
  let long = Infinity;
  let short = Infinity;
  for (let i = 0; i < tries; i++) {
    long = Math.min(long, await time(() => run(32 * 1024)));
    if (long < surelyFastMs) return;
    short = Math.min(short, await time(() => run(16 * 1024)));
    if (long < short * 3) return;
  }
  assert(
    false,
    `${JSON.stringify(unit)}: ${short} ms for 16 KiB, ${long} ms for 32`,
  );
}

for (const [name, parse] of Object.entries(parsers)) {
  Deno.test(`${name} takes time in proportion to its length`, async () => {
    for (const unit of repeated) {
      const of = (bytes: number) =>
        `a${unit.repeat(Math.ceil(bytes / unit.length))}b`;
      await assertLinear(unit, (bytes) => parse(of(bytes)));
    }
  });
}
