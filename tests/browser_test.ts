/**
 * The bundled site as people see it: in a browser, if there is one on this machine.
 * What is asserted is what the browser itself says of what it loaded.
 */

import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertNotEquals,
} from "@std/assert";
import { join } from "@std/path";
// Not in the import map: no other file may come to need a browser's driver.
// deno-lint-ignore no-import-prefix
import type { Browser, Page } from "npm:playwright-core@1.65.1";
import { until } from "./support/in_time.ts";
import { startTestServer } from "./support/test_server.ts";

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

function browserTest(
  name: string,
  body: (browser: Browser, url: string) => Promise<void>,
): void {
  Deno.test({
    name: executablePath === null
      ? `${name} (skipped: there is no Chromium on the PATH)`
      : name,
    ignore: executablePath === null,
    fn: () => withBrowser(body),
  });
}

async function withBrowser(
  body: (browser: Browser, url: string) => Promise<void>,
): Promise<void> {
  // Here, so that nobody without a browser has to download its driver.
  // deno-lint-ignore no-import-prefix
  const { chromium } = await import("npm:playwright-core@1.65.1");
  await using server = await startTestServer();
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
    await body(browser, server.url);
    assertEquals(server.log, []);
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
interface Watch {
  readonly complaints: string[];
  /** Path and status, in the order of the answers. */
  readonly answers: [path: string, status: number][];
}

function watch(page: Page): Watch {
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

browserTest(
  "a browser shows the hello page, and has nothing to complain of",
  async (browser, url) => {
    const page = await browser.newPage();
    const { complaints, answers } = watch(page);
    const response = await page.goto(`${url}/`, { waitUntil: "networkidle" });
    assertEquals(response?.status(), 200);
    assertEquals(await page.textContent("h1"), "Hello!");
    assert((await page.textContent("body"))?.includes("Hi from Skein"));
    assertEquals(await page.title(), "Hello!");
    // The picture is there and was understood.
    assert(
      await page.$eval(
        "img",
        (image) => (image as unknown as { naturalWidth: number }).naturalWidth,
      ) > 0,
    );
    const paths = answers.map(([path]) => path);
    assert(paths.includes("/style.css") && paths.includes("/skein.svg"));
    for (const [path, status] of answers) {
      assertEquals([path, status], [
        path,
        200,
      ]);
    }
    assertEquals(complaints, []);
  },
);

browserTest("a browser finds an icon, named or not", async (browser, url) => {
  const page = await browser.newPage();
  await page.goto(`${url}/`);
  // A browser without a window asks for none by itself.
  const named = await page.getAttribute("link[rel=icon]", "href");
  for (const path of [named!, "/favicon.ico"]) {
    const loaded = await page.evaluate(
      // Runs in the page.
      `new Promise((resolve) => {
        const image = new Image();
        image.onload = () => resolve(image.width > 0);
        image.onerror = () => resolve(false);
        image.src = ${JSON.stringify(path)};
      })`,
    );
    assertEquals([path, loaded], [path, true]);
  }
});

browserTest(
  "a browser shows the 404 page for an unknown path, however deep",
  async (browser, url) => {
    for (const path of ["/nothing", "/nothing/here/either?query"]) {
      const page = await browser.newPage();
      const { answers } = watch(page);
      const response = await page.goto(url + path, {
        waitUntil: "networkidle",
      });
      assertEquals(response?.status(), 404);
      assertEquals(await page.textContent("h1"), "Oops!");
      // What it is made of is found from there too.
      const [document, ...rest] = answers;
      assertEquals(document[1], 404);
      assert(rest.some(([path]) => path === "/style.css"));
      for (const [path, status] of rest) {
        assertEquals([path, status], [
          path,
          200,
        ]);
      }
      await page.click("a");
      assertEquals(await page.textContent("h1"), "Hello!");
    }
  },
);

browserTest(
  "a browser shows the pages light or dark, as one likes it",
  async (browser, url) => {
    for (const path of ["/", "/nothing"]) {
      const page = await browser.newPage();
      await page.goto(url + path);
      const shoot = async (colorScheme: "light" | "dark") => {
        await page.emulateMedia({ colorScheme });
        const picture = await page.screenshot({ animations: "disabled" });
        return picture.toString("base64");
      };
      const light = await shoot("light");
      const dark = await shoot("dark");
      assertNotEquals(dark, light);
      // It was the scheme that made the difference.
      assert(await shoot("light") === light);
    }
  },
);

browserTest(
  "a browser fits the pages into a small phone",
  async (browser, url) => {
    const page = await browser.newPage({
      viewport: { width: 320, height: 568 },
      isMobile: true,
    });
    for (const path of ["/", "/nothing"]) {
      await page.goto(url + path);
      const width = await page.evaluate("document.documentElement.scrollWidth");
      assertLessOrEqual(width as number, 320);
    }
  },
);

browserTest(
  "a browser does not download the style sheet twice",
  async (browser, url) => {
    const page = await browser.newPage();
    await page.goto(`${url}/`, { waitUntil: "networkidle" });
    // The driver tells a revalidated answer as the one that it stands for.
    const session = await page.context().newCDPSession(page);
    const ids = new Map<string, string>();
    const statuses = new Map<string, number>();
    const cached = new Set<string>();
    session.on("Network.requestWillBeSent", ({ requestId, request }) => {
      ids.set(new URL(request.url).pathname, requestId);
    });
    session.on("Network.responseReceivedExtraInfo", (event) => {
      statuses.set(event.requestId, event.statusCode);
    });
    session.on("Network.requestServedFromCache", ({ requestId }) => {
      cached.add(requestId);
    });
    await session.send("Network.enable");
    await page.reload({ waitUntil: "networkidle" });
    for (const path of ["/", "/style.css"]) {
      const id = ids.get(path);
      assert(id !== undefined, `${path} was not asked for`);
      assert(
        cached.has(id) || statuses.get(id) === 304,
        `${path} was answered ${statuses.get(id)}`,
      );
    }
    assertEquals(await page.textContent("h1"), "Hello!");
  },
);
