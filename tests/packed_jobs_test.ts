/**
 * A batch of jobs on its way to a worker: what goes in comes out.
 */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { packJobs, unpackJobs } from "../lib/packed_jobs.ts";
import { parseRequestHead } from "../lib/request_head.ts";
import { seed } from "./support/seed.ts";
import { bytesOf } from "./support/wire.ts";

const lineArb = fc.stringMatching(/^[A-Za-z-]{1,9}: [ -~\x80-\xff]{0,20}$/);
const jobArb = fc.record({
  id: fc.nat(),
  peer: fc.constantFrom("127.0.0.1 4321", "::1 9", "fe80::1%eth0 65535"),
  lines: fc.array(lineArb, { maxLength: 4 }),
  body: fc.option(fc.uint8Array({ maxLength: 9 }), { nil: null }),
});

Deno.test("jobs that are packed, cloned and unpacked are the same jobs", () => {
  const head = parseRequestHead(["GET / HTTP/1.0"]);
  fc.assert(
    fc.property(fc.array(jobArb, { maxLength: 6 }), (rows) => {
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
    }),
    { seed },
  );
});

Deno.test("content that is streamed crosses as the word that it is", () => {
  const head = parseRequestHead(["PUT / HTTP/1.0"]);
  const text = "PUT / HTTP/1.0\r\n";
  const nothing = () => {};
  const body = {
    ...{ flowTo: nothing, credit: nothing, stop: nothing },
    busySince: () => 0,
  };
  const jobs = [body, null, bytesOf("whole")].map((body, id) => ({
    id,
    request: { head, text, body, peer: "a 1" },
  }));
  assertEquals(
    unpackJobs(structuredClone(packJobs(jobs))).map(({ body }) => body),
    ["streamed", null, bytesOf("whole")],
  );
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
