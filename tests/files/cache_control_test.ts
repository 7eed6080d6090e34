import { assertEquals } from "@std/assert";
import { cacheControl, hasFingerprint } from "../../lib/files/cache_control.ts";
import { isCompressible, mediaType } from "../../lib/files/media_type.ts";

const forever = "public, max-age=31536000, immutable";

for (
  const [name, want] of [
    ["index.html", "no-cache"],
    ["style.css", "private, max-age=60"],
    ["app.3f9c2b1a.js", "private, max-age=31536000, immutable"],
  ]
) {
  Deno.test(`cacheControl() says "${want}" of ${name} for some clients`, () => {
    assertEquals(cacheControl(name, mediaType(name), 60, true), want);
  });
}

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
    "app.min-3f9c2b1a.js",
    "styles.3f9c2b1a5d.css",
    "index.BxK3a9Zf.mjs",
    "index-BkT3xY9a.js",
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
    // Never the whole name.
    "3f9c2b1a.js",
    "BxK3a9Zf.js",
    "7QVYU63E.js",
    ".3f9c2b1a.js",
    "-3f9c2b1a.js",
    // What cameras and telephones write, alone and put in order by people.
    "DSCF2345.JPG",
    "DSCN2345.JPG",
    "GOPR2345.JPG",
    "IMGP2345.JPG",
    "P6252345.JPG",
    "holiday-DSCF2345.JPG",
    "2024_P6252345.jpg",
    "holiday.GOPR2345.mp4",
    "lib-GOPR2345.js",
    // Dates and counts.
    "20240131.js",
    "report-20240131.pdf",
    "report.20240131.js",
    "backup-20240131a1b2.tar.gz",
    "build-1234567890.js",
    // Words, and words with a number.
    "app-settings.js",
    "app-deadbeef.js",
    "app-Settings.js",
    "app-SETTINGS.js",
    "app-facade12.js",
    "app-2024face.js",
    "page-chapter2.js",
    "notes-Week3Day.js",
    "shot-iOS17Pro.png",
    "invoice-A4B5C6D7.pdf",
    // Names of things, whose content may change.
    "avatar-550e8400-e29b-41d4-a716-446655440000.png",
    "a1b2c3d4-e5f6-7890-abcd-ef12345678a0.js",
    "avatar-507f1f77bcf86cd799439011.png",
    "v8-3f9c2b1.js",
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
