/**
 * Rules of `_redirects`, each asked for a path: where it leads. Rows that decide
 * between Netlify and Cloudflare are named in lib/files/rules/README.md.
 */

import {
  assertEquals,
  assertFalse,
  assertLess,
  assertMatch,
} from "@std/assert";
import fc from "../support/fast_check.ts";
import { readSite } from "../../lib/files/rules/site_rules.ts";
import { ask, field, text } from "../support/handled.ts";
import { MemorySite } from "../support/memory_site.ts";

const files = {
  "index.html": "home",
  "404.html": "no page",
  "app.html": "app",
  "sorry.html": "sorry",
  "docs/index.html": "docs",
  "pictures/a.png": "picture",
  ".env": "PASSWORD=1",
};

/** A rule (or more), a target, and what comes of it: a Location with the status in
 * front, or a status and the text of the page. */
const rows: Record<string, readonly [string, string, string]> = {
  "a path": ["/old /new", "/old", "301 /new"],
  "the status that is left out is 301, as Netlify's": [
    "/old /new # moved",
    "/old",
    "301 /new",
  ],
  "302": ["/old /new 302", "/old", "302 /new"],
  "303": ["/old /new 303", "/old", "303 /new"],
  "307": ["/old /new 307", "/old", "307 /new"],
  "308": ["/old /new 308", "/old", "308 /new"],
  "another path": ["/old /new", "/older", "404 no page"],
  "capital letters": ["/Old /new", "/old", "404 no page"],
  "a host": ["/old https://other.example", "/old", "301 https://other.example"],
  "a host with a port": [
    "/o/* http://[::1]:8080/:splat",
    "/o/x",
    "301 http://[::1]:8080/x",
  ],
  "an anchor": ["/old /new#part", "/old?a=1", "301 /new?a=1#part"],
  "tabs, and a file of Windows": ["\t/old\t/new\t302\r\n", "/old", "302 /new"],
  "a byte order mark": ["\ufeff/old /new", "/old", "301 /new"],
  // --- order ---
  "the first that matches": ["/a /b\n/a /c", "/a", "301 /b"],
  "a pattern in front of a path, in the order of the file": [
    "/a/* /b\n/a/x /c",
    "/a/x",
    "301 /b",
  ],
  "a path in front of a pattern": ["/a/x /c\n/* /b", "/a/x", "301 /c"],
  // --- splats and placeholders ---
  "a splat": ["/blog/* /posts/:splat", "/blog/a/b", "301 /posts/a/b"],
  "a splat keeps the slash": [
    "/blog/* /posts/:splat",
    "/blog/a/",
    "301 /posts/a/",
  ],
  "a splat of nothing": ["/blog/* /posts/:splat", "/blog/", "301 /posts/"],
  "a splat without its slash, as at Netlify": [
    "/blog/* /posts/:splat",
    "/blog",
    "301 /posts/",
  ],
  "a splat in a part, as at Cloudflare": [
    "/*.php /:splat",
    "/a/b.php",
    "301 /a/b",
  ],
  "a splat in front of a part": ["/a/*/z /:splat", "/a/b/c/z", "301 /b/c"],
  "a splat has to be something there": [
    "/a/*/z /:splat",
    "/a/z",
    "404 no page",
  ],
  "placeholders": [
    "/n/:year/:month /b-:month-:year.html",
    "/n/2026/07",
    "301 /b-07-2026.html",
  ],
  "a placeholder is one part": ["/n/:a /x", "/n/1/2", "404 no page"],
  "a placeholder is not nothing": ["/n/:a /x", "/n/", "404 no page"],
  "a colon in a part is a colon": [
    "/wiki/Help:Me /Help:You",
    "/wiki/Help:Me",
    "301 /Help:You",
  ],
  "an encoded star is a star": ["/a%2A /b", "/a*", "301 /b"],
  // --- slashes at the end ---
  "a slash at the end, as at Netlify": ["/old /new", "/old/", "301 /new"],
  "no slash at the end, as at Netlify": ["/old/ /new", "/old", "301 /new"],
  "a rule that adds the slash, as at Cloudflare": ["/a /a/", "/a", "301 /a/"],
  "and does not come back": ["/a /a/", "/a/", "404 no page"],
  "a rule that takes the slash": ["/a/ /a", "/a/", "301 /a"],
  "a pattern that leads to itself is passed over": [
    "/* /:splat\n/x /y",
    "/x",
    "301 /y",
  ],
  // --- files ---
  "a file comes first, as at Netlify": ["/app.html /x", "/app.html", "200 app"],
  "a page comes first": ["/app /x", "/app", "200 app"],
  "an index comes first": ["/docs/ /x", "/docs/", "200 docs"],
  "a directory with an index comes first": ["/docs /x", "/docs", "301 /docs/"],
  "a directory without an index does not": [
    "/pictures /x",
    "/pictures",
    "301 /x",
  ],
  "by force": ["/app.html /x 302!", "/app.html", "302 /x"],
  "by force, in front of an index": ["/docs/ /x 301!", "/docs/", "301 /x"],
  "a first rule that gives way decides": [
    "/app.html /x\n/app.html /y 301!",
    "/app.html",
    "200 app",
  ],
  "a hidden file stays hidden": ["/* /.env 200", "/x", "404 no page"],
  "hidden names have no rules": ["/* /app.html 200", "/.env", "404 no page"],
  "the rules themselves have none": [
    "/* /app.html 200",
    "/_redirects",
    "404 no page",
  ],
  // --- rewrites ---
  "a rewrite": ["/x /app.html 200", "/x", "200 app"],
  "a rewrite to a page": ["/x /app 200", "/x", "200 app"],
  "a rewrite to a directory": ["/x /docs 200", "/x", "200 docs"],
  "a page of one script": ["/* /index.html 200", "/a/b", "200 home"],
  "a rewrite with a splat": ["/x/* /:splat 200", "/x/app.html", "200 app"],
  "a rewrite by force": ["/app.html /docs/ 200!", "/app.html", "200 docs"],
  "a rewrite is resolved once": [
    "/a /b 200\n/b /app.html 200",
    "/a",
    "404 no page",
  ],
  "a rewrite to its own path is passed over": [
    "/* /:splat 200\n/x /y",
    "/x",
    "301 /y",
  ],
  "a rewrite out of the directory": ["/x/:p /:p/a 200", "/x/%2e%2e", "400"],
  "a rewrite out of it by a parameter": [
    "/x p=:p /:p 200",
    "/x?p=../etc/passwd",
    "400",
  ],
  "a page for what is missing": [
    "/shop/* /sorry.html 404",
    "/shop/a",
    "404 sorry",
  ],
  "a missing page for what is missing": [
    "/shop/* /x 404",
    "/shop/a",
    "404 no page",
  ],
  // --- queries ---
  "a query is passed on": ["/old /new", "/old?a=1&b=%20", "301 /new?a=1&b=%20"],
  "a query to another host": [
    "/old https://o.example/x",
    "/old?a=1",
    "301 https://o.example/x?a=1",
  ],
  "a target's own query, to which others are added": [
    "/old /new?a=2&c",
    "/old?a=1&b=3",
    "301 /new?a=2&c&b=3",
  ],
  "a parameter": ["/shop id=:id /p/:id", "/shop?id=a%20b", "301 /p/a%20b"],
  "others than that are passed on": [
    "/shop id=:id /p/:id",
    "/shop?x=1&id=5",
    "301 /p/5?x=1",
  ],
  "parameters in any order": [
    "/s a=:a b=:b /:a/:b",
    "/s?b=2&a=1",
    "301 /1/2",
  ],
  "a parameter that is not there": ["/s a=:a /:a\n/s /none", "/s", "301 /none"],
  "a parameter with a value": [
    "/s a=1 /one\n/s a=2 /two",
    "/s?a=2",
    "301 /two",
  ],
  "a parameter renamed": ["/s a=:a /s?b=:a", "/s?a=1", "301 /s?b=1"],
  "a parameter that leads to itself is passed over": [
    "/s a=:a /s?a=:a\n/s /x",
    "/s?a=1",
    "301 /x?a=1",
  ],
  // --- what a client may try ---
  "no other host by two slashes": [
    "/r/* /:splat",
    "/r//evil.example",
    "301 /evil.example",
  ],
  "no other host by an encoded slash": [
    "/r/* /:splat",
    "/r/%2fevil.example",
    "400",
  ],
  "no other host by a backslash": ["/r/* /:splat", "/r/%5cevil.example", "400"],
  "no other host where a parameter is empty": [
    "/r u=:u /:u/evil.example",
    "/r?u=",
    "301 /evil.example",
  ],
  "no other host by a parameter": [
    "/r u=:u /:u",
    "/r?u=//evil.example",
    "301 /%2F%2Fevil.example",
  ],
  "no other host behind a host": [
    "/r/* https://o.example/:splat",
    "/r/@evil.example",
    "301 https://o.example/@evil.example",
  ],
  "no second line": ["/r/* /x/:splat", "/r/a%0d%0aX:1", "301 /x/a%0D%0AX:1"],
  "no second line by a parameter": [
    "/r u=:u /x?u=:u",
    "/r?u=a%0d%0aX:1",
    "301 /x?u=a%0D%0AX%3A1",
  ],
  "no further parameter": [
    "/r/:u /x?u=:u",
    "/r/a&admin=1",
    "301 /x?u=a%26admin%3D1",
  ],
  "no anchor": ["/r/:u /x/:u", "/r/a%23b%3fc", "301 /x/a%23b%3Fc"],
  "letters of all kinds": [
    "/é/:x /ü/:x",
    "/%C3%A9/%C3%B6",
    "301 /%C3%BC/%C3%B6",
  ],
};

