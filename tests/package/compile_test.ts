/**
 * `deno task compile` where it cannot do its work: what is missing is said in words, and
 * any other error is Deno's own. That it does its work is seen by `.ci/run`.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { repository } from "../support/command.ts";
import { inTime } from "../support/in_time.ts";
import { makeTree } from "../support/tree.ts";

/** Nobody listens there: whatever Deno would download does not come. */
const nowhere = "http://127.0.0.1:1";

interface Ended {
  readonly code: number;
  readonly stderr: string;
}

/** Runs the task with a cache of Deno that has all but runtimes. */
async function compile(
  flags: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended & { readonly cache: string }> {
  using tree = await makeTree({});
  const { DENORT_BIN: _, FORCE_COLOR: __, ...inherited } = Deno.env.toObject();
  const { denoDir } = JSON.parse(await outputOf("info", "--json"));
  for (const { name } of Deno.readDirSync(denoDir)) {
    if (name === "dl") continue;
    await Deno.symlink(join(denoDir, name), join(tree.root, name));
  }
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "-A", ".ci/compile.ts", "--no-check"],
      ...["--output", tree.path("skein"), ...flags],
    ],
    cwd: repository,
    clearEnv: true,
    env: {
      ...inherited,
      ...{ DENO_DIR: tree.root, HTTPS_PROXY: nowhere, NO_COLOR: "1", ...env },
    },
    stdout: "null",
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr), cache: tree.root };
}

async function outputOf(...args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test(
  "compile without its runtime says which one, and how to go on",
  inTime(async () => {
    const { code, stderr, cache } = await compile([]);
    assertEquals(code, 1, stderr);
    const { version: { deno }, build: { target } } = Deno;
    const said = stderr.slice(stderr.indexOf("compile:"));
    assertEquals(said.split("\n"), [
      `compile: an executable needs denort, the runtime of Deno ${deno} for`,
      `${target}, and this machine cannot download it. Do one of these,`,
      "and run this again:",
      "- Let the machine reach Deno's own server, or set HTTPS_PROXY.",
      `- Put denort-${target}.zip of Deno ${deno} into`,
      `  ${join(cache, "dl", "release", `v${deno}`)}`,
      "- Unpack that archive, and set DENORT_BIN to the path of the file in it.",
      "",
    ]);
    assertEquals(/^error|backtrace|Caused by/m.test(stderr), false, stderr);
  }, 60_000),
);

interface Row {
  readonly name: string;
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly says: RegExp;
}

const others: readonly Row[] = [
  {
    name: "a flag that Deno does not know",
    flags: ["--nonsense"],
    env: {},
    says: /^error: unexpected argument '--nonsense'/m,
  },
  {
    name: "a runtime that is not where DENORT_BIN says",
    flags: [],
    env: { DENORT_BIN: "/nowhere/denort" },
    says: /^ +0: Could not find denort at '\/nowhere\/denort'/m,
  },
];

for (const { name, flags, env, says } of others) {
  Deno.test(
    `compile shows Deno's own error of ${name}`,
    inTime(async () => {
      const { code, stderr } = await compile(flags, env);
      assertEquals(code, 1, stderr);
      assertMatch(stderr, says);
      assertEquals(stderr.includes("compile:"), false, stderr);
    }, 60_000),
  );
}
