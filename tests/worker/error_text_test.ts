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
