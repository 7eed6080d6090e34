/**
 * Apps: what of a `Response` reaches the client. Streams are in stream_test.ts.
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertStringIncludes,
} from "@std/assert";
import { answersAsUnderDenoServe, type Row } from "../support/beside_deno.ts";
import { appUrl } from "../support/apps.ts";
import { ask } from "../support/clients.ts";
import { inTime } from "../support/in_time.ts";
import { startWeb } from "../support/web_app.ts";

const bodies: { path: string; type: string | null; body: string }[] = [
  { path: "/none", type: null, body: "" },
  {
    path: "/string",
    type: "text/plain;charset=UTF-8",
    // Each byte of the UTF-8 is a character here.
    body: "gr\xc3\xbcezi",
  },
  { path: "/bytes", type: null, body: "\x00\xff\r\n\x80" },
  { path: "/part-of-bytes", type: null, body: "\x02\x03" },
  { path: "/blob", type: "text/html", body: "<p>" },
  {
    path: "/params",
    type: "application/x-www-form-urlencoded;charset=UTF-8",
    body: "a=1+2&b=%26",
  },
  { path: "/stream-of-bytes", type: null, body: "abc" },
  { path: "/json-body", type: "application/json", body: '{"a":[1]}' },
  { path: "/sync", type: "text/plain;charset=UTF-8", body: "at once" },
  { path: "/async", type: "text/plain;charset=UTF-8", body: "later" },
];

Deno.test(
  "an app's bodies arrive byte by byte as they are, with their lengths",
  inTime(async () => {
    await using server = await startWeb();
    for (const { path, type, body: want } of bodies) {
      const { status, head, body } = await ask(server, path);
      assertEquals([status, body], [200, want], path);
      assertStringIncludes(head, `\r\nContent-Length: ${want.length}\r\n`);
      const got = /\r\ncontent-type: (.*)\r\n/i.exec(head)?.[1] ?? null;
      assertEquals(got, type, path);
    }
  }),
);

Deno.test(
  "an app's FormData arrives as a form",
  inTime(async () => {
    await using server = await startWeb();
    const response = await fetch(`${server.url}/form-data`);
    assertEquals([...await response.formData()], [["name", "Ferris"]]);
  }),
);

const heads: { path: string; line: string; body: string; has: RegExp }[] = [
  {
    path: "/created",
    line: "201 Created",
    body: "made",
    has: /\r\nContent-Length: 4\r\n/,
  },
  {
    path: "/unusual",
    line: "299 ",
    body: "unusual",
    has: /\r\nContent-Length: 7\r\n/,
  },
  {
    path: "/not-found",
    line: "404 Not Found",
    body: "the app's own",
    has: /\r\nContent-Length: 13\r\n/,
  },
  {
    path: "/redirect",
    line: "303 See Other",
    body: "",
    has: /\r\nlocation: http:\/\/localhost\/elsewhere\r\n/i,
  },
  {
    path: "/cookies",
    line: "200 OK",
    body: "cookies",
    has:
      /\r\nset-cookie: a=1; Path=\/\r\nset-cookie: b=2, still the second\r\n/i,
  },
  {
    path: "/own-framing",
    line: "200 OK",
    body: "own",
    has: /\r\nx-own: kept\r\n/i,
  },
];

Deno.test(
  "an app's status and fields arrive, each of several cookies on a line of its own",
  inTime(async () => {
    await using server = await startWeb();
    for (const { path, line, body: want, has } of heads) {
      const { head, body } = await ask(server, path);
      assert(head.startsWith(`HTTP/1.1 ${line}\r\n`), head);
      assertEquals(body, want, path);
      assertMatch(head, has);
    }
  }),
);

Deno.test(
  "an app does not decide what frames its answer",
  inTime(async () => {
    await using server = await startWeb();
    const { head } = await ask(server, "/own-framing");
    assertStringIncludes(head, "\r\nContent-Length: 3\r\n");
    assertNotMatch(head, /999|gzip|connection: x-own|yesterday/i);
  }),
);

Deno.test(
  "an app's answers without content are without content, and the connection goes on",
  inTime(async () => {
    await using server = await startWeb();
    using client = await server.connect();
    const answers = [
      { method: "GET", path: "/no-content", head: /^HTTP\/1\.1 204 / },
      { method: "GET", path: "/not-modified", head: /\r\netag: "1"\r\n/i },
      { method: "HEAD", path: "/string", head: /\r\nContent-Length: 7\r\n/ },
      { method: "HEAD", path: "/stream-of-bytes", head: /^HTTP\/1\.1 200 / },
      {
        method: "HEAD",
        path: "/length-for-head",
        head: /\r\nContent-Length: 1234\r\n/,
      },
    ];
    for (const { method, path, head: want } of answers) {
      await client.send(
        `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      );
      const head = await client.readUntil("\r\n\r\n");
      assertMatch(head, want);
      // RFC 9110 section 8.6: none in a 204.
      if (path === "/no-content") assertNotMatch(head, /content-length/i);
    }
    // Whatever was sent too much would be in front of this.
    const { head, body } = await client.get("/sync");
    assertMatch(head, /^HTTP\/1\.1 200 OK\r\n/);
    assertEquals(body, "at once");
  }),
);

/** Responses that came about in other ways, and methods that they answer. */
const made: readonly Row[] = [
  { name: "a clone", ask: "GET /clone", status: 200, has: /^cloned$/ },
  { name: "a subclass", ask: "GET /subclass", status: 203, has: /^special$/ },
  {
    name: "later fields",
    ask: "GET /later-fields",
    status: 200,
    has: /^later$/,
  },
  { name: "an empty text", ask: "GET /empty", status: 200, has: /^$/ },
  { name: "a buffer", ask: "GET /buffer", status: 200, has: "\x01\x02\xff" },
  { name: "a view", ask: "GET /view", status: 200, has: "\x02" },
  { name: "a File", ask: "GET /file", status: 200, has: /^content$/ },
  {
    name: "long content",
    ask: "GET /long",
    status: 200,
    has: /^(gr\xc3\xbc){9}/,
  },
  { name: "JSON", ask: "GET /json-body", status: 200, has: /^{"a":\[1\]}$/ },
  {
    name: "JSON with more",
    ask: "GET /json-created",
    status: 201,
    has: /^\[1\]$/,
  },
  { name: "HEAD of a text", ask: "HEAD /string", status: 200, has: /^$/ },
  { name: "HEAD of a Blob", ask: "HEAD /blob", status: 200, has: /^$/ },
  { name: "a redirection", ask: "GET /redirect", status: 303, has: /^$/ },
  { name: "two cookies", ask: "GET /cookies", status: 200, has: /^cookies$/ },
  { name: "304", ask: "GET /not-modified", status: 304, has: /^$/ },
  { name: "204", ask: "GET /no-content", status: 204, has: /^$/ },
  { name: "an error", ask: "GET /error", status: 500, has: /mistake/ },
  { name: "what was read", ask: "GET /used", status: 500, has: /mistake/ },
  { name: "one for all", ask: "GET /same", status: 200, has: /^only once$/ },
  { name: "the same again", ask: "GET /same", status: 500, has: /mistake/ },
];

