/**
 * HTTP Basic authentication of a whole server: who gets in, what guessing leads to, and
 * what changes of the file do.
 */

import { assertEquals, assertMatch } from "@std/assert";
import type { SkeinOptions } from "../../lib/skein.ts";
import { appUrl } from "../support/apps.ts";
import { inTime } from "../support/in_time.ts";
import { RawSocket, socketHead } from "../support/raw_socket.ts";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { makeTree } from "../support/tree.ts";
import { get, head } from "../support/wire.ts";

/** Of "secret" and of "other", bcrypt with a cost of 4. */
const secret = "$2y$04$imODoIdhVronxx6kftyMdOaXMtsYC1.2V99UJ55JzZ7YPx18gjxGK";
const other = "$2y$04$x4yc7IzyKX8PcGpwnaMvK.rBoWiLn15FPJ81om38dD7cLLtXnndm6";

/** A server with a file of passwords. */
interface GuardedServer extends TestServer {
  /** Overwrites the file. */
  write(text: string): Promise<void>;
}

/** Starts one for which Ann and a user named `__proto__` have passwords. */
async function start(
  options: Partial<SkeinOptions> = {},
  text = `ann:${secret}\n__proto__:${secret}\n`,
): Promise<GuardedServer> {
  const tree = await makeTree({
    "www/index.html": "hi",
    "www/a.css": "a",
    "www/a.3f9c2b1a.js": "b",
    passwords: text,
  });
  const file = tree.path("passwords");
  const server = await startTestServer({
    root: options.app ? null : tree.root,
    workers: 1,
    ...options,
    basicAuth: { file },
  });
  return {
    ...server,
    write: (text) => Deno.writeTextFile(file, text),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      tree[Symbol.dispose]();
    },
  };
}

/** The field for a name and a password, a character per byte. */
function basic(credentials: string): string {
  return `Authorization: Basic ${btoa(credentials)}`;
}

const ann = basic("ann:secret");

/** Sends requests on one connection, and tells the status of each. */
async function statuses(
  server: TestServer,
  ...fields: readonly string[][]
): Promise<number[]> {
  using client = await server.connect();
  const found: number[] = [];
  for (const lines of fields) {
    await client.send(get("/", ...lines));
    const { head } = await client.readResponse();
    found.push(Number(head.slice(9, 12)));
  }
  return found;
}

Deno.test(
  "only who knows the password gets in, request for request",
  inTime(async () => {
    await using server = await start();
    const rows: [status: number, ...fields: string[]][] = [
      [401],
      [200, ann],
      [200, ann],
      [200, ann.replace("Basic", "bAsIc  ")],
      [200, basic("__proto__:secret")],
      [401],
      [401, basic("ann:Secret")],
      [401, basic("ann:secret ")],
      [401, basic("Ann:secret")],
      [401, basic("constructor:secret")],
      [401, basic("ann:")],
      [401, basic("ann")],
      [401, basic("ann\0:secret")],
      [401, basic("ann:secret\0")],
      [401, `${ann}A`],
      [401, ann.replace("=", "")],
      [401, ann.replace("Basic", "Bearer")],
      [401, basic(`ann:${"secret".repeat(1365)}`)],
      [400, ann, ann],
      [400, basic("ann:wrong"), ann],
      [200, ann],
    ];
    assertEquals(
      await statuses(server, ...rows.map(([, ...fields]) => fields)),
      rows.map(([status]) => status),
    );
    using client = await server.connect();
    const unnamed = await client.get();
    assertMatch(
      unnamed.head,
      /^WWW-Authenticate: Basic realm="Skein", charset="UTF-8"\r$/m,
    );
    assertMatch(unnamed.head, /^Cache-Control: no-store\r$/m);
  }),
);

Deno.test(
  "each of pipelined requests needs its own credentials",
  inTime(async () => {
    await using server = await start();
    const last = get("/", "Connection: close");
    const text = await server.exchange(
      get("/", ann) + get("/", basic("ann:x")) + get("/", ann) + last,
    );
    assertEquals(text.match(/HTTP\/1.1 .../g)?.map((line) => line.slice(9)), [
      ...["200", "401", "200", "401"],
    ]);
  }),
);

Deno.test(
  "a body is not read before the credentials are known to be right",
  inTime(async () => {
    await using server = await start({ app: appUrl("echo") });
    const post = (...lines: string[]) =>
      head("POST / HTTP/1.1", "Host: h", ...lines);
    const large = "Content-Length: 9000000";
    const chunked = "Transfer-Encoding: chunked";
    for (
      const framing of [large, chunked, `Expect: 100-continue\r\n${large}`]
    ) {
      for (const field of ["X: y", basic("ann:wrong")]) {
        using client = await server.connect();
        // No byte of the body is ever sent.
        await client.send(post(framing, field));
        assertMatch(await client.readUntil("\r\n\r\n"), /^HTTP\/1.1 401 /);
      }
    }
    using client = await server.connect();
    await client.send(
      post(chunked, ann) + "3\r\nabc\r\n0\r\n\r\n" +
        post("Content-Length: 3", ann) + "def" + get("/", basic("ann:wrong")),
    );
    for (const status of [200, 200, 401]) {
      const { head } = await client.readResponse();
      assertEquals(Number(head.slice(9, 12)), status);
    }
  }),
);

