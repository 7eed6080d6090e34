/**
 * The status page as people see it, in a browser, if there is one on this machine. A
 * mock sends the statuses; what is asserted is what the browser made of them.
 */

import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertStringIncludes,
} from "@std/assert";
import type { Status } from "../../lib/operate/status.ts";
import { statusPage } from "../../lib/operate/status_page.ts";
import { axeFindings, type Page, pageTest, watch } from "../support/browser.ts";
import { until } from "../support/in_time.ts";

const hostile = "<img src=x onerror=alert(1)>";

const running = (request: string, forMs: number) => ({ request, forMs });
const worker = (id: number): Status["workers"][number] => ({
  id,
  state: "ready",
  ageMs: 7.3 * 3_600_000,
  jobs: 12_345,
  heapBytes: 34 * 2 ** 20,
  inFlight: 0,
  busyForMs: null,
  running: [],
});

const status: Status = {
  version: "1.2.3",
  startedAt: "2026-07-11T07:48:03.000Z",
  now: "2026-07-14T12:00:03.000Z",
  state: "ready",
  why: null,
  connections: {
    total: 412,
    limit: 10_000,
    byState: { idle: 400, head: 12 },
    turnedAway: 0,
  },
  queue: { length: 3, limit: 1024, oldestMs: 12.4 },
  workers: [
    {
      ...worker(1),
      inFlight: 64,
      busyForMs: 3.4,
      running: [
        running("GET /first", 1),
        running("GET /second", 2200),
        running("GET /third", 34_000),
        running("GET /fourth", 0.4),
        running("GET /fifth", 91),
      ],
    },
    {
      ...worker(2),
      inFlight: 1,
      busyForMs: 3240,
      running: [running(`GET /${hostile}`, 3240)],
    },
    { ...worker(7), state: "booting", ageMs: 180, jobs: 0, heapBytes: 0 },
  ],
  replacements: [{ at: "2026-07-14T11:48:03.000Z", why: "too much memory" }],
  lostThreads: 1,
  reloads: 2,
  requests: {
    total: 5_343_155,
    active: 43,
    perSecond: 1204.3,
    p50Ms: 0.84,
    p90Ms: 4.6,
    p99Ms: 11.2,
    statuses: { "2xx": 99_990, "5xx": 10 },
    rejected: { queue_full: 12 },
  },
  longest: [
    { ...running(`GET /${hostile}`, 3240), worker: 2 },
    { ...running("PUT /film", 61_000), worker: null },
    { ...running("PUT /film", 61_000), worker: null },
  ],
  routes: [
    { route: "POST /report", jobs: 1204, meanMs: 2840, heavy: true },
    { route: "/", jobs: 1_801_345, meanMs: 0.021, heavy: false },
  ],
  history: [
    { perSecond: 900, p99Ms: 9, queue: 0, errors: 0 },
    { perSecond: 1300, p99Ms: 200, queue: 40, errors: 3 },
    { perSecond: 1204.3, p99Ms: 11.2, queue: 3, errors: 0 },
  ],
  process: { rssBytes: 1.5 * 2 ** 30, eventLoopDelayMs: 0.4 },
  log: { dropped: 0 },
};

/** A server that has just begun, and has nothing to do it with. */
const emptyStatus: Status = {
  ...status,
  state: "unavailable",
  why: "no worker boots",
  connections: { ...status.connections, total: 0, byState: {} },
  queue: { length: 1024, limit: 1024, oldestMs: 9800 },
  workers: [],
  replacements: [],
  requests: {
    ...status.requests,
    statuses: {},
    rejected: {},
  },
  longest: [],
  routes: [],
  history: [],
};

