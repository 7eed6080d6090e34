/**
 * Rules of `_headers`, each asked for a path: which fields the response has. Rows that
 * decide between Netlify and Cloudflare are named in lib/files/rules/README.md.
 */

import {
  assertEquals,
  assertLess,
  assertMatch,
  assertNotStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { readSite } from "../../lib/files/rules/site_rules.ts";
import type { StaticOptions } from "../../lib/files/static_options.ts";
import type { Fields } from "../../lib/http/message.ts";
import { ask, text } from "../support/handled.ts";
import { MemorySite } from "../support/memory_site.ts";

const files = {
  "index.html": "home",
  "404.html": "no page",
  "a.html": "a page",
  "a.txt": "0123456789",
  "docs/index.html": "docs",
  "pictures/a.png": "picture",
  "pictures/deep/b.png": "picture",
};

interface Row {
  readonly rules: string;
  readonly target: string;
  readonly fields?: Fields;
  readonly options?: Partial<StaticOptions>;
  readonly status?: number;
  /** By name, in lower case: all values of it. */
  readonly want: Readonly<Record<string, readonly string[]>>;
}

const none: readonly string[] = [];
const xa = { "x-a": ["1"] };

const rows: Record<string, Row> = {
  "a path": { rules: "/a.txt\n  X-A: 1", target: "/a.txt", want: xa },
  "without an indent": { rules: "/a.txt\nX-A: 1", target: "/a.txt", want: xa },
  "another path": {
    rules: "/a.txt\n  X-A: 1",
    target: "/a.html",
    want: { "x-a": none },
  },
  "a splat": { rules: "/*\n  X-A: 1", target: "/docs/", want: xa },
  "a splat and an extension": {
    rules: "/*.png\n  X-A: 1",
    target: "/pictures/deep/b.png",
    want: xa,
  },
  "the path that was asked for, not the file": {
    rules: "/a.html\n  X-A: 1",
    target: "/a",
    want: { "x-a": none },
  },
  "the path however it is encoded": {
    rules: "/a.txt\n  X-A: 1",
    target: "//%61.txt?x",
    want: xa,
  },
  "a slash at the end makes no difference": {
    rules: "/docs\n  X-A: 1",
    target: "/docs/",
    want: xa,
  },
  "values of the same name are joined": {
    rules: "/*\n  X-A: 1\n/a.txt\n  x-a: 2\n  X-A: 3",
    target: "/a.txt",
    want: { "x-a": ["1, 2, 3"] },
  },
  "cookies are lines of their own": {
    rules: "/*\n  Set-Cookie: a=1\n  Set-Cookie: b=2",
    target: "/a.txt",
    want: { "set-cookie": ["a=1", "b=2"] },
  },
  "what was added is removed, as at Cloudflare": {
    rules: "/*\n  X-A: 1\n  X-B: 2\n/*.txt\n  ! X-A",
    target: "/a.txt",
    want: { "x-a": none, "x-b": ["2"] },
  },
  "no second parameter, and no second member of a list": {
    rules: "/*\n  Set-Cookie: last=:splat; Secure",
    target: "/x;Domain=example.com,y",
    status: 404,
    want: {
      "set-cookie": ["last=x%3BDomain%3Dexample.com%2Cy; Secure"],
    },
  },
  "what is removed and added again": {
    rules: "/*\n  X-A: 1\n/*.txt\n  ! X-A\n  X-A: 2",
    target: "/a.txt",
    want: { "x-a": ["2"] },
  },
  "a field of Skein is replaced": {
    rules: "/*\n  Cache-Control: max-age=5",
    target: "/a.html",
    want: { "cache-control": ["max-age=5"] },
  },
  "a field of Skein is removed": {
    rules: "/*\n  ! X-Content-Type-Options",
    target: "/a.html",
    want: { "x-content-type-options": none },
  },
  "a media type": {
    rules: "/*.txt\n  Content-Type: text/x-log\n/a.txt\n  content-type: text/x",
    target: "/a.txt",
    want: { "content-type": ["text/x"] },
  },
  "Vary is added to": {
    rules: "/*\n  Vary: Cookie",
    target: "/a.html",
    want: { "vary": ["Accept-Encoding", "Cookie"] },
  },
  "a placeholder in a value, as at Cloudflare": {
    rules: '/:name.txt\n  X-A: no\n/:name\n  X-A: of ":name" and :other',
    target: "/a.txt",
    want: { "x-a": ['of "a.txt" and :other'] },
  },
  "a splat in a value": {
    rules: "/pictures/*\n  Link: </:splat>; rel=canonical",
    target: "/pictures/deep/b.png",
    want: { "link": ["</deep/b.png>; rel=canonical"] },
  },
  "no second line": {
    rules: "/x/*\n  X-A: :splat",
    target: "/x/a%0d%0aX-B:%20%C3%A9",
    status: 404,
    want: { "x-a": ["a%0D%0AX-B%3A%20%C3%A9"] },
  },
  "a page for what is missing": {
    rules: "/*\n  X-A: 1\n  Cache-Control: max-age=5\n  Content-Type: text/x",
    target: "/missing",
    status: 404,
    want: {
      ...xa,
      "cache-control": ["no-store"],
      "content-type": ["text/html; charset=utf-8"],
    },
  },
  "a directory's redirect": {
    rules: "/*\n  X-A: 1",
    target: "/docs",
    status: 301,
    want: { ...xa, location: ["/docs/"] },
  },
  "a 304 response": {
    rules: "/*\n  X-A: 1\n  Content-Type: text/x",
    target: "/a.txt",
    fields: [["if-none-match", "*"]],
    status: 304,
    want: { ...xa, "content-type": none },
  },
  "a 206 response": {
    rules: "/*\n  X-A: 1\n  Content-Type: text/x",
    target: "/a.txt",
    fields: [["range", "bytes=1-2"]],
    status: 206,
    want: { ...xa, "content-type": ["text/x"] },
  },
  "a 416 response": {
    rules: "/*\n  X-A: 1\n  Content-Type: text/x\n  Vary: Cookie",
    target: "/a.txt",
    fields: [["range", "bytes=50-"]],
    status: 416,
    // Its form, and with it its type, is chosen later.
    want: { ...xa, "content-type": [], vary: ["Cookie"] },
  },
  "a listing": {
    rules: "/*\n  X-A: 1\n  Content-Security-Policy: default-src 'none'",
    target: "/pictures/",
    options: { list: true },
    want: { ...xa, "content-security-policy": none },
  },
  "what --spa serves": {
    rules: "/*\n  X-A: 1",
    target: "/page",
    fields: [["accept", "text/html"]],
    options: { spa: true },
    want: xa,
  },
  "-H wins": {
    rules: "/*\n  x-a: 2\n  X-B: 3",
    target: "/a.txt",
    options: { headers: [["X-A", "1"]] },
    want: { ...xa, "x-b": ["3"] },
  },
  "-H cannot be removed": {
    rules: "/*\n  ! X-A",
    target: "/a.txt",
    options: { headers: [["X-A", "1"]] },
    want: xa,
  },
  "--cors wins": {
    rules: "/*\n  Access-Control-Allow-Origin: https://a.example",
    target: "/a.txt",
    options: { cors: true },
    want: { "access-control-allow-origin": ["*"] },
  },
  "--cache does not": {
    rules: "/*\n  Cache-Control: max-age=5",
    target: "/a.txt",
    options: { cacheSeconds: 7 },
    want: { "cache-control": ["max-age=5"] },
  },
};

for (const [what, row] of Object.entries(rows)) {
  Deno.test(`_headers: ${what}`, () => {
    const { rules, target, fields, options, status = 200, want } = row;
    const site = new MemorySite({ ...files, "_headers": rules }, options);
    // The second comes from memory.
    for (let count = 0; count < 2; count++) {
      const response = ask(target, { site, fields });
      assertEquals(response.status, status);
      for (const [name, values] of Object.entries(want)) {
        const found = response.fields.filter(([other]) =>
          other.toLowerCase() === name
        );
        assertEquals(found.map(([, value]) => value), values, name);
      }
    }
  });
}

Deno.test("_headers: the fields are those of the path that was asked for, after a rewrite too", () => {
  const site = new MemorySite({
    ...files,
    "_redirects": "/x /a.html 200\n/old /new",
    "_headers": "/x\n  X-A: x\n/a.html\n  X-A: a\n/old\n  X-A: old",
  });
  for (
    const [target, want] of [["/x", "x"], ["/a.html", "a"], ["/old", "old"]]
  ) {
    const { fields } = ask(target, { site });
    assertEquals(fields.filter(([name]) => name === "X-A"), [["X-A", want]]);
  }
});

Deno.test("_headers: each part of a multipart response has the media type of the rules", () => {
  const site = new MemorySite({
    "b.txt": "x".repeat(5000),
    "_headers": "/b.txt\n  Content-Type: text/x",
  });
  const response = ask("/b.txt", {
    site,
    fields: [["range", "bytes=0-0,4000-4000"]],
  });
  const types = response.fields.filter(([name]) => name === "Content-Type");
  assertMatch(types.join(), /^Content-Type,multipart\/byteranges/);
  const { body } = response;
  const parts = body.kind === "parts" ? body.parts : [];
  const [head] = parts.map((part) =>
    part instanceof Uint8Array ? new TextDecoder().decode(part) : ""
  );
  assertStringIncludes(head, "Content-Type: text/x\r\n");
});

Deno.test("_headers: the page is the same page", () => {
  const site = new MemorySite({ ...files, "_headers": "/*\n  X-A: 1" });
  assertEquals(text(ask("/", { site })), "home");
  // What is encoded once has to be the same object.
  assertEquals(
    ask("/", { site }).fields === ask("/index.html", { site }).fields,
    true,
  );
});

/** A file and what is said of its third line. */
const mistakes: readonly (readonly [string, string])[] = [
  ["X-A", '"X-A" is neither a path nor a field'],
  ["X A: 1", '"X A" is not a field name'],
  ["X-A:", "X-A has no value"],
  ["X-A: é", "printable ASCII"],
  ["Content-Length: 5", "Skein sets this field itself"],
  ["transfer-encoding: chunked", "Skein sets this field itself"],
  ["Connection: close", "Skein sets this field itself"],
  ["ETag: x", "Skein sets this field itself"],
  ["Content-Encoding: gzip", "Skein sets this field itself"],
  ["Location: /x", "Skein sets this field itself"],
  ["Basic-Auth: me:secret", "Basic-Auth is not supported"],
  ["! ETag", "cannot be removed"],
  ["! Vary", "cannot be removed"],
  ["! X(A)", "is not a field name"],
  ["/a b", "a path has no space"],
  ["https://x.example/*", "rules for one host are not supported"],
  ["/*/*", "at most one *"],
];

Deno.test("_headers: a wrong line is named, and the others hold", () => {
  for (const [line, why] of mistakes) {
    const file = `/right\n  X-A: 1\n  ${line}\n  X-B: 2\n`;
    const { rules, mistakes } = readSite({
      redirects: { kind: "none" },
      headers: { kind: "text", text: file },
    });
    assertEquals(mistakes.length, 1, `${line}: ${mistakes}`);
    assertMatch(mistakes[0], /^_headers line 3: .*; the other rules hold$/);
    assertEquals(mistakes[0].includes(why), true, `${line}: ${mistakes[0]}`);
    const right = { segments: ["right"], slash: false };
    const names = rules!.headers.changes(right).map(({ name }) => name);
    // What follows a wrong path belongs to no path.
    const isPath = /^(\/|https:)/.test(line);
    assertEquals(names, isPath ? ["X-A"] : ["X-A", "X-B"], line);
  }
});

Deno.test("_headers: a field without a path is a mistake", () => {
  const { rules, mistakes } = readSite({
    redirects: { kind: "none" },
    headers: { kind: "text", text: "X-A: 1" },
  });
  assertEquals(rules, null);
  assertEquals(mistakes, [
    "_headers line 1: there is no path above this field; the other rules hold",
  ]);
});

Deno.test("_headers: what 2000 rules add is put together once", () => {
  const lines = Array.from({ length: 2000 }, (_, n) => `/*\n  X-A: ${n}`);
  const site = new MemorySite({ ...files, _headers: lines.join("\n") });
  const begunAt = performance.now();
  // A path of its own each time, so nothing is remembered.
  for (let n = 0; n < 100; n++) {
    site.site()!.verdict(`/${"a/".repeat(4000)}${n}`);
  }
  assertLess(performance.now() - begunAt, 5000);
});

Deno.test("_headers: values made of a path are remembered of a few paths", () => {
  const site = new MemorySite({ ...files, _headers: "/*\n  X-A: :splat" });
  const { fields } = site.site()!.verdict(`/${"a".repeat(300)}`);
  for (let n = 0; n < 3000; n++) {
    site.site()!.verdict(`/${"a".repeat(300)}${n}`);
  }
  const { fields: again } = site.site()!.verdict(`/${"a".repeat(300)}`);
  assertNotStrictEquals(again, fields);
});
