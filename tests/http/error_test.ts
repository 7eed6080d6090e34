/**
 * Refusals and their page.
 */

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
} from "@std/assert";
import { errorResponse, escapeHtml, HttpError } from "../../lib/http/error.ts";
import type { Field, HttpResponse } from "../../lib/http/message.ts";

function pageOf({ body }: HttpResponse): string {
  assert(body.kind === "bytes");
  return new TextDecoder().decode(body.bytes);
}

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

Deno.test("errorResponse() names the status and says the sentence", () => {
  const response = errorResponse(404, "There is nothing here.");
  assertEquals(response.status, 404);
  const page = pageOf(response);
  assertStringIncludes(page, "<title>404 Not Found</title>");
  assertStringIncludes(page, "<h1>404 Not Found</h1>");
  assertStringIncludes(page, "<p>There is nothing here.</p>");
});

Deno.test("errorResponse() lets no markup of its text through (XSS)", () => {
  const page = pageOf(errorResponse(400, "<script>alert('&')</script>"));
  assertEquals(page.includes("<script"), false);
  assertStringIncludes(page, "&#60;script&#62;alert(&#39;&#38;&#39;)");
});

Deno.test("errorResponse() says what it is: HTML, not to be stored, not to be sniffed", () => {
  assertEquals(errorResponse(500, "x", [["Allow", "GET"]]).fields, [
    ["Content-Type", "text/html; charset=utf-8"],
    ["Cache-Control", "no-store"],
    ["X-Content-Type-Options", "nosniff"],
    ["Allow", "GET"],
  ]);
});

Deno.test("errorResponse() sends its text as UTF-8, as it says", () => {
  assertStringIncludes(pageOf(errorResponse(400, "Größe €")), "Größe €");
});