/** Serves the page, and a stream of what it is told to send. */
class MockServer implements AsyncDisposable {
  /** Whether the stream is a 503 instead. */
  isAway = false;
  /** How often the stream was asked for. */
  asked = 0;
  readonly #streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  readonly #server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    ({ url }) => this.#respond(new URL(url).pathname),
  );
  #last: Uint8Array<ArrayBuffer>;

  constructor(first: Status) {
    this.#last = encode(first);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  #respond(path: string): Response {
    if (path === "/") {
      return new Response(statusPage, {
        headers: { "content-type": "text/html; charset=utf-8" },
      });
    }
    if (path !== "/events") return new Response(null, { status: 404 });
    this.asked++;
    return this.isAway
      ? new Response(null, { status: 503 })
      : new Response(this.#stream(), {
        headers: { "content-type": "text/event-stream" },
      });
  }

  #stream(): ReadableStream<Uint8Array> {
    let own: ReadableStreamDefaultController<Uint8Array>;
    return new ReadableStream({
      start: (controller) => {
        own = controller;
        this.#streams.add(own);
        own.enqueue(this.#last);
      },
      cancel: () => {
        this.#streams.delete(own);
      },
    });
  }

  send(next: Status): void {
    this.#last = encode(next);
    for (const stream of this.#streams) stream.enqueue(this.#last);
  }

  end(): void {
    for (const stream of this.#streams) stream.close();
    this.#streams.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
    await this.#server.shutdown();
  }
}

function encode(data: unknown): Uint8Array<ArrayBuffer> {
  // The browser is to come back soon after the end.
  const text = `retry: 100\ndata: ${JSON.stringify(data)}\n\n`;
  return new TextEncoder().encode(text);
}

/** A text as it is read: one space is like another. */
const plain = (text: string | null) => text?.replace(/\s+/g, " ").trim();

/** The cells of a table, row by row. */
async function cells(page: Page, name: string): Promise<unknown[][]> {
  const table = page.getByRole("table", { name, exact: true });
  const rows = await table.locator("tbody").getByRole("row").all();
  return await Promise.all(rows.map(async (row) => {
    const texts = await row.locator("th, td").allInnerTexts();
    return texts.map(plain);
  }));
}

async function figure(page: Page, name: string): Promise<unknown[]> {
  const group = page.locator("dl > div").filter({
    has: page.locator("dt").getByText(name, { exact: true }),
  });
  const texts = await group.locator("dd > *").allInnerTexts();
  return texts.map(plain);
}

async function opened(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.locator("#data").waitFor();
}

const notice = (page: Page) => page.locator("#notice");

Deno.test("the status page names nothing outside itself", () => {
  const withoutNamespace = statusPage.replaceAll(
    "http://www.w3.org/2000/svg",
    "",
  );
  assertEquals(withoutNamespace.match(/https?:|\/\/[a-z]|@import/g), null);
  const references = statusPage.matchAll(
    /\b(?:src|srcset|href|action)=["']?([^"'\s>]*)|url\(([^)]*)\)/g,
  );
  for (const [reference, attribute, url] of references) {
    assert(/^(?:data:|#)/.test(attribute ?? url!), reference);
  }
});

Deno.test("the status page makes no markup of data, and has no inline handlers", () => {
  assertEquals(
    statusPage.match(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|\son[a-z]+=/g,
    ),
    null,
  );
  assertEquals(statusPage.match(/<script[^>]*>/g), [
    '<script type="module">',
  ]);
  assertEquals(statusPage.match(/<style[^>]*>/g), ["<style>"]);
});

pageTest(
  "a browser shows the status of the pool, and loads nothing besides",
  async (browser) => {
    await using server = new MockServer(status);
    const page = await browser.newPage();
    const { complaints, answers } = watch(page);
    await opened(page, server.url);
    assertEquals(await page.title(), "Skein: ready");
    assertEquals(plain(await page.textContent("h1")), "Skein 1.2.3");
    assertEquals(await page.textContent("#state"), "Ready");
    assertEquals(await notice(page).textContent(), "");

    const busy = `GET /${hostile} for 3.2 s`;
    const lines =
      "GET /third for 34 s GET /second for 2.2 s GET /fifth for 91 ms 61 more in flight";
    const size = "34 MiB";
    const age = "7 h 18 min";
    assertEquals(await cells(page, "Workers"), [
      ["Worker 1", "ready", lines, "12 345", "64", size, age],
      ["Worker 2", "ready, busy for 3.2 s", busy, "12 345", "1", size, age],
      ["Worker 7", "booting", "no request", "0", "0", "0 B", "180 ms"],
    ]);
    assertEquals(
      await page.locator("tr.marked th").allTextContents(),
      ["Worker 2", "lost threads"],
    );
    assertEquals(await cells(page, "Longest requests"), [
      [`GET /${hostile}`, "3.2 s", "2"],
      ["PUT /film", "1 min 1 s", "none"],
      ["PUT /film", "1 min 1 s", "none"],
    ]);
    assertEquals(await cells(page, "Routes by cost"), [
      ["POST /report", "1 204", "2.8 s", "heavy"],
      ["/", "1 801 345", "21 µs", "light"],
    ]);
    assertEquals(await cells(page, "Responses"), [
      ["2xx", "99 990", "100.0 %"],
      ["5xx", "10", "<0.1 %"],
    ]);
    assertEquals(await cells(page, "Rejected"), [["queue full", "12"]]);
    assertEquals(await figure(page, "Memory"), ["1.5 GiB", "68 MiB in heaps"]);
    assertEquals(await figure(page, "Queue"), ["3", "of 1 024, oldest 12 ms"]);
    assertEquals(await figure(page, "Up for"), [
      "3 d 4 h",
      "since 2026-07-11 07:48 UTC",
    ]);
    assertEquals(answers, [["/", 200], ["/events", 200]]);
    assertEquals(complaints, []);
  },
);

pageTest(
  "a browser shows a hostile path on the status page as text",
  async (browser) => {
    const why = `${hostile}\u202e${"x".repeat(300)}`;
    await using server = new MockServer({
      ...status,
      state: "draining",
      why,
      routes: [{ ...status.routes[0]!, route: hostile }],
      replacements: [{ at: status.now, why }],
      requests: {
        ...status.requests,
        rejected: { [hostile]: 1 },
      },
    });
    const page = await browser.newPage();
    const { complaints, answers } = watch(page);
    const dialogs: string[] = [];
    page.on("dialog", async (dialog) => {
      dialogs.push(dialog.message());
      await dialog.dismiss();
    });
    await opened(page, server.url);
    const text = page.getByText(hostile);
    // Worker, longest, route, reason, replacement, state.
    assertEquals(await text.count(), 6);
    assertStringIncludes(
      (await page.textContent("#state"))!,
      `Draining: ${hostile}‹U+202E›xxx`,
    );
    assertEquals(await page.locator("img, [onerror]").count(), 0);
    assertEquals(answers, [["/", 200], ["/events", 200]]);
    assertEquals([dialogs, complaints], [[], []]);
  },
);

pageTest(
  "a status changes the cells of the status page, not its rows, and announces nothing",
  async (browser) => {
    await using server = new MockServer(status);
    const page = await browser.newPage();
    await opened(page, server.url);
    // Runs in the page.
    await page.evaluate(`(() => {
      globalThis.rows = [...document.querySelectorAll("#workers tbody tr")];
      globalThis.announced = 0;
      const observer = new MutationObserver((records) => {
        globalThis.announced += records.length;
      });
      const what = { childList: true, characterData: true, subtree: true };
      for (const live of document.querySelectorAll("[role=status], [aria-live]")) {
        observer.observe(live, what);
      }
    })()`);
    const second = { ...status.workers[1]!, jobs: 54_321 };
    server.send({
      ...status,
      workers: [second, status.workers[2]!, worker(8)],
      history: [
        ...status.history,
        { perSecond: 7, p99Ms: 1, queue: 0, errors: 0 },
      ],
    });
    await page.getByText("Worker 8").waitFor();
    const names = await page.locator("#workers tbody th").allTextContents();
    assertEquals(names, ["Worker 2", "Worker 7", "Worker 8"]);
    assertEquals((await cells(page, "Workers"))[0]![3], "54 321");
    assertEquals(
      await page.evaluate(`(() => {
        const now = document.querySelectorAll("#workers tbody tr");
        return [now[0] === rows[1], now[1] === rows[2], rows[0].isConnected, announced];
      })()`),
      [true, true, false, 0],
    );
    const chart = page.getByRole("img", { name: /^Requests per second/ });
    assertEquals(
      plain(await chart.getAttribute("aria-label")),
      "Requests per second in the last 8.0 s: now 7.0, lowest 7.0, highest 1 300, 4.0 s ago",
    );
    assertEquals(await page.getByRole("img").count(), 4);
  },
);

pageTest(
  "a browser says that the status page is not connected, and connects again",
  async (browser) => {
    await using server = new MockServer(status);
    const page = await browser.newPage();
    await opened(page, server.url);
    const color = () =>
      page.evaluate("getComputedStyle(document.querySelector('h2')).color");
    const before = await color();
    const lost = "Not connected; trying again";

    server.isAway = true;
    server.end();
    await notice(page).getByText(lost).waitFor();
    assert(await notice(page).isVisible());
    assertEquals(
      await notice(page).textContent(),
      `${lost}. What follows is of 12:00:03 UTC.`,
    );
    assertEquals(await page.title(), "Skein: not connected");
    assert(await color() !== before);
    // The first attempt gets a 503, after which the browser itself gives up.
    await until(() => server.asked >= 3);

    server.isAway = false;
    await notice(page).waitFor({ state: "hidden" });
    assertEquals(await page.title(), "Skein: ready");
    assertEquals(await color(), before);
  },
);

pageTest(
  "a browser says that a server is silent, and then asks it anew",
  async (browser) => {
    await using server = new MockServer(status);
    const page = await browser.newPage();
    await page.clock.install();
    await opened(page, server.url);
    await page.clock.runFor(4000);
    assertEquals(await notice(page).textContent(), "");
    await page.clock.runFor(3000);
    assertEquals(
      await notice(page).textContent(),
      "Nothing heard for 5 s. What follows is of 12:00:03 UTC.",
    );
    assertEquals(server.asked, 1);
    await page.clock.runFor(10_000);
    await until(() => server.asked === 2);
    await notice(page).waitFor({ state: "hidden" });
  },
);

pageTest(
  "a browser shows a status page of which every table is empty",
  async (browser) => {
    await using server = new MockServer(emptyStatus);
    const page = await browser.newPage();
    await opened(page, server.url);
    assertEquals(
      await page.textContent("#state"),
      "Unavailable: no worker boots",
    );
    const sentences = page.locator(".none:not([hidden])");
    assertEquals(await sentences.allTextContents(), [
      "There is no worker.",
      "No request is under way.",
      "No route has been measured.",
      "There was no response.",
      "No request was rejected.",
      "There is no connection.",
      "No worker was replaced.",
    ]);
    assertEquals(await figure(page, "Queue"), [
      "1 024",
      "the limit of 1 024, oldest 9.8 s",
    ]);
  },
);

pageTest(
  "a browser fits the status page into a phone",
  async (browser) => {
    const path = "/a-path-that-is-longer-than-a-phone-is-wide".repeat(20);
    await using server = new MockServer({
      ...status,
      workers: [{ ...worker(1), running: [running(path, 1)] }],
      longest: [{ ...running(path, 1), worker: 1 }],
      routes: [{ ...status.routes[0]!, route: path }],
    });
    for (const width of [320, 390, 768, 1280]) {
      const page = await browser.newPage({ viewport: { width, height: 844 } });
      await opened(page, server.url);
      const scrolled = await page.evaluate(
        "document.documentElement.scrollWidth",
      );
      assertLessOrEqual(scrolled as number, width);
      // It is a table still, in whatever way it is laid out.
      const table = page.getByRole("table", {
        name: "Workers",
        exact: true,
      });
      assertEquals(await table.getByRole("columnheader").count(), 7);
      assertEquals(await table.getByRole("cell").count(), 6);
      await page.close();
    }
  },
);

for (const colorScheme of ["light", "dark"] as const) {
  pageTest(
    `axe finds nothing on the status page, ${colorScheme}`,
    async (browser) => {
      await using server = new MockServer(status);
      // No colour is to be measured on its way to another.
      const page = await browser.newPage({
        colorScheme,
        reducedMotion: "reduce",
      });
      await opened(page, server.url);
      assertEquals(await axeFindings(page), []);
      await page.setViewportSize({ width: 390, height: 844 });
      assertEquals(await axeFindings(page), []);
      server.send(emptyStatus);
      await page.getByText("There is no worker.").waitFor();
      assertEquals(await axeFindings(page), []);
      server.send(status);
      await page.getByText("Worker 2").waitFor();
      server.isAway = true;
      server.end();
      await notice(page).getByText("Not connected").waitFor();
      assertEquals(await axeFindings(page), []);
    },
  );
}
