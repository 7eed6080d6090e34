/**
 * Refusals as they are thrown, and as plain values.
 */

import { assertEquals, assertInstanceOf } from "@std/assert";
import {
  busy,
  errorResponse,
  escapeHtml,
  HttpError,
} from "../../lib/http/error.ts";
import type { Field } from "../../lib/http/message.ts";

Deno.test("HttpError holds a status, a public text and fields", () => {
  const fields: Field[] = [["Retry-After", "1"]];
  const error = new HttpError(503, "Come back.", fields);
  assertInstanceOf(error, Error);
  assertEquals(error.name, "HttpError");
  assertEquals(error.status, 503);
  assertEquals(error.message, "Come back.");
  assertEquals(error.fields, fields);
  assertEquals(new HttpError(400, "No.").fields, []);
});

const escapes: [text: string, want: string][] = [
  ["", ""],
  ["plain", "plain"],
  ["<script>", "&#60;script&#62;"],
  [`"'&`, "&#34;&#39;&#38;"],
  ["&lt;", "&#38;lt;"],
  ["é\u2028", "é\u2028"],
];

for (const [text, want] of escapes) {
  Deno.test(`escapeHtml() makes ${JSON.stringify(want)} of ${JSON.stringify(text)}`, () => {
    assertEquals(escapeHtml(text), want);
  });
}

Deno.test("errorResponse() is a plain value, not to be stored, not to be sniffed", () => {
  assertEquals(errorResponse(500, "x", [["Allow", "GET"]]), {
    status: 500,
    fields: [
      ["Cache-Control", "no-store"],
      ["X-Content-Type-Options", "nosniff"],
      ["Allow", "GET"],
    ],
    body: { kind: "error", text: "x", number: null, trace: null },
  });
});

Deno.test("busy() says when to come again, in the sentence and in a field", () => {
  assertEquals(busy("The server is busy."), [
    503,
    "The server is busy. Try again in 1 second.",
    [["Retry-After", "1"]],
  ]);
});
