/**
 * A chat in two pages of a browser, which goes on through a reload of the server.
 */

import { assertEquals } from "@std/assert";
import { browserTest, type Page } from "../../support/browser.ts";

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel("Message").fill(text);
  await page.getByRole("button", { name: "Send" }).click();
}

function said(page: Page): Promise<string[]> {
  return page.getByRole("listitem").allTextContents();
}

/** Waits until both pages show that as the last line. */
async function heard(pages: readonly Page[], text: string): Promise<void> {
  for (const page of pages) {
    await page.getByRole("listitem").filter({ hasText: text }).waitFor();
  }
}

browserTest(
  "two pages of a browser chat through a reload: their sockets end with 1012, and they come again",
  async ({ browser, url, skein }) => {
    const pages = [await browser.newPage(), await browser.newPage()];
    for (const page of pages) {
      await page.goto(url);
      await page.getByText("Connected").waitFor();
    }
    await say(pages[0], "one");
    await heard(pages, "one");
    assertEquals((await skein.reload()).kind, "reloaded");
    // The sockets of the old workers go on meanwhile.
    await say(pages[1], "two");
    await heard(pages, "two");
    for (const page of pages) {
      await page.getByText("Connected again, after a close with 1012")
        .waitFor();
    }
    await say(pages[1], "three");
    await heard(pages, "three");
    for (const page of pages) {
      assertEquals(await said(page), ["one", "two", "three"]);
    }
  },
  {
    files: {},
    options: {
      app: new URL("../../apps/chat.ts", import.meta.url),
      workers: 2,
      drainMs: 2000,
    },
  },
);