Deno.test(
  "an app's response is what it is under Deno.serve, however it was made",
  inTime(() => answersAsUnderDenoServe(appUrl("web"), made)),
);

const withoutContent = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"].flatMap(
  (method): Row[] => [
    {
      name: `whether a ${method} without content has a body`,
      ask: `${method} /given`,
      status: 200,
      has: /"body":true/,
    },
    {
      name: `the content of a ${method} without content`,
      ask: `${method} /length`,
      status: 200,
      has: /^0$/,
    },
  ],
);

const cookies = (...fields: string[]): Row => ({
  name: `the cookies of ${fields.length} fields`,
  ask: "GET /given",
  fields: ["X-Before: a", ...fields, "X-Last: z"],
  status: 200,
  has: /"cookie":"a=1; b=2(?:; c=3)?"/,
});

Deno.test(
  "an app is given what it is given under Deno.serve",
  inTime(() =>
    answersAsUnderDenoServe(appUrl("web"), [
      ...withoutContent,
      {
        name: "whether a GET has a body",
        ask: "GET /given",
        status: 200,
        has: /"body":false,"cookie":null/,
      },
      cookies("Cookie: a=1; b=2"),
      cookies("Cookie: a=1", "cookie: b=2"),
      cookies("Cookie: a=1", "X-Between: b", "Cookie: b=2", "COOKIE: c=3"),
    ])
  ),
);

Deno.test(
  "an app passes on what it fetched, decoded",
  inTime(async () => {
    const text = "squeeze ".repeat(500);
    const gzip = new Response(text).body!
      .pipeThrough(new CompressionStream("gzip"));
    const content = await new Response(gzip).bytes();
    await using origin = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      () =>
        new Response(content, {
          headers: { "Content-Encoding": "gzip", "X-Origin": "yes" },
        }),
    );
    await using server = await startWeb();
    const { head, body } = await ask(
      server,
      `/pass-on?http://127.0.0.1:${origin.addr.port}/`,
    );
    assertNotMatch(head, /content-encoding/i);
    assertMatch(head, /\r\nx-origin: yes\r\n/i);
    assertStringIncludes(body, text);
  }),
);
