/**
 * A browser for tests: found on this machine, started for the tests of one file, gone
 * after them; and what it says of the pages that it loads. Where there is none, they
 * are skipped, and say so.
 */

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
// Not in the import map: no other file may come to need a browser's driver.
// deno-lint-ignore no-import-prefix
import type { Browser, Page } from "npm:playwright-core@1.65.1";
import { helloApp } from "../../lib/hello/site.ts";
import type { Skein, SkeinOptions } from "../../lib/skein.ts";
import { until } from "./in_time.ts";
import { startTestServer } from "./test_server.ts";
import { makeTree, type TreeEntry } from "./tree.ts";

export type { Page };

const executablePath = findOnPath([
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
]);

function findOnPath(names: string[]): string | null {
  for (const name of names) {
    for (const directory of (Deno.env.get("PATH") ?? "").split(":")) {
      const path = join(directory, name);
      try {
        if (Deno.statSync(path).isFile) return path;
      } catch {
        // Not there.
      }
    }
  }
  return null;
}

/** What a row is given. */
export interface BrowserScene {
  readonly browser: Browser;
  /** Of the server, without a slash at its end. */
  readonly url: string;
  /** The directory that it serves. */
  readonly root: string;
  readonly skein: Skein;
}

/** A site other than the bundled one. */
export interface BrowserSite {
  /** Names in the directory that is served, and what stands under them. */
  readonly files: Readonly<Record<string, TreeEntry>>;
  /** What else the server is told. */
  readonly options?: Partial<Omit<SkeinOptions, "root">>;
}

/** A row of the file's test in a browser, with a server, which must have nothing to
 * log meanwhile. */
export function browserTest(
  name: string,
  body: (scene: BrowserScene) => Promise<void>,
  site: BrowserSite | null = null,
): void {
  pageTest(
    name,
    (browser) =>
      site === null
        ? onBundledSite(browser, body)
        : onSite(browser, body, site),
  );
}

/** The same for what brings its own server. What a row opens in the browser is closed
 * after it, and cookies and caches with it. */
export function pageTest(
  name: string,
  body: (browser: Browser) => Promise<void>,
): void {
  if (rows.length === 0) registerTest();
  rows.push({ name, body });
}

/** Of this file: each has its own copy of this module. */
const rows: {
  readonly name: string;
  readonly body: (browser: Browser) => Promise<void>;
}[] = [];

/** One test for all rows: to start a browser costs more than most of them do, and one
 * that goes on from test to test would be a leak to the sanitizers. */
function registerTest(): void {
  Deno.test({
    name: executablePath === null
      ? "in a browser (skipped: there is no Chromium on the PATH)"
      : "in a browser",
    ignore: executablePath === null,
    fn: (t) =>
      withBrowser(async (browser) => {
        for (const { name, body } of rows) {
          await t.step(name, () => onItsOwn(browser, body));
        }
      }),
  });
}

async function onItsOwn(
  browser: Browser,
  body: (browser: Browser) => Promise<void>,
): Promise<void> {
  try {
    await body(browser);
  } finally {
    await Promise.all(browser.contexts().map((context) => context.close()));
  }
}

async function onBundledSite(
  browser: Browser,
  body: (scene: BrowserScene) => Promise<void>,
): Promise<void> {
  const root = new URL("../../static", import.meta.url).pathname;
  const about = { version: "1.2.3", command: "skein", admin: null };
  await withServer(browser, body, { root, ...helloApp(about, 2) });
}

async function onSite(
  browser: Browser,
  body: (scene: BrowserScene) => Promise<void>,
  { files, options }: BrowserSite,
): Promise<void> {
  const entries = Object.entries(files);
  using tree = await makeTree(
    Object.fromEntries(
      entries.map(([name, entry]) => [`www/${name}`, entry]),
    ),
  );
  await withServer(browser, body, { root: tree.root, ...options });
}

async function withServer(
  browser: Browser,
  body: (scene: BrowserScene) => Promise<void>,
  options: Partial<SkeinOptions> & { readonly root: string },
): Promise<void> {
  await using server = await startTestServer({
    // A machine that is busy with other things must not fail a test.
    limits: { bootTimeoutMs: 60_000 },
    ...options,
  });
  const { url, skein } = server;
  await body({ browser, url, root: options.root, skein });
  assertEquals(server.log, []);
}

