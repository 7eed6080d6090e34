/**
 * The bundled site as people see it: in a browser, if there is one on this machine.
 * What is asserted is what the browser itself says of what it loaded. What else needs
 * a browser, and has no room of its own, is tried in the same one.
 */

import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertNotEquals,
} from "@std/assert";
import { browserTest, watch } from "../support/browser.ts";
import "./browser/cache.ts";
import "./browser/chat.ts";
import "./browser/media.ts";

browserTest(
  "a browser shows the hello page, and has nothing to complain of",
  async ({ browser, url }) => {
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

browserTest(
  "a browser finds an icon, named or not",
  async ({ browser, url }) => {
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
  },
);

browserTest(
  "a browser shows the 404 page for an unknown path, however deep",
  async ({ browser, url }) => {
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
  async ({ browser, url }) => {
    for (const path of ["/", "/nothing"]) {
      const page = await browser.newPage();
      // Its script has then shown what it adds.
      await page.goto(url + path, { waitUntil: "networkidle" });
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
  async ({ browser, url }) => {
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
