/**
 * The listing as people use it. Its parts are looked for by role and name, which is
 * how assistive technology finds them.
 */

import {
  assertEquals,
  assertLess,
  assertLessOrEqual,
  assertNotEquals,
} from "@std/assert";

import {
  axeFindings,
  type BrowserSite,
  browserTest,
  type Page,
  watch,
} from "../support/browser.ts";

const wide = "acellthatiswiderthanaphone".repeat(4);
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

const texts = [
  "main.ts",
  "app.rs",
  "Makefile",
  "data.csv",
  "notes.md",
  "a.log",
];

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

browserTest(
  "a browser filters a listing by keys alone, and says how many names are left",
  async ({ browser, url }) => {
    const page = await browser.newPage();
    await page.goto(`${url}/music%20%26%20more/`);
    await page.keyboard.press("/");
    await page.keyboard.type("26");
    const box = page.getByRole("searchbox", { name: "Filter" });
    assertEquals(await box.inputValue(), "26");
    assertEquals(await rows(page), ["../", "2026/"]);

    await page.goto(`${url}/`);
    await page.keyboard.press("/");
    await page.keyboard.type("A\u0301"); // An accent too many.
    await page.getByRole("status").getByText("2 of 6").waitFor();
    const shown = async () =>
      await page.getByRole("rowheader").filter({ visible: true })
        .allTextContents();
    assertEquals(await shown(), ["a9.txt", "a10.txt"]);
    await page.keyboard.type("nothing has this name");
    await page.getByRole("status").getByText("None of 6").waitFor();
    assertEquals(await shown(), []);
    await page.keyboard.press("Escape");
    assertEquals(await box.inputValue(), "");
    assertEquals((await shown()).length, 6);
    await page.keyboard.type("b.t");
    await page.keyboard.press("Enter");
    await page.waitForURL(`${url}/b.txt`);
  },
  site,
);

browserTest(
  "a browser shows times in the zone of its reader, without scripts in UTC, and no filter then",
  async ({ browser, url, root }) => {
    await Deno.utime(
      `${root}/b.txt`,
      new Date(),
      new Date("2026-01-31T20:30Z"),
    );
    for (
      const [javaScriptEnabled, header, want] of [
        [true, "Changed", "2026-02-01 05:30"],
        [false, "Changed (UTC)", "2026-01-31 20:30"],
      ] as const
    ) {
      const context = await browser.newContext({
        javaScriptEnabled,
        timezoneId: "Asia/Tokyo",
      });
      const page = await context.newPage();
      await page.goto(`${url}/`);
      const time = page.getByRole("row", { name: "b.txt" }).locator("time");
      await page.getByText(want).waitFor();
      await time.hover();
      assertEquals(
        await time.getAttribute("title"),
        javaScriptEnabled ? "2026-01-31 20:30:00 UTC" : null,
      );
      assertEquals(
        await page.getByRole("columnheader").last().textContent(),
        header,
      );
      assertEquals(
        await page.getByRole("searchbox").count(),
        javaScriptEnabled ? 1 : 0,
      );
      await context.close();
    }
  },
  site,
);

browserTest(
  "a browser shows what a listing leads to, though no program knows its type",
  async ({ browser, url }) => {
    const page = await browser.newPage();
    const downloads: string[] = [];
    page.on("download", (download) => downloads.push(download.url()));
    for (const name of texts) {
      await page.goto(`${url}/`);
      await page.getByRole("link", { name, exact: true }).click();
      await page.waitForURL(`${url}/${name}`);
      assertEquals(await page.textContent("pre"), `in ${name}`);
    }
    assertEquals(downloads, []);
  },
  {
    files: Object.fromEntries(texts.map((name) => [name, `in ${name}`])),
    options: { files: { list: true } },
  },
);

browserTest(
  "a browser keeps the extension of a name at its end, whatever its script",
  async ({ browser, url }) => {
    const page = await browser.newPage();
    await page.goto(`${url}/`);
    // Runs in the page: where the first letter begins, and where the extension does.
    const [name, extension] = await page.evaluate<number[]>(`(() => {
      const text = document.querySelector("tbody a").firstChild;
      const range = document.createRange();
      const left = (from, to) => {
        range.setStart(text, from);
        range.setEnd(text, to);
        return range.getBoundingClientRect().left;
      };
      return [left(0, 1), left(text.length - 3, text.length)];
    })()`);
    assertLess(name, extension);
  },
  {
    files: { "عربي.txt": "" },
    options: { files: { list: true } },
  },
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

browserTest(
  "axe finds nothing on a listing with a README and an archive",
  async ({ browser, url }) => {
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await browser.newPage({ colorScheme });
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 844 });
        for (const path of ["/", "/music%20%26%20more/", "/empty/"]) {
          await page.goto(url + path);
          assertEquals(await axeFindings(page), [], `${path}, ${width}`);
          const scrolled = "document.documentElement.scrollWidth";
          assertEquals(await page.evaluate(scrolled), width, path);
        }
        await page.goto(url);
        await page.keyboard.press("/");
        await page.keyboard.type("no such name");
        await page.getByRole("status").getByText(/^None of/).waitFor();
        assertEquals(await axeFindings(page), [], `no match, ${width}`);
      }
      await page.close();
    }
  },
  {
    files: {
      ...site.files,
      "README.md": "# Notes\n\n- *a* [b](c) `d`\n\n```\ne\n```\n\n" +
        `| f | g |\n|---|---|\n| h | ${wide} |\n\n- [ ] k\n\n> j`,
      "link": { kind: "link", to: "empty" },
    },
    options: { files: { list: true, zip: true } },
  },
);
