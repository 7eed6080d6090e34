/**
 * `deno task compile [--app MODULE] [--output NAME] [flags of deno compile]`: one
 * executable, which needs nothing beside it. Without `--app` it is the file server,
 * `./skein`; with it, it runs that app on the pool, by the configuration of the
 * project that the app is in. Without permissions among the flags it gets those of
 * `deno task start`.
 *
 * @module
 */

import { fromFileUrl, join, relative, resolve } from "@std/path";
import { parseArgs } from "node:util";
import config from "../deno.json" with { type: "json" };
import { projectOf } from "../lib/cli/app_project.ts";
import { build, helloApp, packageDirectory, workerEntries } from "./package.ts";

const repository = fromFileUrl(new URL("..", import.meta.url));

/** What the executable is made of. */
interface Recipe {
  readonly module: string;
  readonly included: readonly string[];
  readonly output: string;
  readonly flags: readonly string[];
  /** What is before the arguments that it is started with. */
  readonly args: readonly string[];
}

function fileServer(output: string): Recipe {
  return {
    module: "main.ts",
    included: [...entriesIn("lib", ".ts"), `${helloApp}.ts`, "static"],
    output,
    flags: [],
    args: [],
  };
}

async function appServer(app: string, output: string): Promise<Recipe> {
  await build();
  const project = projectOf(app);
  const configuration = project?.config ?? null;
  return {
    module: join(packageDirectory, "main.js"),
    included: [...entriesIn(join(packageDirectory, "lib"), ".js"), app],
    output,
    flags: [
      ...configuration === null ? [] : ["--config", configuration],
      ...config.unstable.map((name) => `--unstable-${name}`),
    ],
    args: ["--app", `embedded:${relative(packageDirectory, app)}`],
  };
}

function entriesIn(lib: string, extension: string): string[] {
  return workerEntries.map((name) => join(lib, name + extension));
}

/** @returns the exit code */
async function compile(recipe: Recipe, more: string[]): Promise<number> {
  const permissions = more.some((flag) => /^(?:-A|--allow-)/.test(flag))
    ? []
    : config.tasks.start.command.match(/--allow-\S+/g)!;
  const { code, stderr } = await deno(
    ...["compile", "--no-prompt", ...permissions, ...recipe.flags, ...more],
    ...recipe.included.flatMap((path) => ["--include", path]),
    ...["--output", recipe.output, recipe.module, ...recipe.args],
  );
  if (code !== 0 && /denort/.test(stderr)) console.error(withoutRuntime);
  return code;
}

const withoutRuntime = `
deno compile puts a runtime into the executable, and could not download it here. Allow
this machine to reach Deno's download server, or set DENORT_BIN to the path of a denort
of this version (it is in the release of Deno beside deno itself), and run this again.`;

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

async function deno(
  ...args: string[]
): Promise<{ code: number; stderr: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd: repository,
    stderr: "piped",
  }).spawn();
  const [shown, kept] = child.stderr.tee();
  const [{ code }, stderr] = await Promise.all([
    child.status,
    new Response(kept).text(),
    shown.pipeTo(Deno.stderr.writable, { preventClose: true }),
  ]);
  return { code, stderr };
}

/** `deno task` leaves the directory in which it was typed there. */
const caller = Deno.env.get("INIT_CWD") ?? Deno.cwd();
const { values, tokens } = parseArgs({
  options: { app: { type: "string" }, output: { type: "string", short: "o" } },
  strict: false,
  allowPositionals: true,
  tokens: true,
});
const more = tokens.flatMap((token) =>
  token.kind === "option" && !["app", "output"].includes(token.name)
    ? [
      token.value === undefined
        ? token.rawName
        : `${token.rawName}=${token.value}`,
    ]
    : []
);
const [stray] = tokens.filter(({ kind }) => kind === "positional");
if (stray !== undefined) {
  console.error("compile: an app is named by --app MODULE");
  Deno.exit(2);
}
if (values.app !== undefined && !exists(resolve(caller, `${values.app}`))) {
  console.error(`compile: there is no module "${values.app}"`);
  Deno.exit(2);
}
const output = resolve(caller, `${values.output ?? "skein"}`);
const recipe = values.app === undefined
  ? fileServer(output)
  : await appServer(resolve(caller, `${values.app}`), output);
Deno.exit(await compile(recipe, more));