for (const [what, [rules, target, want]] of Object.entries(rows)) {
  Deno.test(`_redirects: ${what}`, () => {
    const site = new MemorySite({ ...files, "_redirects": rules });
    const response = ask(target, { site });
    const location = field(response, "Location");
    const told = location ?? (want === "400" ? "" : text(response));
    assertEquals(`${response.status} ${told}`.trim(), want);
  });
}

Deno.test("_redirects: a rule comes before a listing and before --spa", () => {
  const site = new MemorySite({ ...files, "_redirects": "/* /x 302" }, {
    list: true,
    spa: true,
  });
  for (const target of ["/pictures/", "/pictures", "/page"]) {
    const response = ask(target, { site, fields: [["accept", "text/html"]] });
    assertEquals(field(response, "Location"), "/x", target);
  }
});

Deno.test("_redirects: whatever is asked for, the redirect stays on the site and on its line", () => {
  const site = new MemorySite({
    "_redirects": "/a/* /:splat\n/b/:x /:x/:x\n/c x=:x /:x?y=:x\n/* /z/:splat",
  });
  const part = fc.oneof(
    fc.string({ unit: "binary-ascii" }),
    fc.constantFrom(
      "/",
      "//",
      "\\",
      "%0d%0a",
      "%2f",
      "%5c",
      "..",
      "?",
      "x=",
      "&",
    ),
  );
  const target = fc.tuple(
    fc.constantFrom("/a/", "/b/", "/c?x=", "/c/", "/"),
    fc.array(part, { maxLength: 5 }),
  ).map(([start, parts]) => start + parts.join(""));
  fc.assert(fc.property(target, (target) => {
    const location = field(ask(target, { site }), "Location");
    if (location === undefined) return;
    assertMatch(location, /^\/(?![/\\])[\x21-\x7e]*$/);
    assertEquals(new URL(location, "http://site.example").host, "site.example");
  }));
});

