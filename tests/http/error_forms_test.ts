/**
 * Errors in the forms that clients ask for.
 */

import {
  assert,
  assertEquals,
  assertLess,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { errorResponse } from "../../lib/http/error.ts";
import {
  errorStyle,
  errorStyleHash,
  formed,
} from "../../lib/http/error_forms.ts";
import {
  type Field,
  fieldValue,
  type HttpResponse,
} from "../../lib/http/message.ts";

const html = "text/html,*/*;q=0.8";
const json = "application/json";

/** An error as a client gets it. */
function told(
  response: HttpResponse,
  accept: string | null = null,
): { text: string; fields: readonly Field[] } {
  const fields: Field[] = accept === null ? [] : [["accept", accept]];
  const { body, fields: sent } = formed(response, { fields });
  assert(body.kind === "bytes");
  return { text: new TextDecoder().decode(body.bytes), fields: sent };
}

const missing = errorResponse(404, "There is nothing here.");
const allow: Field = ["Allow", "GET"];
const common: Field[] = [
  ["Cache-Control", "no-store"],
  ["X-Content-Type-Options", "nosniff"],
  allow,
];
const failed = errorResponse(500, "A mistake (ab12cd34).", [], {
  number: "ab12cd34",
  trace: "Error: <b>&\n    at x",
});

Deno.test("formed() leaves any other response as it is", () => {
  const response: HttpResponse = {
    status: 404,
    fields: [],
    body: { kind: "none" },
  };
  assertStrictEquals(formed(response, { fields: [] }), response);
});

Deno.test("formed() tells most clients in a line of text", () => {
  const want = "404 Not Found: There is nothing here.\n";
  for (const accept of [null, "*/*", "image/png"]) {
    assertEquals(told(missing, accept).text, want);
  }
  const { body, fields } = formed(errorResponse(405, "No.", [allow]), null);
  assert(body.kind === "bytes");
  assertEquals(
    new TextDecoder().decode(body.bytes),
    "405 Method Not Allowed: No.\n",
  );
  assertEquals(fields, [
    ["Content-Type", "text/plain; charset=utf-8"],
    ...common,
  ]);
});

Deno.test("formed() tells programs in problem details (RFC 9457 section 3)", () => {
  const { text, fields } = told(errorResponse(405, '"No"', [allow]), json);
  assertEquals(JSON.parse(text), {
    title: "Method Not Allowed",
    status: 405,
    detail: '"No"',
  });
  assert(text.endsWith("}\n"));
  assertEquals(fields, [
    ["Content-Type", "application/problem+json"],
    ...common,
  ]);
});

Deno.test("formed() tells people in a page that leads home", () => {
  const { text, fields } = told(errorResponse(405, "No.", [allow]), html);
  assertStringIncludes(text, "<title>405 Method Not Allowed</title>");
  assertStringIncludes(text, '<li aria-current="page">405</li>');
  assertStringIncludes(
    text,
    "<h1>Method Not Allowed</h1>\n<p>No.</p>\n</main>",
  );
  assertStringIncludes(text, '<a href="/">Home</a>');
  assertEquals(fields.map(([name]) => name), [
    "Content-Type",
    "Content-Security-Policy",
    ...common.map(([name]) => name),
  ]);
  assertEquals(fields[0][1], "text/html; charset=utf-8");
  // It is sent whole, again and again.
  assertLess(text.length, 2200);
});

Deno.test("formed() reads all lines of Accept", () => {
  const fields: Field[] = [["accept", "text/html;q=0.5"], ["accept", json]];
  const response = formed(missing, { fields });
  assertEquals(
    fieldValue(response.fields, "Content-Type"),
    "application/problem+json",
  );
});

Deno.test("formed() says the number and the trace of an error that has them", () => {
  assertEquals(
    told(failed).text,
    "500 Internal Server Error: A mistake (ab12cd34).\n\nError: <b>&\n    at x\n",
  );
  assertEquals(JSON.parse(told(failed, json).text), {
    title: "Internal Server Error",
    status: 500,
    detail: "A mistake (ab12cd34).",
    number: "ab12cd34",
    trace: "Error: <b>&\n    at x",
  });
  assertStringIncludes(
    told(failed, html).text,
    "<p>A mistake (ab12cd34).</p>\n<pre>Error: &#60;b&#62;&#38;\n    at x</pre>\n</main>",
  );
});

Deno.test("formed() lets no markup of its texts through (XSS)", () => {
  const hostile = "</pre><script>alert('&')</script>";
  const response = errorResponse(500, hostile, [], { trace: hostile });
  const { text } = told(response, html);
  assertEquals(text.match(/<script|<\/pre>(?!\n<\/main>)/g), null);
  assertStringIncludes(text, "&#60;script&#62;alert(&#39;&#38;&#39;)");
});

Deno.test("formed() sends its texts as UTF-8, as it says", () => {
  for (const accept of [null, html, json]) {
    assertStringIncludes(
      told(errorResponse(400, "Größe €"), accept).text,
      "Größe €",
    );
  }
});

Deno.test("the policy of the error page allows its style, and nothing else", async () => {
  const { text, fields } = told(missing, html);
  const [, style] = /<style>([^]*)<\/style>/.exec(text)!;
  assertEquals(style, errorStyle);
  const hash = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(style),
  );
  assertEquals(
    errorStyleHash,
    btoa(String.fromCharCode(...new Uint8Array(hash))),
  );
  assertEquals(
    fieldValue(fields, "Content-Security-Policy"),
    `default-src 'none'; style-src 'sha256-${errorStyleHash}'; img-src data:; base-uri 'none'; form-action 'none'`,
  );
  assertEquals(text.match(/<script|\sstyle=|\son[a-z]+=|https?:/g), null);
});

Deno.test("an operator's policy is not for the error page, whose style it would block", () => {
  const policy: Field = ["content-security-policy", "style-src 'none'"];
  const response = errorResponse(404, "x", [policy, allow]);
  const names = (accept: string | null) =>
    told(response, accept).fields.filter(([name]) => /policy/i.test(name));
  assertEquals(names(null), [policy]);
  assertEquals(names(json), [policy]);
  assertEquals(names(html).map(([name]) => name), ["Content-Security-Policy"]);
});