async function withBrowser(
  use: (browser: Browser) => Promise<void>,
): Promise<void> {
  // Here, so that nobody without a browser has to download its driver.
  // deno-lint-ignore no-import-prefix
  const { chromium } = await import("npm:playwright-core@1.65.1");
  // A switch that means nothing to it, and tells its process from others.
  const mark = `--skein-test=${crypto.randomUUID()}`;
  const browser = await chromium.launch({
    executablePath: executablePath!,
    // Containers lack what its own sandbox is made of.
    args: ["--no-sandbox", mark],
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  try {
    await use(browser);
  } finally {
    await browser.close();
    await until(() => !isRunning(mark));
  }
}

/** Whether a process has that among its arguments; where nobody knows, none. */
function isRunning(argument: string): boolean {
  try {
    return [...Deno.readDirSync("/proc")].some(({ name }) =>
      /^[0-9]+$/.test(name) && commandLine(name).includes(argument)
    );
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function commandLine(pid: string): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`);
  } catch {
    // It has ended meanwhile.
    return "";
  }
}

/** What a page complained of, and which requests it made. */
export interface Watch {
  readonly complaints: string[];
  /** Path and status, in the order of the answers. */
  readonly answers: [path: string, status: number][];
}

/** Keeps what happens on a page from now on. */
export function watch(page: Page): Watch {
  const complaints: string[] = [];
  const answers: [string, number][] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(`${error}`));
  page.on("requestfailed", (request) => {
    complaints.push(`${request.url()} ${request.failure()?.errorText}`);
  });
  page.on("response", (response) => {
    answers.push([new URL(response.url()).pathname, response.status()]);
  });
  return { complaints, answers };
}

/** What axe finds on the page as it is now: a line for each rule that is broken. */
export async function axeFindings(page: Page): Promise<unknown> {
  // Here, so that nobody without a browser has to download it.
  // deno-lint-ignore no-import-prefix
  const { default: axe } = await import("npm:axe-core@4.14.1");
  // Not as a script of the page, whose policy would not let it run.
  await page.evaluate(axe.source);
  return await page.evaluate(`axe.run(document).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ": " + nodes.map(({ target }) => target))
  )`);
}

/** One request as it went over the wire, whatever the cache made of it. */
export interface Exchange {
  path: string;
  /** The fields that were sent, their names in lower case. */
  request: Readonly<Record<string, string>>;
  /** What the server said; 0 while it has not, or was not asked. */
  status: number;
  /** The fields that came back, their names in lower case. */
  response: Readonly<Record<string, string>>;
  /** Whether the cache answered without asking. */
  fromCache: boolean;
}

/**
 * Keeps what a page sends and receives from now on. The driver tells a revalidated
 * answer as the one that it stands for; the browser's own protocol does not.
 */
export async function watchNetwork(page: Page): Promise<Exchange[]> {
  const session = await page.context().newCDPSession(page);
  const exchanges = new Map<string, Exchange>();
  const list: Exchange[] = [];
  const of = (id: string) => {
    let exchange = exchanges.get(id);
    if (exchange === undefined) {
      exchange = {
        path: "",
        request: {},
        status: 0,
        response: {},
        fromCache: false,
      };
      exchanges.set(id, exchange);
      list.push(exchange);
    }
    return exchange;
  };
  session.on("Network.requestWillBeSent", ({ requestId, request }) => {
    of(requestId).path = new URL(request.url).pathname;
  });
  session.on("Network.requestWillBeSentExtraInfo", ({ requestId, headers }) => {
    of(requestId).request = lowerCased(headers);
  });
  session.on("Network.responseReceivedExtraInfo", (event) => {
    const exchange = of(event.requestId);
    exchange.status = event.statusCode;
    exchange.response = lowerCased(event.headers);
  });
  // From memory, and from disk.
  session.on("Network.requestServedFromCache", ({ requestId }) => {
    of(requestId).fromCache = true;
  });
  session.on("Network.responseReceived", ({ requestId, response }) => {
    if (response.fromDiskCache) of(requestId).fromCache = true;
  });
  await session.send("Network.enable");
  return list;
}

/** Resolves when all that was asked is answered: events come in no fixed order. */
export async function settled(exchanges: readonly Exchange[]): Promise<void> {
  await until(() =>
    exchanges.every(({ status, fromCache }) => status !== 0 || fromCache)
  );
}

function lowerCased(
  fields: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
