/**
 * The listing as people use it. Its parts are looked for by role and name, which is
 * how assistive technology finds them.
 */

import { assertEquals, assertLessOrEqual, assertNotEquals } from "@std/assert";

import {
  type BrowserSite,
  browserTest,
  type Page,
  watch,
} from "../support/browser.ts";

const long = "a-name-that-is-longer-than-a-phone-is-wide".repeat(4);
const site: BrowserSite = {
  files: {
    "b.txt": "in b",
    "a10.txt": "x".repeat(2000),
    "a9.txt": "",
    "music & more/2026/[take 1].txt": "one, two",
    "empty": { kind: "directory" },
    [`long/${long}`]: "",
  },
  options: { files: { list: true } },
};

/** The names in the listing, from top to bottom. */
async function rows(page: Page): Promise<string[]> {
  return await page.getByRole("rowheader").allTextContents();
}

async function sorted(page: Page): Promise<(string | null)[]> {
  const headers = await page.getByRole("columnheader").all();
  return await Promise.all(
    headers.map((header) => header.getAttribute("aria-sort")),
  );
}

const folders = ["empty/", "long/", "music & more/"];

browserTest(
  "a browser shows a listing, and has nothing to complain of or to load besides",
  async ({ browser, url }) => {
    const page = await browser.newPage();
    const { complaints, answers } = watch(page);
    await page.goto(`${url}/`, { waitUntil: "networkidle" });
    assertEquals(await page.title(), "Index of /");
    assertEquals(await rows(page), [...folders, "a9.txt", "a10.txt", "b.txt"]);
    const table = page.getByRole("table", { name: "3 folders, 3 files" });
    assertEquals(await table.count(), 1);
    assertEquals(await page.getByText("2.0 kB", { exact: true }).count(), 1);
    assertEquals(answers, [["/", 200]]);
    assertEquals(complaints, []);
  },
  site,
);

browserTest(
  "a browser sorts a listing by a click on a header, without scripts",
  async ({ browser, url }) => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${url}/`);
    assertEquals(await sorted(page), ["ascending", null, null]);
    const click = (name: string) =>
      page.getByRole("columnheader", { name }).getByRole("link").click();

    await click("Size");
    assertEquals(await sorted(page), [null, "descending", null]);
    assertEquals(await rows(page), [...folders, "a10.txt", "b.txt", "a9.txt"]);
    await click("Size");
    assertEquals(await sorted(page), [null, "ascending", null]);
    assertEquals(await rows(page), [...folders, "a9.txt", "b.txt", "a10.txt"]);
    await click("Changed");
    assertEquals(await sorted(page), [null, null, "descending"]);
    await click("Name");
    assertEquals(await sorted(page), ["ascending", null, null]);
    await click("Name");
    assertEquals(await rows(page), [
      ...folders.toReversed(),
      "b.txt",
      "a10.txt",
      "a9.txt",
    ]);
  },
  site,
);

browserTest(
  "a browser follows folders down, breadcrumbs up, and keeps the order on the way",
  async ({ browser, url }) => {
    const page = await browser.newPage();
    const { complaints } = watch(page);
    await page.goto(`${url}/?sort=size&order=desc`);
    const follow = (name: string) =>
      page.getByRole("link", { name, exact: true }).click();
    const crumb = (name: string) =>
      page.getByRole("navigation", { name: "Breadcrumb" })
        .getByRole("link", { name, exact: true }).click();
    const where = () => decodeURIComponent(new URL(page.url()).pathname);

    await follow("music & more/");
    await follow("2026/");
    assertEquals(where(), "/music & more/2026/");
    assertEquals(await page.textContent("h1"), "2026");
    assertEquals(await sorted(page), [null, "descending", null]);
    assertEquals(await rows(page), ["../", "[take 1].txt"]);
    await crumb("music & more");
    assertEquals(where(), "/music & more/");
    await follow("Parent folder");
    assertEquals(where(), "/");
    assertEquals(await sorted(page), [null, "descending", null]);

    await follow("empty/");
    assertEquals(await page.getByText("This folder is empty.").count(), 1);
    await crumb("Home");
    assertEquals(where(), "/");
    assertEquals(complaints, []);
  },
  site,
);

/** Names that mean something to a URL, to HTML, or to the eye. */
const oddNames = [
  "a b",
  " beside and between  ",
  "100%",
  "%2e%2e%2f",
  "a#b",
  "a?b=c&d",
  "<img src=x onerror=alert(1)>",
  "&lt;&#60;",
  `"'\``,
  "javascript:alert(1)",
  "http:example",
  "new\nline",
  "bell\x07",
  "right\u202eleft",
  "日本.txt",
  "👩\u200d👧",
  "~",
  "index.html ",
];

browserTest(
  "a browser is led to every file of a listing, whatever its name",
  async ({ browser, url }) => {
    const page = await browser.newPage();
    const dialogs: string[] = [];
    page.on("dialog", async (dialog) => {
      dialogs.push(dialog.message());
      await dialog.dismiss();
    });
    await page.goto(`${url}/odd/`);
    const links = page.getByRole("rowheader").getByRole("link");
    const hrefs = await links.evaluateAll((links) =>
      links.map((link) => (link as unknown as { href: string }).href)
    );
    const found = [];
    for (const href of hrefs.slice(1)) {
      const response = await page.request.get(href);
      found.push(`${response.status()} ${await response.text()}`);
    }
    assertEquals(
      found.toSorted(),
      oddNames.map((name) => `200 in ${name}`).toSorted(),
    );
    assertEquals(dialogs, []);
  },
  {
    files: Object.fromEntries(
      oddNames.map((name) => [`odd/${name}`, `in ${name}`]),
    ),
    options: { files: { list: true } },
  },
);

browserTest(
  "a browser shows a listing light or dark, as one likes it",
  async ({ browser, url }) => {
    const page = await browser.newPage();
    await page.goto(`${url}/`);
    const look = async (colorScheme: "light" | "dark") => {
      await page.emulateMedia({ colorScheme });
      // Runs in the page.
      return await page.evaluate<string[]>(`(() => {
        const { backgroundColor, color } = getComputedStyle(document.body);
        return [backgroundColor, color];
      })()`);
    };
    const light = await look("light");
    assertEquals(light, ["rgb(248, 244, 236)", "rgb(93, 89, 102)"]);
    assertEquals(await look("dark"), [
      "rgb(23, 22, 29)",
      "rgb(177, 173, 186)",
    ]);
    const picture = async () => (await page.screenshot()).toString("base64");
    const dark = await picture();
    assertEquals(await look("light"), light);
    assertNotEquals(await picture(), dark);
  },
  site,
);

browserTest(
  "a browser fits a listing into a small phone, and it is a table still",
  async ({ browser, url }) => {
    const page = await browser.newPage({
      viewport: { width: 320, height: 568 },
      isMobile: true,
    });
    for (const path of ["/", "/long/", "/empty/"]) {
      await page.goto(url + path);
      const width = await page.evaluate("document.documentElement.scrollWidth");
      assertLessOrEqual(width as number, 320);
    }
    await page.goto(`${url}/`);
    const row = page.getByRole("row", { name: "a10.txt" });
    assertEquals(await row.getByRole("cell").count(), 2);
    assertEquals(await page.getByRole("columnheader").count(), 3);
    // As high as a finger is wide (WCAG 2.2, 2.5.8).
    const link = await row.getByRole("link").boundingBox();
    assertLessOrEqual(24, link!.height);
  },
  site,
);
