/**
 * The checkout and projects with a configuration of their own, which it would not
 * heed: it refuses to run their apps, in a sentence that says what does.
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { basename, dirname, join } from "@std/path";
import { run, start, stop, test } from "../support/cli.ts";
import { repository } from "../support/command.ts";
import { inTime } from "../support/in_time.ts";
import { makeTree, type TreeEntry } from "../support/tree.ts";
import { appOf } from "./kinds.ts";
import { byHand, get, withBuild } from "./made_package.ts";

const plainApp = appOf('"hello"');

interface Foreign {
  /** What makes it a project, as the sentence names it. */
  readonly sign: string;
  readonly app: string;
  readonly files: Readonly<Record<string, TreeEntry>>;
}

const foreign: readonly Foreign[] = [
  {
    sign: "deno.json",
    app: "main.ts",
    files: {
      "deno.json": '{ "imports": { "word": "./word.ts" } }',
      "word.ts": 'export const word = "hello";',
      "main.ts": appOf("word", 'import { word } from "word";'),
    },
  },
  {
    sign: "deno.jsonc",
    app: "src/main.ts",
    files: {
      "deno.jsonc": '{ "imports": { "@/": "./src/" } } // paths',
      "src/word.ts": 'export const word = "hello";',
      "src/main.ts": appOf("word", 'import { word } from "@/word.ts";'),
    },
  },
  {
    sign: "deno.json",
    app: "main.ts",
    files: {
      "deno.json": '{ "imports": { "word": "./word.ts" } }',
      "package.json": '{ "type": "module" }',
      "word.ts": 'export const word = "hello";',
      "main.ts": appOf("word", 'import { word } from "word";'),
    },
  },
  {
    sign: "package.json",
    app: "main.ts",
    files: { "package.json": '{ "type": "module" }', "main.ts": plainApp },
  },
  {
    sign: "deno.lock",
    app: "main.ts",
    files: { "deno.lock": '{ "version": "5" }', "main.ts": plainApp },
  },
  {
    sign: "node_modules",
    app: "deep/in/main.ts",
    files: {
      "node_modules": { kind: "directory" },
      "deep/in/main.ts": plainApp,
    },
  },
];

/** Writes the files of a project, the directory of which is its root. */
function makeProject(files: Foreign["files"]) {
  return makeTree(Object.fromEntries(
    Object.entries(files).map(([name, entry]) => [`www/${name}`, entry]),
  ));
}

const title = ({ files, app }: Foreign) =>
  `${app} beside ${
    Object.keys(files).filter((name) => /^[^/]*(json|lock|modules)/.test(name))
  }`;

for (const project of foreign) {
  test(`the checkout refuses ${title(project)}`, async () => {
    using tree = await makeProject(project.files);
    await refuses(project.app, project.sign, tree.root);
  });
}

test("the checkout refuses a URL of an app of another project", async () => {
  const [{ sign, app, files }] = foreign;
  using tree = await makeProject(files);
  await refuses(`file://${tree.root}/${app}`, sign, tree.root);
});

/** Tries it, in the directory of the project. */
async function refuses(app: string, sign: string, cwd: string): Promise<void> {
  const { code, stdout, stderr } = await run(["-p", "0", "--app", app], {
    cwd,
  });
  assertEquals({ code, stdout }, { code: 2, stdout: "" });
  // Where Skein runs for the first time, Deno tells of downloads.
  const lines = stderr.trimEnd().split("\n")
    .filter((line) => !line.includes("Download"));
  assertEquals(lines.length, 3, stderr);
  for (
    const [index, part] of [
      `${basename(app)} belongs to a project with its own ${sign}, `,
      "  deno task package",
      `  cd ${cwd} && `,
    ].entries()
  ) assertStringIncludes(lines[index], part);
}

// One test, for the package must stay as it is until the last of them has used it.
Deno.test(
  "what the checkout says instead serves each of them",
  // The signs after these lead to the same way.
  inTime(() => withBuild(() => serveAll(foreign.slice(0, 4))), 300_000),
);

async function serveAll(projects: readonly Foreign[]): Promise<void> {
  for (const { app, files } of projects) {
    using tree = await makeProject(files);
    const { stderr } = await run(["--app", app], { cwd: tree.root });
    const [, way] = /^ {2}(cd .+)\n/m.exec(stderr)!;
    const command = way.replace(/\bdeno (?=run)/, "exec deno ");
    assertMatch(command, /^cd .* && exec deno run .* --app \S+\.ts$/);
    await using server = await byHand("/", `${command} -p 0 -w 1`);
    assertEquals(await get(server), "hello", command);
  }
}

test("the checkout runs an app that is in no project", async () => {
  using tree = await makeProject({ "main.ts": plainApp });
  await using server = start(["-p", "0", "-w", "1", "--app", "main.ts"], {
    cwd: tree.root,
  });
  assertEquals(await get(await server.greeting), "hello");
  assertEquals((await stop(server)).code, 0);
});

test("the checkout runs an app of its own", async () => {
  const app = join(repository, "tests", "apps", "hello.ts");
  await using server = start(["-p", "0", "-w", "1", "--app", app], {
    cwd: dirname(app),
  });
  assertEquals(await get(await server.greeting), "Hello!");
  assertEquals((await stop(server)).code, 0);
});
