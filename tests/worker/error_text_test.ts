/** What of an error reaches the log. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { errorText } from "../../lib/worker/error_text.ts";

Deno.test("errorText() shows an error with its stack and all that caused it", () => {
  const cause = new TypeError("the first", { cause: { code: 17 } });
  const error = new AggregateError([new Error("one of two"), cause], "both");
  const trace = errorText(new Error("the last", { cause: error }));
  const texts = ["Error: the last", "Caused by: AggregateError: both"];
  texts.push("Caused by: Error: one of two", "Caused by: TypeError: the first");
  texts.push("Caused by: Thrown: { code: 17 }");
  let at = -1;
  for (const text of texts) {
    const next = trace.indexOf(text, at + 1);
    assert(next > at, `${text} in its place in ${trace}`);
    at = next;
  }
  assertStringIncludes(trace, "error_text_test.ts");
});

Deno.test("errorText() leaves out what is of the server and the runtime, where there is something else", () => {
  const server = new URL("../../lib/app/host.ts", import.meta.url).href;
  const frames = [
    "    at handler (file:///srv/app.ts:3:4)",
    `    at AppHost.handle (${server}:1:2)`,
    "    at processTicks (ext:core/01_core.js:1:2)",
    "    at node:internal/x:1:2",
    "    at file:///srv/node_modules/hono/dist/ext.js:1:2",
    "    at JSON.parse (<anonymous>)",
  ];
  const error = new Error("it\n    failed");
  error.stack = ["Error: it", "    failed", ...frames].join("\n");
  assertEquals(
    errorText(error).split("\n"),
    ["Error: it", "    failed", frames[0], frames[4]],
  );
  error.stack = ["Error: it", frames[1], frames[2]].join("\n");
  assertEquals(errorText(error), error.stack);
  error.stack = ["Error: it", frames[2], frames[1]].join("\n");
  assertEquals(errorText(error), "Error: it");
});

Deno.test("errorText() shows what a library has noted in an error", () => {
  const noted = { code: "23505", detail: "Key (id)=(1) exists" };
  const error = Object.assign(new Error("duplicate key"), noted);
  assertStringIncludes(errorText(error), ' { code: "23505", detail: "Key (id');
});

Deno.test("errorText() ends, and is a string, whatever was thrown", () => {
  const ring = new Error("a ring");
  ring.cause = ring;
  assert(errorText(ring).split("Caused by").length < 20);
  const unprintable = new Proxy({}, {
    getPrototypeOf() {
      throw new Error("looked at");
    },
  });
  const things = [undefined, null, "text", Symbol("s"), unprintable];
  things.push(Object.assign(new Error("e"), { stack: () => {} }));
  for (const thrown of things) assertEquals(typeof errorText(thrown), "string");
});

Deno.test("errorText() is of bounded length", () => {
  const long = "x".repeat(1_000_000);
  for (const thrown of [long, new Error(long), { long }, [long, long]]) {
    const text = errorText(thrown);
    assert(text.length < 17_000, `${text.length}`);
  }
});

Deno.test("errorText() sends no control characters to a terminal", () => {
  const rows: [thrown: unknown, text: string][] = [
    [new Error("a\x1b[2Jb"), "a\\x1b[2Jb"],
    [new Error("a\x1b[0;36mb\x1b[0m:1"), "Error: ab:1"],
    [new Error("a\r\x07\x9b1mb"), "a\\x0d\\x07\\x9b1mb"],
    [new Error("a", { cause: new Error("\x1b]0;b") }), "\\x1b]0;b"],
    [Object.assign(new Error("a\n\tb"), { c: "\x1b" }), "a\n\tb"],
  ];
  for (const [thrown, want] of rows) {
    const text = errorText(thrown);
    assertStringIncludes(text, want);
    // deno-lint-ignore no-control-regex
    assert(!/[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(text), text);
  }
});
