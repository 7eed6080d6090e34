/**
 * Why Skein does not start, where files have other names.
 */

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import {
  explain,
  explainRoot,
  permissionHint,
} from "../../lib/cli/startup_errors.ts";
import { BootError } from "../../lib/pool/boot_error.ts";
import { makeTree } from "../support/tree.ts";

const files = {
  "main.ts": "",
  "site/public/a.html": "",
  "site/server.js": "",
};

/** What is named as ROOT, and what is said. */
const roots: readonly [name: string, says: string][] = [
  ["sit", 'There is no directory "sit"; did you mean site?'],
  [
    "site/publik",
    'There is no directory "site/publik"; did you mean site/public?',
  ],
  [
    "site/publik/",
    'There is no directory "site/publik/"; did you mean site/public?',
  ],
  ["nothing", 'There is no directory "nothing"; name one that exists'],
  ["no/such", 'There is no directory "no/such"; name one that exists'],
  [
    "main.ts",
    '"main.ts" is a module; to serve the app in it, write --app main.ts',
  ],
  ["maim.ts", 'There is no "maim.ts"; did you mean --app main.ts?'],
  [
    "./site/servr.js",
    'There is no "./site/servr.js"; did you mean --app ./site/server.js?',
  ],
  [
    "site/other.js",
    'There is no "site/other.js"; name a directory that exists, or an app with --app',
  ],
  [
    "site/public/a.html",
    '"site/public/a.html" is not a directory; name the directory that it is in',
  ],
];

for (const [name, says] of roots) {
  Deno.test(`Skein does not serve ${name}`, async () => {
    using tree = await makeTree(files);
    const path = join(tree.path(""), name);
    assertEquals(explainRoot(await failureOf(path), name, path), says);
  });
}

async function failureOf(path: string): Promise<unknown> {
  try {
    await Deno.stat(path);
    return new Deno.errors.NotADirectory();
  } catch (error) {
    return error;
  }
}

const apps: readonly [name: string, says: string][] = [
  ["maim.ts", "; did you mean main.ts?"],
  ["site/sever.js", "; did you mean server.js?"],
  ["site/other.js", "; name one that exists"],
  ["no/such.js", "; name one that exists"],
];

for (const [name, says] of apps) {
  Deno.test(`Skein tells what lies beside the app ${name}`, async () => {
    using tree = await makeTree(files);
    const message = `There is no module ${tree.path(name)}`;
    const place = { hostname: "127.0.0.1", port: 0 };
    assertEquals(explain(new BootError(message), place), message + says);
  });
}

for (
  const { command, hint } of [
    {
      command: { kind: "checkout", text: "main.ts --app a.ts" } as const,
      hint: "\nTo allow everything: deno run -A main.ts --app a.ts",
    },
    {
      command: { kind: "binary" } as const,
      hint: "\nThe binary was compiled without --allow-run",
    },
  ]
) {
  Deno.test(`an app that lacks a permission, from a ${command.kind}`, () => {
    const why =
      'NotCapable: Requires run access to "ls", run again with the --allow-run flag\n    at a.ts:1:1';
    assertEquals(permissionHint(why, command), hint);
    assertEquals(permissionHint("Error: another", command), "");
  });
}
