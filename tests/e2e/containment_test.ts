/**
 * A directory served over sockets: what never gets out of it.
 */

import { assert, assertEquals, assertFalse } from "@std/assert";
import { exchange } from "../support/exchange.ts";
import {
  hiddenPaths,
  pathCases,
  wellKnownPaths,
} from "../support/path_cases.ts";
import { serveTree } from "../support/served_tree.ts";

const secret = "root:x:0:0";

/** Ways out that are no matter of one segment: all lead to 400 or 404. */
const waysOut = [
  "/../secret.txt",
  "/../../../../../../../../etc/passwd",
  "/docs/../../secret.txt",
  "/docs/..",
  "/./../secret.txt",
  "//../secret.txt",
  "/..//secret.txt",
  "/%2e%2e/secret.txt",
  "/%2E%2E/secret.txt",
  "/.%2e/secret.txt",
  "/%2e./secret.txt",
  "/docs/%2e%2e/%2e%2e/secret.txt",
  "/%2e%2e%2fsecret.txt",
  "/..%2fsecret.txt",
  "/..%2Fsecret.txt",
  "/docs%2f..%2f..%2fsecret.txt",
  "/%252e%252e/secret.txt",
  "/%252e%252e%252fsecret.txt",
  "/..%252fsecret.txt",
  "/%25252e%25252e/secret.txt",
  "/..\\secret.txt",
  "/..%5csecret.txt",
  "/..%5Csecret.txt",
  "/..%255csecret.txt",
  "/docs\\..\\..\\secret.txt",
  "/%5c..%5csecret.txt",
  "/\\secret.txt",
  "/%c0%ae%c0%ae/secret.txt",
  "/%c0%2e%c0%2e/secret.txt",
  "/..%c0%afsecret.txt",
  "/..%c1%9csecret.txt",
  "/..%e0%80%afsecret.txt",
  "/%e0%80%ae%e0%80%ae/secret.txt",
  "/%f0%80%80%ae%f0%80%80%ae/secret.txt",
  "/%u002e%u002e/secret.txt",
  "/%uff0e%uff0e/secret.txt",
  "/%ef%bc%8e%ef%bc%8e/secret.txt",
  "/..%ef%bc%8fsecret.txt",
  "/..%00/secret.txt",
  "/%00/../secret.txt",
  "/../secret.txt%00.html",
  "/../secret.txt%00",
  "/..;/secret.txt",
  "/docs/..;/..;/secret.txt",
  "/.../secret.txt",
  "/.../.../secret.txt",
  "/....//secret.txt",
  "/....//....//secret.txt",
  "/..%20/secret.txt",
  "/..%09/secret.txt",
  "/..%0d%0a/secret.txt",
  "/..%3f/secret.txt",
  "/..%23/secret.txt",
  "/~/secret.txt",
  "/~root/secret.txt",
  "/etc/passwd",
  "//etc/passwd",
  "///etc/passwd",
  "/%2fetc%2fpasswd",
  "/%2f%2fetc/passwd",
  "/file:///etc/passwd",
  "/file:%2f%2f%2fetc%2fpasswd",
  "/c:/windows/win.ini",
  "/c:%5cwindows%5cwin.ini",
  "/proc/self/environ",
  "/dev/zero",
  "/www/../secret.txt",
  "/../www-backup/secret.txt",
  "/../www/index.html",
  "/link-out.txt",
  "/link-to-passwd",
  "/dir-link-out/secret.txt",
  "/dir-link-out/",
  "/dir-link-out",
  "/link-up/secret.txt",
  "/link-to-device",
  "/fifo",
  "/socket",
];

for (const list of [false, true]) {
  Deno.test(`a server ${list ? "that lists " : ""}gives away nothing that is outside`, async () => {
    await using site = await serveTree({
      "www/index.html": "inside",
      "www/docs/page.html": "inside",
      "secret.txt": secret,
      "www-backup/secret.txt": secret,
      "www/link-out.txt": { kind: "link", to: "/secret.txt" },
      "www/link-to-passwd": { kind: "link", to: "../../../../../etc/passwd" },
      "www/dir-link-out": { kind: "link", to: "/www-backup" },
      "www/link-up": { kind: "link", to: ".." },
      "www/link-to-device": { kind: "link", to: "../../../../../dev/zero" },
      "www/fifo": { kind: "fifo" },
      "www/socket": { kind: "socket" },
    }, { files: { list } });
    const targets = [
      ...waysOut,
      ...waysOut.map((path) => `${path}/`),
      ...waysOut.map((path) => `${path}?x=/../secret.txt`),
    ];
    for (const target of targets) {
      const answer = await exchange(site.server, target);
      assert(
        answer.status === 400 || answer.status === 404,
        `${target} is answered ${answer.status}`,
      );
      assertFalse(answer.text.includes(secret), target);
      assertFalse(answer.text.includes("inside"), target);
    }
    const listing = await exchange(site.server, "/docs/");
    assertEquals(listing.status, list ? 200 : 404);
    assertEquals(site.server.log, []);
  });
}

Deno.test("a server answers 400 to every path that no name can have", async () => {
  await using site = await serveTree({ "www/index.html": "inside" });
  for (const { path, want, why } of pathCases) {
    // What is no character of a request line is refused before it is a path.
    if (path.includes("\0") || path === "/") continue;
    const { status } = await exchange(site.server, path);
    assertEquals(status, want === null ? 400 : 404, `${path} (${why})`);
  }
});

Deno.test("a server hides dotfiles, whatever is below them, and not .well-known", async () => {
  await using site = await serveTree({
    "www/.env": secret,
    "www/.git/config": secret,
    "www/docs/.htaccess": secret,
    "www/.well-known/security.txt": "Contact: us",
    "www/.well-known/.secret": secret,
    "www/.index.html": secret,
    "www/.cellar/index.html": secret,
  }, { files: { list: true, spa: false } });
  for (const path of [...hiddenPaths, "/."]) {
    const { status, text } = await exchange(site.server, path);
    assertEquals(status, path === "/." ? 400 : 404, path);
    assertFalse(text.includes(secret), path);
  }
  for (const path of wellKnownPaths) {
    assertEquals((await exchange(site.server, path)).text, "Contact: us");
  }
  for (const path of ["/", "/docs/", "/.well-known/"]) {
    const { status, text } = await exchange(site.server, path);
    assertEquals(status, 200);
    for (const name of [".env", ".git", ".htaccess", ".secret", ".cellar"]) {
      assertFalse(text.includes(name), `${path} tells of ${name}`);
    }
  }
});