Deno.test(
  "a WebSocket needs credentials",
  inTime(async () => {
    await using server = await start({ app: appUrl("sockets") });
    using refused = await server.connect();
    await refused.send(socketHead("/", basic("ann:wrong")));
    assertMatch(await refused.readUntil("\r\n\r\n"), /^HTTP\/1.1 401 /);
    // Twice: checked, and remembered.
    for (let i = 0; i < 2; i++) {
      using _ = await RawSocket.open(server, "/", ann);
    }
  }),
);

Deno.test(
  "who guesses has to wait, and nobody else has to",
  inTime(async () => {
    const limits = { maxGuesses: 3, guessIntervalMs: 5_000_000 };
    await using server = await start({ limits, trustProxy: ["loopback"] });
    const from = (address: string, field: string) => [
      field,
      `X-Forwarded-For: ${address}`,
    ];
    const guess = (number: number) => basic(`ann:${number}`);
    assertEquals(
      await statuses(
        server,
        from("192.0.2.1", ann),
        ...[1, 2, 2, 2, 3].map((number) => from("192.0.2.1", guess(number))),
        from("192.0.2.1", guess(4)),
        // What was wrong just now is still known.
        from("192.0.2.1", guess(2)),
        // No check, so not even for the right one of another user.
        from("192.0.2.1", basic("__proto__:secret")),
        // From the same address, known already.
        from("192.0.2.1", ann),
        from("192.0.2.2", basic("__proto__:secret")),
        from("192.0.2.1", basic("__proto__:secret")),
        from("2001:db8::1", guess(1)),
        from("2001:db8::2", guess(2)),
        from("2001:db8::3", guess(3)),
        from("2001:db8::4", guess(4)),
        from("2001:db8:0:1::1", guess(4)),
      ),
      [
        ...[200, 401, 401, 401, 401, 401],
        ...[429, 401, 429, 200, 200, 200],
        ...[401, 401, 401, 429, 401],
      ],
    );
    using client = await server.connect();
    await client.send(get("/", ...from("192.0.2.1", guess(5))));
    assertMatch((await client.readResponse()).head, /^Retry-After: 5000\r$/m);
  }),
);

Deno.test(
  "a password that many requests bring at the same time is checked once",
  inTime(async () => {
    const limits = { maxGuesses: 1, guessIntervalMs: 5_000_000 };
    await using server = await start({ limits });
    const ask = (field: string) =>
      Promise.all(Array.from({ length: 20 }, () => statuses(server, [field])));
    assertEquals((await ask(ann)).flat(), Array(20).fill(200));
    const wrong = await ask(basic("ann:wrong"));
    assertEquals(wrong.flat(), Array(20).fill(401));
  }),
);

Deno.test(
  "where too many passwords wait to be checked the response is 503",
  inTime(async () => {
    const limits = { maxPasswordChecks: 0 };
    await using server = await start({ limits });
    assertEquals(await statuses(server, [ann], [ann], []), [503, 503, 401]);
  }),
);

Deno.test(
  "a changed file is in force, and a broken one is not",
  inTime(async () => {
    await using server = await start({ limits: { certificateCheckMs: 20 } });
    const otherField = basic("ann:other");
    assertEquals(await statuses(server, [ann], [otherField]), [200, 401]);
    await server.write(`ann:${other}\n`);
    await server.logged("were read anew");
    assertEquals(await statuses(server, [ann], [otherField]), [401, 200]);
    await server.write("ann:secret\n");
    const sentence = await server.logged("Line 1");
    assertMatch(sentence, /; the old passwords stay in force$/);
    assertEquals(await statuses(server, [otherField]), [200]);
  }),
);

Deno.test(
  "a reload reads the file at once",
  inTime(async () => {
    await using server = await start({ limits: { certificateCheckMs: 1e6 } });
    await server.write(`ann:${other}\n`);
    await server.skein.reload();
    assertEquals(
      await statuses(server, [ann], [basic("ann:other")]),
      [401, 200],
    );
  }),
);

Deno.test(
  "with CORS a preflight of files needs none, and an app decides nothing",
  inTime(async () => {
    const preflight = [
      ...["OPTIONS / HTTP/1.1", "Host: h", "Origin: https://a.test"],
    ];
    const method = "Access-Control-Request-Method: GET";
    const rows: [Partial<SkeinOptions>, string[], number][] = [
      [{ files: { cors: true } }, [method], 204],
      [{ files: { cors: true } }, [], 401],
      [{}, [method], 401],
      [{ files: { cors: true }, app: appUrl("echo") }, [method], 401],
    ];
    for (const [options, fields, want] of rows) {
      await using server = await start(options);
      using client = await server.connect();
      await client.send(head(...preflight, ...fields));
      const response = await client.readResponse();
      assertEquals(Number(response.head.slice(9, 12)), want);
    }
  }),
);

Deno.test(
  "no cache of many users may keep what is protected",
  inTime(async () => {
    await using server = await start();
    using client = await server.connect();
    for (const path of ["/a.css", "/a.3f9c2b1a.js"]) {
      await client.send(get(path, ann));
      const { head } = await client.readResponse();
      assertMatch(
        head,
        /^Cache-Control: private, max-age=[0-9]+(, immutable)?\r$/m,
      );
    }
  }),
);

Deno.test(
  "an app finds the field",
  inTime(async () => {
    await using server = await start({ app: appUrl("web") });
    using client = await server.connect();
    await client.send(get("/describe", ann));
    const { body } = await client.readResponse();
    assertEquals(
      `Authorization: ${JSON.parse(body).headers.authorization}`,
      ann,
    );
  }),
);
