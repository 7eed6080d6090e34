/**
 * What arguments name depends on how Skein was started, and where.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { join, toFileUrl } from "@std/path";
import { UsageError } from "../../lib/cli/flags.ts";
import { Invocation, nameOf } from "../../lib/cli/invocation.ts";
import { makeTree } from "../support/tree.ts";

const cwd = Deno.cwd();

/** Skein in that file, started with two arguments. */
function startedFrom(filename: string): Invocation {
  const { href: url } = toFileUrl(filename);
  const dirname = join(filename, "..");
  return new Invocation({ url, filename, dirname }, ["-p", "a b"]);
}

const checkout = startedFrom("/s/main.ts");

Deno.test("paths are those of the directory in which the command was typed", () => {
  const path = join(cwd, "a");
  assertEquals(checkout.path("a"), path);
  assertEquals(checkout.path("/a"), "/a");
  assertEquals(checkout.address({ path: "a", mode: 0o600 }), {
    path,
    mode: 0o600,
  });
  const address = { hostname: "h", port: 1 };
  assertEquals(checkout.address(address), address);
  assertEquals(checkout.auth({ file: "a", plain: true }), {
    file: path,
    plain: true,
  });
  assertEquals(
    checkout.tls({
      pairs: [{ cert: "a", key: "/k" }],
      clientCa: "a",
      clientOptional: false,
      redirectFrom: { path: "a" },
      hsts: true,
    }),
    {
      pairs: [{ cert: path, key: "/k" }],
      clientCa: path,
      clientOptional: false,
      redirectFrom: { path },
      hsts: true,
    },
  );
});

for (
  const [module, url] of [
    ["/srv/a b.ts", "file:///srv/a%20b.ts"],
    ["app.ts", toFileUrl(join(cwd, "app.ts")).href],
    ["https://a.example/app.ts", "https://a.example/app.ts"],
    ["npm:x@1", "npm:x@1"],
    ["file:///srv/app.ts", "file:///srv/app.ts"],
  ]
) {
  Deno.test(`--app ${module} is ${url}`, () => {
    assertEquals(checkout.appUrl(module), url);
  });
}

Deno.test("a checkout is started by its path, a package with options that are not known", () => {
  assertEquals(checkout.command, {
    kind: "checkout",
    text: "/s/main.ts -p 'a b'",
  });
  assertEquals(startedFrom("/p/main.js").command, { kind: "package" });
});

Deno.test("a checkout runs no app of another project, a package does", async () => {
  using tree = await makeTree({ "deno.json": "{}", "app.ts": "" });
  const app = tree.path("app.ts");
  assertThrows(
    () => checkout.refuseForeign(app, "1.2.3"),
    UsageError,
    "/s/dist/package/main.js --app app.ts",
  );
  startedFrom("/p/main.js").refuseForeign(app, "1.2.3");
  startedFrom(tree.path("main.ts")).refuseForeign(app, "1.2.3");
});

Deno.test("messages call an app in a binary by its name", () => {
  assertEquals(nameOf("embedded:../a/app.ts"), "app.ts");
  assertEquals(nameOf("a/app.ts"), "a/app.ts");
});
