/**
 * The hello page in a browser: what it tells, what it lets people copy, and its
 * demonstration.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { until } from "../support/in_time.ts";
import {
  axeFindings,
  browserTest,
  type Page,
  watch,
} from "../support/browser.ts";

// One browser for all of it: to start one takes longer than each of these.
browserTest(
  "the hello page tells what runs, copies commands and shows that one sleeps while others respond",
  async ({ browser, url }) => {
    const context = await browser.newContext({
      permissions: ["clipboard-read", "clipboard-write"],
      reducedMotion: "reduce",
      colorScheme: "light",
    });
    const page = await context.newPage();
    const { complaints } = watch(page);
    await page.goto(url, { waitUntil: "networkidle" });
    await tells(page);
    await copiesByKeyboard(page);
    assertEquals(await axeFindings(page), []);
    await demonstrates(page);
    assertEquals(complaints, []);
    await isAccessible(page);
    await page.goto(`${url}/none`);
    await isAccessible(page);
    await context.close();
    const plain = await browser.newContext({ javaScriptEnabled: false });
    await worksWithoutScripts(await plain.newPage(), url);
    await plain.close();
  },
);

async function tells(page: Page): Promise<void> {
  assertMatch(
    await page.locator("header").innerText(),
    /Skein 1\.2\.3.* 2 worker threads/,
  );
  await page.locator("code", { hasText: /^skein --list \.$/ }).waitFor();
  const others = page.getByText("deno task start").filter({ visible: true });
  assertEquals(await others.count(), 0);
}

async function copiesByKeyboard(page: Page): Promise<void> {
  const button = page.getByRole("button", { name: "Copy skein ./my-site" });
  await button.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("status").getByText("Copied").waitFor();
  const copied = await page.evaluate("navigator.clipboard.readText()");
  assertEquals(copied, "skein ./my-site");
}

async function demonstrates(page: Page): Promise<void> {
  const button = page.getByRole("button", { name: "Start a slow request" });
  const told = page.getByRole("status").getByText(/slow request/);
  await button.focus();
  await page.keyboard.press("Enter");
  await until(async () => await page.locator(".fast").count() >= 2);
  assertEquals(await told.textContent(), "A slow request is running.");
  const another = page.getByRole("button", { name: "Start another one" });
  assertEquals(await another.getAttribute("aria-disabled"), "false");
  await told.getByText(/ took /).waitFor();
  assertMatch(
    (await told.textContent())!,
    /^The slow request took [0-9.]+ s\. Meanwhile [0-9]+ fast ones took [0-9.]+ m?s each \(the median\), on (another worker|2 workers)\.$/,
  );
  assertEquals(await page.locator(".slept").count(), 1);
  assert(await button.isVisible());
}

async function isAccessible(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 844 });
      assertEquals(await axeFindings(page), [], `${colorScheme}, ${width}`);
      const scrolled = "document.documentElement.scrollWidth";
      assertEquals(await page.evaluate(scrolled), width);
    }
  }
}

async function worksWithoutScripts(page: Page, url: string): Promise<void> {
  await page.goto(url);
  assertEquals(await page.textContent("h1"), "Hello!");
  assert(await page.getByText("deno task start --list .").isVisible());
  assert(await page.getByText(/it is npx skein/).isVisible());
  assertEquals(await page.getByRole("button").count(), 0);
}