/** A line and why it is none. */
const mistakes: readonly (readonly [string, string])[] = [
  ["/old", "there is no target"],
  ["/old 301", "there is no target"],
  ["old /new", '"old" is not a path'],
  ["https://old.example/* /new", "rules for one host are not supported"],
  ["/old //evil.example", "leads to another host"],
  ["/old /\\evil.example", "no backslash"],
  ["/old mailto:me@example.com", "is neither a path nor an http"],
  ["/old ftp://x.example/", "is neither http: nor https:"],
  ["/old/* https://:splat/", "is not a host, which takes no placeholder"],
  ["/old/* https://x.example:splat", "is not a host"],
  ["/old https://user@x.example/", "is not a host"],
  ["/old https:///x", "is not a host"],
  ["/old /new 418", "the status 418 is not supported"],
  ["/old /new 410", "the status 410 is not supported"],
  ["/old /new 3xx", '"3xx" is too much'],
  ["/old /new 301 /more", '"/more" is too much'],
  ["/old /new 302 Country=at", "conditions are not supported"],
  ["/old /new Role=admin", "conditions are not supported"],
  ["/api/* https://api.example/:splat 200", "other hosts are not asked"],
  ["/old /old", "it leads to itself"],
  ["/old /old?x=1 302", "it leads to itself"],
  ["/old/:x /new/:y", "nothing in front of the target is named :y"],
  ["/old /new/:splat", "is named :splat"],
  ["/:a/:a /new", ":a stands there twice"],
  ["/:splat /new", "there is none"],
  ["/old/:x x=:x /new", ":x stands there twice"],
  ["/old word /new", "neither a target nor a parameter"],
  ["/a*b* /new", "at most one *"],
  ["/old?x=1 /new", "a path has no query"],
  ["/old#x /new", "no browser sends"],
  ["/a/../b /new", "is never served"],
  ["/%ff /new", "is not UTF-8"],
  ["/\ufffd /new", "the line is not UTF-8"],
  [`/old /${"x".repeat(9000)}`, "longer than 8192 characters"],
];

