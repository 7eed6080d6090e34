/**
 * Apps: what of a request reaches `fetch(request, info)`, and what an app leaves to
 * the directory. What of its `Response` reaches the client is in
 * app_response_test.ts, streams are in stream_test.ts, what goes wrong in
 * crash_test.ts.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { appUrl } from "../support/apps.ts";
import { ask } from "../support/clients.ts";
import { inTime, until } from "../support/in_time.ts";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { startWeb } from "../support/web_app.ts";

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
    const { body } = await client.get("/describe");
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
    await stays.get("/quick");
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
    // The word of it may be behind the answer itself.
    const completed = async () =>
      JSON.parse((await ask(server, "/seen")).body).completed;
    await until(async () => (await completed()).length === 2);
    assertEquals(await completed(), ["/sync", "/async"]);
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
      app: appUrl("slow").href,
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
      app: appUrl("slow").href,
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
