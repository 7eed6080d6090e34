/**
 * Errors as clients of a real server get them: every status in every form, and the page
 * in a browser.
 */

import {
  assertEquals,
  assertLessOrEqual,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { errorResponse } from "../../lib/http/error.ts";
import { formed } from "../../lib/http/error_forms.ts";
import type { BodyBytes } from "../../lib/http/message.ts";
import { appUrl } from "../support/apps.ts";
import { axeFindings, browserTest, watch } from "../support/browser.ts";
import {
  exchange,
  type Exchanged,
  type ExchangeOptions,
} from "../support/exchange.ts";
import { inTime } from "../support/in_time.ts";
import { serveTree } from "../support/served_tree.ts";
import { startTestServer, type TestServer } from "../support/test_server.ts";

const browserAccept =
  "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/** A request that fails, and what its client is told. */
interface Row extends ExchangeOptions {
  readonly target: string;
  readonly status: number;
  readonly phrase: string;
  readonly says: RegExp;
}

const files: Row[] = [
  {
    target: "/nothing",
    status: 404,
    phrase: "Not Found",
    says: /^There is nothing here\.$/,
  },
  {
    target: "/%ff",
    status: 400,
    phrase: "Bad Request",
    says: /^The path cannot be the name of a file\.$/,
  },
  {
    target: "/docs",
    status: 301,
    phrase: "Moved Permanently",
    says: /^This is a directory\.$/,
  },
  {
    target: "/a.txt",
    method: "DELETE",
    status: 405,
    phrase: "Method Not Allowed",
    says: /^DELETE is not possible here\.$/,
  },
  {
    target: "/a.txt",
    method: "BREW",
    status: 501,
    phrase: "Not Implemented",
    says: /^That method is not implemented here\.$/,
  },
  {
    target: "/a.txt",
    fields: { "If-Match": '"other"' },
    status: 412,
    phrase: "Precondition Failed",
    says: /^Precondition failed\.$/,
  },
  {
    target: "/a.txt",
    fields: { "Range": "bytes=9-" },
    status: 416,
    phrase: "Range Not Satisfiable",
    says: /^The content has no bytes in this range\.$/,
  },
  {
    target: "/a.txt",
    fields: { "Accept-Encoding": "identity;q=0" },
    status: 406,
    phrase: "Not Acceptable",
    says: /^It is not available in any coding that you accept\.$/,
  },
  {
    target: "/a.txt",
    fields: { "Expect": "nothing" },
    status: 417,
    phrase: "Expectation Failed",
    says: /^The only supported expectation is 100-continue\.$/,
  },
  {
    target: "/a.txt",
    fields: { "Content-Length": "10485761" },
    status: 413,
    phrase: "Content Too Large",
    says:
      /^The body may have at most 10485760 bytes \(--limit maxBodyBytes=N\)\.$/,
  },
  {
    target: "/a.txt",
    fields: { "Content-Length": "262145" },
    status: 413,
    phrase: "Content Too Large",
    says:
      /^The body may have at most 262144 bytes \(--limit maxWholeBodyBytes=N\)\.$/,
  },
];

const failing: Row[] = [
  {
    // Neither the app nor its files have that.
    target: "/none",
    status: 404,
    phrase: "Not Found",
    says: /^There is nothing here\.$/,
  },
  {
    target: "/throw",
    status: 500,
    phrase: "Internal Server Error",
    says: /^The server made a mistake \([0-9a-f]{8}\)\.$/,
  },
  {
    target: "/never",
    status: 504,
    phrase: "Gateway Timeout",
    says: /^The server took too long over this \([0-9a-f]{8}\)\.$/,
  },
  {
    target: "/echo",
    method: "POST",
    fields: { "Content-Length": "2097153" },
    status: 413,
    phrase: "Content Too Large",
    says: /^The body may have at most 2097152 bytes \(--stream-body MIB\)\.$/,
  },
];

const busy: Row = {
  target: "/a.txt",
  status: 503,
  phrase: "Service Unavailable",
  says: /^The server is busy\. Try again in 1 second\.$/,
};

/** The sentence that a client finds in what it was sent. */
type Read = (text: string, row: Row) => string;

const forms: [name: string, accept: string, type: string, read: Read][] = [
  ["a page", browserAccept, "text/html; charset=utf-8", sentenceOfPage],
  ["problem details", "application/json", "application/problem+json", detailOf],
  ["text", "*/*", "text/plain; charset=utf-8", sentenceOfText],
];

function sentenceOfPage(page: string, { status, phrase }: Row): string {
  assertStringIncludes(page, `<title>${status} ${phrase}</title>`);
  assertStringIncludes(page, `<h1>${phrase}</h1>`);
  assertStringIncludes(page, '<a href="/">Home</a>');
  return /<p>(.*)<\/p>/.exec(page)![1];
}

function detailOf(text: string, { status, phrase }: Row): string {
  const { title, status: told, detail, number, ...others } = JSON.parse(text);
  assertEquals([title, told, others], [phrase, status, {}]);
  assertEquals(number, /\(([0-9a-f]{8})\)/.exec(detail)?.[1]);
  return detail;
}

function sentenceOfText(text: string, { status, phrase }: Row): string {
  const start = `${status} ${phrase}: `;
  assertEquals(text.slice(0, start.length), start);
  assertEquals(text.at(-1), "\n");
  return text.slice(start.length, -1);
}

/** Asks for all forms of an error, and for that of HEAD. */
async function check(server: TestServer, row: Row): Promise<void> {
  const { target, method, fields, status } = row;
  for (const [name, accept, type, read] of forms) {
    const asked = { method, fields: { ...fields, "Accept": accept } };
    const answer = await exchange(server, target, asked);
    assertEquals(answer.status, status, `${name} of ${target}`);
    assertMatch(read(answer.text, row), row.says);
    checkFields(answer, type);
    if (method !== undefined) continue;
    const head = await exchange(server, target, { ...asked, method: "HEAD" });
    // HEAD knows no ranges.
    if (head.status !== status) continue;
    assertEquals(head.text, "");
    assertEquals(
      head.fields.get("content-length"),
      answer.fields.get("content-length"),
    );
    checkFields(head, type);
  }
}

function checkFields({ fields, status }: Exchanged, type: string): void {
  assertEquals(fields.get("content-type"), type);
  assertEquals(fields.get("cache-control"), "no-store");
  assertEquals(fields.get("x-content-type-options"), "nosniff");
  assertEquals(
    fields.has("content-security-policy"),
    type.startsWith("text/html"),
  );
  assertEquals(fields.get("retry-after"), status === 503 ? "1" : undefined);
}

const tree = { "www/a.txt": "12345", "www/docs/b.txt": "b" };

Deno.test(
  "a server of files tells of errors in the form that the client asks for",
  inTime(async () => {
    await using site = await serveTree(tree);
    for (const row of files) await check(site.server, row);
    // The main thread has the file in memory now, and tells in the same way.
    for (const row of files) await check(site.server, row);
    assertEquals(site.server.log, []);
  }),
);

Deno.test(
  "a server of an app tells of errors in the form that the client asks for",
  inTime(async () => {
    await using site = await serveTree(tree, {
      app: appUrl("dying").href,
      maxStreamedBodyBytes: 2 * 1024 * 1024,
      limits: { handlerTimeoutMs: 1000 },
    });
    const { server } = site;
    for (const row of failing) await check(server, row);
    const { text } = await exchange(server, "/throw");
    const [number] = /[0-9a-f]{8}/.exec(text)!;
    await server.logged(`Request ${number} (GET /throw) failed: `);
    assertEquals(text.split("\n").length, 2, "no trace");
  }),
);

Deno.test(
  "a busy server says when to come again, in the form that the client asks for",
  inTime(async () => {
    await using site = await serveTree(tree, { limits: { maxQueue: 0 } });
    await check(site.server, busy);
  }),
);

Deno.test(
  "showErrors shows the error of a handler, escaped",
  inTime(async () => {
    await using server = await startTestServer({
      app: appUrl("dying").href,
      root: null,
      showErrors: true,
    });
    const told = async (accept: string) => {
      const fields = { "Accept": accept };
      return (await exchange(server, "/throw", { fields })).text;
    };
    assertMatch(
      await told("*/*"),
      /^500 .*\(([0-9a-f]{8})\)\.\n\nError: thrown at once\n {4}at .*dying\.ts/,
    );
    assertMatch(
      await told(browserAccept),
      /<pre>Error: thrown at once\n {4}at .*dying\.ts[^<]*<\/pre>/,
    );
    const { trace } = JSON.parse(await told("application/json"));
    assertMatch(trace, /^Error: thrown at once\n {4}at .*dying\.ts/);
  }),
);

const notUnderstood: [name: string, wire: string, want: string][] = [
  [
    "a line that is none",
    `GET\r\nAccept: ${browserAccept}\r\n\r\n`,
    "400 Bad Request: ",
  ],
  [
    "a long request line",
    `GET /${"a".repeat(9000)} HTTP/1.1\r\n`,
    "414 URI Too Long: The request line may have at most 8192 bytes (--limit maxRequestLineBytes=N).\n",
  ],
  [
    "a long head",
    `GET / HTTP/1.1\r\nAccept: text/html\r\nX: ${"a".repeat(33_000)}`,
    "431 Request Header Fields Too Large: The head may have at most 32768 bytes (--limit maxHeadBytes=N).\n",
  ],
  [
    "many fields",
    `GET / HTTP/1.1\r\nAccept: text/html\r\n${"X: y\r\n".repeat(100)}\r\n`,
    "431 Request Header Fields Too Large: The head may have at most 100 fields (--limit maxFields=N).\n",
  ],
];

Deno.test(
  "a client whose head was not understood is told in a line of text",
  inTime(async () => {
    await using site = await serveTree(tree);
    for (const [name, wire, want] of notUnderstood) {
      const answer = await site.server.exchange(wire);
      assertStringIncludes(
        answer,
        "\r\nContent-Type: text/plain; charset=utf-8\r\n",
        name,
      );
      assertStringIncludes(answer, `\r\n\r\n${want}`, name);
    }
  }),
);

Deno.test(
  "a site's own 404.html is for every client",
  inTime(async () => {
    await using site = await serveTree({ "www/404.html": "<h1>Oops</h1>" });
    for (const [, accept] of forms) {
      const fields = { "Accept": accept };
      const { status, text, fields: sent } = await exchange(
        site.server,
        "/x",
        { fields },
      );
      assertEquals([status, text], [404, "<h1>Oops</h1>"]);
      assertEquals(sent.get("content-type"), "text/html; charset=utf-8");
    }
  }),
);

Deno.test(
  "an operator's policy does not block the style of an error page",
  inTime(async () => {
    await using site = await serveTree(tree, {
      files: { headers: [["Content-Security-Policy", "default-src 'none'"]] },
    });
    const fields = { "Accept": browserAccept };
    const page = await exchange(site.server, "/x", { fields });
    assertMatch(
      page.fields.get("content-security-policy")!,
      /^default-src 'none'; style-src 'sha256-[^,]*$/,
    );
    const text = await exchange(site.server, "/x");
    assertEquals(
      text.fields.get("content-security-policy"),
      "default-src 'none'",
    );
  }),
);

/** A server of one error, with its trace. */
function serveTrace(): Deno.HttpServer<Deno.NetAddr> {
  const trace = `Error: <b>not bold</b>\n    at ${"x".repeat(500)}\n`.repeat(
    40,
  );
  const error = errorResponse(500, "A mistake.", [], { trace });
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    ({ headers }) => {
      const { status, fields, body } = formed(error, { fields: [...headers] });
      const { bytes } = body as { bytes: BodyBytes };
      return new Response(bytes, { status, headers: [...fields] as [] });
    },
  );
}

