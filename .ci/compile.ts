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
import { TextLineStream } from "@std/streams";
import { parseArgs, stripVTControlCharacters } from "node:util";
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
  const { code, error } = await deno(
    ...["compile", "--no-prompt", ...permissions, ...recipe.flags, ...more],
    ...recipe.included.flatMap((path) => ["--include", path]),
    ...["--output", recipe.output, recipe.module, ...recipe.args],
  );
  if (code !== 0) console.error(withoutRuntime(error) ?? error.trimEnd());
  return code;
}

/**
 * What is said instead of an error of `deno compile` that is about its runtime: which
 * archive it looked for, and how to give it one.
 */
function withoutRuntime(error: string): string | null {
  if (!error.includes("Setting up base binary")) return null;
  const [archive, target] = /denort-([\w-]+)\.zip/.exec(error) ?? [];
  if (archive === undefined) return null;
  const { deno } = Deno.version;
  const kept = join(denoDirectory(), "dl", "release", `v${deno}`);
  return `\
compile: an executable needs denort, the runtime of Deno ${deno} for
${target}, and this machine cannot download it. Do one of these,
and run this again:
- Let the machine reach Deno's own server, or set HTTPS_PROXY.
- Put ${archive} of Deno ${deno} into
  ${kept}
- Unpack that archive, and set DENORT_BIN to the path of the file in it.`;
}

function denoDirectory(): string {
  const { stdout } = new Deno.Command(Deno.execPath(), {
    args: ["info", "--no-config", "--json"],
  }).outputSync();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Runs Deno, and passes on what it says as it comes, but for the error at its end. */
async function deno(
  ...args: string[]
): Promise<{ code: number; error: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd: repository,
    stderr: "piped",
  }).spawn();
  const lines = child.stderr.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  let error = "";
  for await (const line of lines) {
    if (error !== "" || stripVTControlCharacters(line).startsWith("error:")) {
      error += `${line}\n`;
    } else {
      console.error(line);
    }
  }
  return { code: (await child.status).code, error };
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
