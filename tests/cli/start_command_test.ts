/**
 * The command that is shown to people: it works where they typed the one before.
 */

import { assertEquals } from "@std/assert";
import { startCommand, type Started } from "../../lib/cli/start_command.ts";

const rows: readonly (readonly [Started, string])[] = [
  [started("checkout", "/s/main.ts", "/s"), "deno task start"],
  [started("checkout", "/s/main.ts", "/s/lib"), "deno task start"],
  [started("checkout", "/s/main.ts", "/"), "deno run -A /s/main.ts"],
  [started("checkout", "/s/main.ts", "/so"), "deno run -A /s/main.ts"],
  [started("checkout", "/a b/main.ts", "/"), "deno run -A '/a b/main.ts'"],
  [
    { ...started("checkout", "/s/main.ts", "/s"), byNpx: true },
    "npx --yes deno task start",
  ],
  [
    { ...started("checkout", "/s/main.ts", "/"), byNpx: true },
    "npx --yes deno run -A /s/main.ts",
  ],
  [
    started("package", "/p/node_modules/@skein/skein/main.js", "/p"),
    "npx skein",
  ],
  [
    started("package", "/p/node_modules/@skein/skein/main.js", "/p/src"),
    "npx skein",
  ],
  [
    started("package", "/p/node_modules/@skein/skein/main.js", "/q"),
    "deno run -A --unstable-worker-options /p/node_modules/@skein/skein/main.js",
  ],
  [
    started("package", "/s/dist/package/main.js", "/s"),
    "deno run -A --unstable-worker-options /s/dist/package/main.js",
  ],
  [started("binary", "/b/skein", "/b"), "./skein"],
  [started("binary", "/b/out/my skein", "/b"), "'./out/my skein'"],
  [started("binary", "/usr/bin/skein", "/b"), "/usr/bin/skein"],
];

function started(
  kind: Started["kind"],
  path: string,
  directory: string,
): Started {
  return { kind, path, directory, byNpx: false };
}

for (const [where, command] of rows) {
  Deno.test(`${JSON.stringify(where)}: ${command}`, () => {
    assertEquals(startCommand(where), command);
  });
}
