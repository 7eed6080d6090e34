import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import { htmlPage } from "./html.ts";

for (const bytes of [250, 1000, 10_240]) {
  Deno.test(`htmlPage() gives exactly ${bytes} bytes`, () => {
    assertEquals(new TextEncoder().encode(htmlPage(bytes, 1)).length, bytes);
  });
}

Deno.test("htmlPage() gives the same page for the same seed only", () => {
  assertEquals(htmlPage(1000, 7), htmlPage(1000, 7));
  assertNotEquals(htmlPage(1000, 7), htmlPage(1000, 8));
});

Deno.test("htmlPage() compresses as prose does, not as padding does", () => {
  const page = htmlPage(10_240, 1);
  const factor = page.length / gzipSync(page).length;
  assert(factor > 2.5 && factor < 5, `${factor}`);
});