Deno.test("_redirects: a wrong line is named, and the others hold", () => {
  for (const [line, why] of mistakes) {
    const file = `# rules\n\n${line}\n/right /new\n`;
    const { rules, mistakes } = readSite({
      redirects: { kind: "text", text: file },
      headers: { kind: "none" },
    });
    assertEquals(mistakes.length, 1, `${line}: ${mistakes}`);
    assertMatch(mistakes[0], /^_redirects line 3: .*; the other rules hold$/);
    assertEquals(mistakes[0].includes(why), true, `${line}: ${mistakes[0]}`);
    // deno-lint-ignore no-control-regex
    assertFalse(/[\x00-\x1f\x7f]/.test(mistakes[0]), line);
    const right = { segments: ["right"], slash: false };
    assertEquals(rules!.redirects.ruling(right, "")?.kind, "redirect", line);
  }
});

Deno.test("_redirects: twenty wrong lines are named, the others counted", () => {
  const { mistakes } = readSite({
    redirects: { kind: "text", text: "wrong\n".repeat(33) },
    headers: { kind: "none" },
  });
  assertEquals(mistakes.length, 21);
  assertEquals(mistakes[20], "_redirects: 13 more lines are wrong");
});

Deno.test("_redirects: rules have a maximum", () => {
  const line = (index: number) => `/a${index} /b`;
  const { mistakes } = readSite({
    redirects: {
      kind: "text",
      text: Array.from({ length: 10_001 }, (_, i) => line(i)).join("\n"),
    },
    headers: { kind: "none" },
  });
  assertEquals(mistakes, [
    "_redirects line 10001: only 10000 rules hold; the other rules hold",
  ]);
});

Deno.test("any text is read as rules, and no rule throws", () => {
  const word = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      "/",
      "/*",
      "/:a",
      ":splat",
      "https://",
      "301!",
      "a=:a",
      "\n",
    ),
    fc.constantFrom("! X", "X: :a", "%", "\\", "?", "#", " ", "\t", "\u2028"),
  );
  const file = fc.array(word, { maxLength: 20 }).map((words) => words.join(""));
  fc.assert(fc.property(file, file, fc.webPath(), (one, other, path) => {
    const text = new TextDecoder().decode(new TextEncoder().encode(one));
    const site = new MemorySite({ "_redirects": text, "_headers": other });
    ask(path === "" ? "/" : path, { site });
  }));
});

const many = (line: (n: number) => string) =>
  Array.from({ length: 10_000 }, (_, n) => line(n)).join("\n");

/** Each took 3 to 30 s. */
const slowRequests: Record<string, readonly [string, string]> = {
  "for parameters": [
    many((n) => `/article id=${n}x /a/${n}`),
    `/article?${"a&".repeat(4000)}`,
  ],
  "with a splat within a part": [
    many((n) => `/*.x${n} /a/${n}`),
    `/${"a/".repeat(4000)}`,
  ],
};

for (const [what, [rules, target]] of Object.entries(slowRequests)) {
  Deno.test(`_redirects: of 10 000 rules ${what} the right one is found in time`, () => {
    const site = new MemorySite({ ...files, _redirects: rules }).site()!;
    const begunAt = performance.now();
    assertEquals(site.verdict(target).ruling, null);
    assertLess(performance.now() - begunAt, 1000);
  });
}
