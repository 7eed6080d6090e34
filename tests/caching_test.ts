import { assertEquals } from "@std/assert";
import { cacheControl, hasFingerprint } from "../lib/caching.ts";
import { isCompressible, mediaType } from "../lib/media_type.ts";

const forever = "public, max-age=31536000, immutable";

for (
  const { name, seconds = 60, want } of [
    { name: "index.html", want: "no-cache" },
    { name: "page.htm", want: "no-cache" },
    { name: "page.xhtml", want: "no-cache" },
    // A page has to be the newest, whatever its name.
    { name: "page.3f9c2b1a.html", want: "no-cache" },
    { name: "style.css", want: "public, max-age=60" },
    { name: "data.json", want: "public, max-age=60" },
    { name: "photo.jpg", seconds: 3600, want: "public, max-age=3600" },
    { name: "no-extension", want: "public, max-age=60" },
    { name: "app.3f9c2b1a.js", want: forever },
    { name: "index.html", seconds: 3600, want: "no-cache" },
    { name: "style.css", seconds: 0, want: "no-cache" },
    { name: "app.3f9c2b1a.js", seconds: 0, want: forever },
    ...["index.html", "style.css", "app.3f9c2b1a.js"].map((name) => ({
      name,
      seconds: null,
      want: "no-store",
    })),
  ]
) {
  Deno.test(`cacheControl() says "${want}" of ${name} with ${seconds}`, () => {
    assertEquals(cacheControl(name, mediaType(name), seconds), want);
  });
}

for (
  const name of [
    "app.3f9c2b1a.js",
    "app.3f9c2b1a.min.js",
    "app.min.3f9c2b1a.js",
    "app.3f9c2b1a.js.map",
    "app-3f9c2b1a.css",
    "app_3f9c2b1a.css",
    "3f9c2b1a.js",
    "main.0123456789abcdef0123.chunk.js",
    "logo.5d5d9eefa31e5e13a6610d9fa7a283bb.svg",
    "index-BxK3a9Zf.js",
    "index-Bx-3a9Zf.js",
    "index-B_K3a9Zf.css",
    "chunk-7QVYU63E.js",
    "inter-v12-3f9c2b1a.woff2",
  ]
) {
  Deno.test(`hasFingerprint() finds the hash in ${name}`, () => {
    assertEquals(hasFingerprint(name), true);
  });
}

for (
  const name of [
    "app.js",
    "jquery-3.7.1.min.js",
    "bootstrap.5.3.0.css",
    "report-20260801.pdf",
    "20260801.jpg",
    "IMG_20260801_123456.jpg",
    "photo-holiday2024.jpg",
    "my-document.js",
    "hello-workshop.css",
    "facade.decade.js",
    "app.abcdef.js",
    "app.3f9c2b.js",
    "Screenshot.png",
    "UPPERCASE.js",
    "3f9c2b1a",
    "app.3f9c2b1a",
    "app3f9c2b1a.js",
    "v1.2.3-beta.4.js",
    "",
  ]
) {
  Deno.test(`hasFingerprint() finds none in "${name}"`, () => {
    assertEquals(hasFingerprint(name), false);
  });
}

for (
  const { name, want } of [
    { name: "a.html", want: true },
    { name: "a.css", want: true },
    { name: "a.js", want: true },
    { name: "a.json", want: true },
    { name: "a.svg", want: true },
    { name: "a.xml", want: true },
    { name: "a.webmanifest", want: true },
    { name: "a.wasm", want: true },
    { name: "a.ttf", want: true },
    { name: "a.txt", want: true },
    { name: "a.ico", want: true },
    { name: "a.woff2", want: false },
    { name: "a.png", want: false },
    { name: "a.jpg", want: false },
    { name: "a.mp4", want: false },
    { name: "a.zip", want: false },
    { name: "a.gz", want: false },
    { name: "a.pdf", want: false },
    { name: "a", want: false },
    { name: "html", want: false },
  ]
) {
  Deno.test(`isCompressible() says ${want} of ${name}`, () => {
    assertEquals(isCompressible(mediaType(name)), want);
  });
}
