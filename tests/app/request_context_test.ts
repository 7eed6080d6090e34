/**
 * What an app is told of its exchange: by the signal that its client has left, and by
 * `info.completed` what became of its answer.
 */

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
} from "@std/assert";
import {
  HandlerInfo,
  type RequestContext,
} from "../../lib/app/request_context.ts";
import { webRequest } from "../../lib/app/lazy_request.ts";
import { exchange } from "../support/app_exchanges.ts";

Deno.test("a request's signal, and those of its copies, abort with its exchange", () => {
  const open = exchange();
  const request = webRequest(open);
  const signals = [
    request.signal,
    request.clone().signal,
    new Request(request).signal,
  ];
  assertStrictEquals(request.signal, signals[0]);
  assertEquals(signals.map(({ aborted }) => aborted), [false, false, false]);
  open.abort();
  assertEquals(signals.map(({ aborted }) => aborted), [true, true, true]);
  assertInstanceOf(request.signal.reason, DOMException);
  assertEquals(request.signal.reason.name, "AbortError");
});

Deno.test("a request's signal is aborted also for who looks late, and never after its answer", () => {
  const left = exchange();
  left.abort();
  assert(webRequest(left).signal.aborted);
  const answered = exchange();
  const { signal } = webRequest(answered);
  answered.sent();
  answered.abort();
  assertEquals(signal.aborted, false);
});

/** What becomes of a promise that nothing is left to wait for. */
async function fate(promise: Promise<void>): Promise<string> {
  const pending = Promise.resolve("pending");
  return await Promise.race([
    promise.then(() => "resolved", (error) => error.name),
    // Behind what a settled promise takes to be heard of.
    pending.then((fate) => fate).then((fate) => fate),
  ]);
}

const answer = (open: RequestContext) => open.sent();
const leave = (open: RequestContext) => open.abort();
const whole = (open: RequestContext) => open.handedOver(true);
const notWhole = (open: RequestContext) => open.handedOver(false);

const completions: {
  name: string;
  before?: ((open: RequestContext) => void)[];
  after: ((open: RequestContext) => void)[];
  watched: number;
  want: string;
}[] = [
  { name: "is pending while there is no answer", after: [], ...want(1) },
  { name: "waits for the word", after: [answer], ...want(1) },
  {
    name: "resolves at the word",
    after: [answer, whole],
    ...want(1, "resolved"),
  },
  {
    name: "rejects where the client left meanwhile",
    after: [answer, notWhole],
    ...want(1, "Interrupted"),
  },
  {
    name: "rejects where the client left first",
    after: [leave, notWhole],
    ...want(1, "Interrupted"),
  },
  {
    name: "rejects once, though a 504 was handed over then",
    after: [leave, whole],
    ...want(1, "Interrupted"),
  },
  {
    name: "resolves where it is looked at too late to be watched",
    before: [answer],
    after: [],
    ...want(0, "resolved"),
  },
  {
    name: "rejects where it is looked at after the client left",
    before: [leave],
    after: [],
    ...want(0, "Interrupted"),
  },
];

function want(watched: number, want = "pending") {
  return { watched, want };
}

for (const { name, before = [], after, watched, want } of completions) {
  Deno.test(`info.completed ${name}`, async () => {
    let asked = 0;
    const open = exchange(() => asked++);
    const info = new HandlerInfo(open);
    for (const step of before) step(open);
    const { completed } = info;
    for (const step of after) step(open);
    assertEquals(await fate(completed), want);
    assertStrictEquals(info.completed, completed);
    assertEquals(asked, watched);
  });
}
