/**
 * Apps: what of a request reaches `fetch(request, info)`, and what of its
 * `Response` reaches the client. Streams are in stream_test.ts, what goes wrong in
 * crash_test.ts.
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertStringIncludes,
} from "@std/assert";
import { ask } from "./support/clients.ts";
import { inTime, until } from "./support/in_time.ts";
import { startTestServer, type TestServer } from "./support/test_server.ts";

function startWeb(): Promise<TestServer> {
  return startTestServer({
    app: new URL("./apps/web.ts", import.meta.url).href,
    // So that what one request leaves behind is there for the next.
    workers: 1,
    limits: { sweepMs: 20, watchAfterMs: 20 },
  });
}

/** Sends a head of those lines, and closes. */
async function exchange(
  server: TestServer,
  ...lines: string[]
): Promise<{ head: string; body: string }> {
  const text = await server.exchange(
    [...lines, "Connection: close", "", ""].join("\r\n"),
  );
  const end = text.indexOf("\r\n\r\n") + 4;
  return { head: text.slice(0, end), body: text.slice(end) };
}

const descriptions: {
  name: string;
  lines: [string, ...string[]];
  want: Record<string, unknown>;
}[] = [
  {
    name: "scheme, host, port, path and query",
    lines: ["GET /describe?a=1%20b&c HTTP/1.1", "Host: example.com:8080"],
    want: {
      url: "http://example.com:8080/describe?a=1%20b&c",
      method: "GET",
      body: "none",
    },
  },
  {
    name: "the host of an absolute-form target",
    lines: ["GET http://a.example/describe HTTP/1.1", "Host: b.example"],
    want: { url: "http://a.example/describe" },
  },
  {
    name: "a host where HTTP/1.0 names none",
    lines: ["GET /describe HTTP/1.0"],
    want: { url: "http://localhost/describe" },
  },
  {
    name: "a method that the standard does not know",
    lines: ["BREW /describe HTTP/1.1", "Host: localhost"],
    want: { method: "BREW" },
  },
  {
    name: "no body of a GET",
    lines: [
      ...["GET /describe HTTP/1.1", "Host: localhost", "Content-Length: 0"],
    ] as [string, ...string[]],
    want: { method: "GET", body: "none" },
  },
  {
    name: "the fields, those of one name combined, bytes as they are",
    lines: [
      ...["GET /describe HTTP/1.1", "Host: localhost", "X-Name: one"],
      ...["x-name: two", "X-Latin: \xe9", "Cookie: a=b"],
    ] as [string, ...string[]],
    want: {
      headers: {
        host: "localhost",
        "x-name": "one, two",
        "x-latin": "\xe9",
        cookie: "a=b",
        connection: "close",
      },
    },
  },
];

for (const { name, lines, want } of descriptions) {
  Deno.test(
    `an app is given ${name}`,
    inTime(async () => {
      await using server = await startWeb();
      const { body } = await exchange(server, ...lines);
      const bytes = Uint8Array.from(body, (c) => c.charCodeAt(0));
      const given = JSON.parse(new TextDecoder().decode(bytes));
      for (const [key, value] of Object.entries(want)) {
        assertEquals(given[key], value, key);
      }
    }),
  );
}

