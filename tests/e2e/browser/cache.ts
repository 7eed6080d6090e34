/**
 * What a browser asks for again, and what it is spared.
 */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { join } from "@std/path";
import { browserTest, settled, watchNetwork } from "../../support/browser.ts";
import { until } from "../../support/in_time.ts";

browserTest(
  "a browser does not download the style sheet twice",
  async ({ browser, url }) => {
    const page = await browser.newPage();
    await page.goto(`${url}/`, { waitUntil: "networkidle" });
    const exchanges = await watchNetwork(page);
    await page.reload({ waitUntil: "networkidle" });
    await settled(exchanges);
    for (const path of ["/", "/style.css"]) {
      const exchange = exchanges.find((exchange) => exchange.path === path);
      assert(exchange !== undefined, `${path} was not asked for`);
      assert(
        exchange.fromCache || exchange.status === 304,
        `${path} was answered ${exchange.status}`,
      );
    }
    assertEquals(await page.textContent("h1"), "Hello!");
  },
);

browserTest(
  "a browser that reloads a page is told that it has it already, until it changes",
  async ({ browser, url, root }) => {
    const page = await browser.newPage();
    const exchanges = await watchNetwork(page);
    await page.goto(`${url}/page.html`);
    await page.reload();
    await settled(exchanges);
    const [first, second] = exchanges;
    assertEquals([first.status, second.status], [200, 304]);
    assertNotEquals(first.response["etag"], undefined);
    assertEquals(second.request["if-none-match"], first.response["etag"]);
    assertEquals(second.response["etag"], first.response["etag"]);
    assertEquals(await page.textContent("h1"), "old");

    await Deno.writeTextFile(join(root, "page.html"), pageSaying("new"));
    await until(async () => {
      await page.reload();
      return await page.textContent("h1") === "new";
    });
    await settled(exchanges);
    assertEquals(exchanges.at(-1)?.status, 200);
    assertNotEquals(exchanges.at(-1)?.response["etag"], first.response["etag"]);
  },
  { files: { "page.html": pageSaying("old") } },
);

/** Without an icon of its own a browser with a window would ask for one. */
function pageSaying(heading: string): string {
  return `<!doctype html><link rel="icon" href="data:,"><h1>${heading}</h1>`;
}