browserTest(
  "a browser shows an error page that leads home, and axe finds nothing",
  async ({ browser, url }) => {
    await using traces = serveTrace();
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await browser.newPage({ colorScheme });
      const { complaints, answers } = watch(page);
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 844 });
        // It has all that other pages have.
        await page.goto(`http://127.0.0.1:${traces.addr.port}/`);
        assertEquals(await page.textContent("h1"), "Internal Server Error");
        assertEquals(await page.locator("b").count(), 0);
        assertEquals(await axeFindings(page), []);
        const scrolled = await page.evaluate(
          "document.documentElement.scrollWidth",
        );
        assertLessOrEqual(scrolled as number, width);
      }
      await page.goto(`${url}/docs/nothing`);
      assertEquals(await page.title(), "404 Not Found");
      // The style is in force: the policy allows it.
      const background = await page.evaluate(
        "getComputedStyle(document.body).backgroundColor",
      );
      assertEquals(
        background,
        colorScheme === "light" ? "rgb(248, 244, 236)" : "rgb(23, 22, 29)",
      );
      await page.getByRole("link", { name: "Home" }).click();
      await page.waitForURL(`${url}/`);
      const others = complaints.filter((text) =>
        !text.startsWith("Failed to load resource: the server responded with")
      );
      assertEquals(others, []);
      assertEquals(answers.filter(([path]) => path.includes("icon")), []);
      await page.close();
    }
  },
  { files: { "index.html": '<!doctype html><link rel="icon" href="data:,">' } },
);