Deno.test(
  "an app is given its client's address and port",
  inTime(async () => {
    await using server = await startWeb();
    using client = await server.connect();
    await client.send("GET /describe HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const { body } = await client.readResponse();
    const { hostname, port } = client.conn.localAddr;
    assertEquals(JSON.parse(body).remoteAddr, {
      transport: "tcp",
      hostname,
      port,
    });
  }),
);

Deno.test(
  "an app is not given what no Request can be made of",
  inTime(async () => {
    await using server = await startWeb();
    const trace = ["TRACE /describe HTTP/1.1", "Host: localhost"];
    assertStringIncludes((await exchange(server, ...trace)).head, " 501 ");
    const host = ["GET /describe HTTP/1.1", "Host: 1.2.3.4.5"];
    assertStringIncludes((await exchange(server, ...host)).head, " 400 ");
    assertEquals(server.log, []);
  }),
);

Deno.test(
  "an app reads a request's body as text, JSON, a form, bytes and a stream",
  inTime(async () => {
    await using server = await startWeb();
    const post = (path: string, body: BodyInit) =>
      fetch(server.url + path, { method: "POST", body });
    assertEquals(await (await post("/text", "grüezi")).text(), "grüezi");
    const json = { a: [1, null, "ü"] };
    assertEquals(
      await (await post("/json", JSON.stringify(json))).json(),
      json,
    );
    const entries = [["a", "1 2"], ["a", "&"], ["b", ""]];
    const params = new URLSearchParams(entries);
    assertEquals(await (await post("/form", params)).json(), entries);
    const form = new FormData();
    form.append("name", "Ferris");
    form.append("file", new Blob(["content\r\n--"]), "f.txt");
    assertEquals(await (await post("/form", form)).json(), [
      ["name", "Ferris"],
      ["file", "content\r\n--"],
    ]);
    const bytes = Uint8Array.from({ length: 256 }, (_, value) => value);
    const echoed = await post("/array-buffer", bytes);
    assertEquals(new Uint8Array(await echoed.arrayBuffer()), bytes);
    const large = "x".repeat(3_000_000);
    assertEquals(await (await post("/stream", large)).text(), "3000000");
    assertEquals(await (await post("/echo", large)).text(), large);
    assertEquals(await (await post("/text", "")).text(), "");
  }),
);

Deno.test(
  "an app reads a body that came in chunks",
  inTime(async () => {
    await using server = await startWeb();
    const text = await server.exchange(
      "POST /text HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
        "Transfer-Encoding: chunked\r\n\r\n4\r\none,\r\n3\r\ntwo\r\n0\r\n\r\n",
    );
    assert(text.endsWith("\r\n\r\none,two"), text);
  }),
);

Deno.test(
  "an app's request is aborted when its client leaves, and not when it is answered",
  inTime(async () => {
    await using server = await startWeb();
    const seen = async () => JSON.parse((await ask(server, "/seen")).body);
    using stays = await server.connect();
    await stays.send("GET /quick HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await stays.readResponse();
    const leaves = await server.connect();
    await leaves.send("GET /hang HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await until(async () => (await seen()).hanging === 1);
    assertEquals((await seen()).aborted, 0);
    leaves.conn.close();
    await until(async () => (await seen()).aborted > 0);
    assertEquals((await seen()).aborted, 1);
  }),
);

Deno.test(
  "an app hears that its answer was given",
  inTime(async () => {
    await using server = await startWeb();
    await ask(server, "/sync");
    await ask(server, "/async");
    const { completed } = JSON.parse((await ask(server, "/seen")).body);
    assertEquals(completed, 2);
  }),
);

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
    await client.send("GET /sync HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const { head, body } = await client.readResponse();
    assertMatch(head, /^HTTP\/1\.1 200 OK\r\n/);
    assertEquals(body, "at once");
  }),
);

Deno.test(
  "what an app answers with nothing, the directory does",
  inTime(async () => {
    await using server = await startWeb();
    for (const path of ["/", "/index.html"]) {
      const { status, body } = await ask(server, path);
      assertEquals(status, 200, path);
      assertStringIncludes(body, "Hi from Skein");
    }
    assertEquals((await ask(server, "/style.css")).status, 200);
    for (const path of ["/nothing-async", "/no-such-path"]) {
      const { status, body } = await ask(server, path);
      assertEquals(status, 404, path);
      assertStringIncludes(body, "Oops!");
    }
    const posted = await ask(server, "/", "content");
    assertEquals(posted.status, 405);
    assertStringIncludes(posted.head, "\r\nAllow: GET, HEAD, OPTIONS\r\n");
  }),
);

Deno.test(
  "the Book's demonstration: while one request sleeps and one computes, others are answered",
  inTime(async () => {
    await using server = await startTestServer({
      app: new URL("./apps/book.ts", import.meta.url).href,
      workers: 2,
    });
    const over: string[] = [];
    const slow = ["/spin?ms=1500", "/sleep?ms=1500"].map(async (path) => {
      const { body } = await ask(server, path);
      over.push(path);
      return body;
    });
    for (let i = 0; i < 20; i++) {
      assertEquals((await ask(server, "/")).status, 200);
    }
    assertEquals(over, [], "they were still at it");
    assertEquals(await Promise.all(slow), [
      "Spun for 1500 ms\n",
      "Slept for 1500 ms\n",
    ]);
  }),
);

Deno.test(
  "the Book's demonstration: any number of requests sleep at the same time",
  inTime(async () => {
    await using server = await startTestServer({
      app: new URL("./apps/book.ts", import.meta.url).href,
      workers: 1,
    });
    const begun = performance.now();
    const sleeping = Array.from(
      { length: 50 },
      () => ask(server, "/sleep?ms=300"),
    );
    for (const { status } of await Promise.all(sleeping)) {
      assertEquals(status, 200);
    }
    // One after the other they would take 15 s.
    assert(performance.now() - begun < 7_500, "they slept together");
  }),
);
