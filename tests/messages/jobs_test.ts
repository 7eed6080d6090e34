/**
 * A batch of jobs on its way to a worker: what goes in comes out, and is what the main thread
 * has parsed.
 */

import { assertEquals } from "@std/assert";
import fc from "../support/fast_check.ts";
import { parseRequestHead } from "../../lib/http/request_head.ts";
import {
  type IncomingJob,
  packJobs,
  unpackJobs,
} from "../../lib/messages/jobs.ts";
import { seed } from "../support/seed.ts";
import { bytesOf } from "../support/wire.ts";

/** A request with that head. */
function requestWith(lines: readonly string[]) {
  return {
    head: parseRequestHead(lines),
    text: lines.map((line) => `${line}\r\n`).join(""),
    body: null,
    peer: "a 1",
    persistent: true,
    origin: null,
  };
}

/** What a handler finds in a request. */
function seenIn(job: IncomingJob) {
  const { id, peer, persistent, body, streamed } = job;
  const { method, target, authority, version, fields } = job;
  const head = { method, target, authority, version, fields };
  return { id, peer, persistent, body, streamed, head };
}

const requestLine = fc.constantFrom(
  "GET / HTTP/1.1",
  "HEAD /a/b?c=d HTTP/1.1",
  "X-OWN //a|b HTTP/1.1",
  "GET /old HTTP/1.0",
  "POST /newer HTTP/1.9",
  "OPTIONS * HTTP/1.1",
  "GET http://other:81/a HTTP/1.1",
  "GET HTTP://other HTTP/1.0",
  "OPTIONS https://other HTTP/1.1",
);
const field = fc.stringMatching(/^[A-Za-z-]{1,9}:[ -~\t\x80-\xff]{0,20}$/)
  .filter((line) => !/^host:/i.test(line));
const host = fc.constantFrom("Host: a", "host:a:80", "HOST: \t[::1]:8080 ");
const job = fc.record({
  id: fc.maxSafeNat(),
  peer: fc.constantFrom("127.0.0.1 4321", "::1 9", "fe80::1%eth0 65535"),
  persistent: fc.boolean(),
  lines: fc.tuple(requestLine, fc.array(field), host, fc.array(field)).map(
    ([first, before, host, after]) => [first, ...before, host, ...after],
  ),
  body: fc.option(fc.uint8Array({ maxLength: 9 }), { nil: null }),
});

Deno.test("jobs that are packed, cloned and unpacked are the same jobs", () => {
  fc.assert(
    fc.property(fc.array(job, { maxLength: 6 }), (rows) => {
      const jobs = rows.map(({ id, peer, persistent, lines, body }) => {
        const copy = body === null ? null : new Uint8Array(body);
        const request = requestWith(lines);
        return { id, request: { ...request, peer, persistent, body: copy } };
      });
      assertEquals(
        unpackJobs(structuredClone(packJobs(jobs))).map(seenIn),
        jobs.map(({ id, request: { head, peer, persistent, body } }) => (
          { id, peer, persistent, body, streamed: false, head }
        )),
      );
    }),
    { seed },
  );
});

for (
  const lines of [
    ["GET / HTTP/1.0"],
    ["GET / HTTP/1.0", "X-Host: a"],
    ["OPTIONS * HTTP/1.0", "Accept: */*"],
    ["GET http://other/a HTTP/1.0"],
  ]
) {
  Deno.test(`a worker finds no Host where there is none: ${lines}`, () => {
    const request = requestWith(lines);
    const [job] = unpackJobs(packJobs([{ id: 1, request }]));
    assertEquals(seenIn(job).head, request.head);
  });
}

for (
  const { origin, want } of [
    { origin: null, want: ["a 1", "http", "h"] },
    {
      origin: { scheme: "https", host: "b:8" },
      want: ["a 1", "https", "b:8"],
    },
    { origin: { scheme: null, host: null }, want: ["a 1", "http", "h"] },
    {
      origin: { scheme: "http", host: "[::1]" },
      want: ["a 1", "http", "[::1]"],
    },
    { origin: { scheme: "https", host: null }, want: ["a 1", "https", "h"] },
  ] as const
) {
  Deno.test(`a worker knows the origin ${JSON.stringify(origin)}`, () => {
    const request = { ...requestWith(["GET / HTTP/1.1", "Host: h"]), origin };
    const [job] = unpackJobs(packJobs([{ id: 1, request }]));
    assertEquals([job.peer, job.scheme, job.authority], [...want]);
  });
}

Deno.test("content that is streamed crosses as the word that it is", () => {
  const nothing = () => {};
  const body = {
    ...{ sendTo: nothing, credit: nothing, stop: nothing },
    busySince: () => 0,
  };
  const jobs = [body, null, bytesOf("whole")].map((body, id) => ({
    id,
    request: { ...requestWith(["PUT / HTTP/1.0"]), body },
  }));
  assertEquals(
    unpackJobs(structuredClone(packJobs(jobs))).map(
      ({ streamed, body }) => [streamed, body],
    ),
    [[true, null], [false, null], [false, bytesOf("whole")]],
  );
});

Deno.test("jobs without content cross without a list of contents", () => {
  const request = requestWith(["GET / HTTP/1.0"]);
  assertEquals(packJobs([{ id: 7, request }]), {
    count: 1,
    text: "7 1 a 1\r\nGET / HTTP/1.0\r\n\r\n",
    bodies: null,
  });
});
