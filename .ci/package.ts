/**
 * `deno task package`: Skein as others take it, `dist/<name>-<version>.tgz`, the path of
 * which is the last line printed. In it: JavaScript that imports nothing from elsewhere,
 * types for the library, `static/`, and a `package.json` with `bin` and `exports`. The
 * same lies unpacked in `dist/package/`.
 *
 * @module
 */

import { basename, dirname, fromFileUrl, join, relative } from "@std/path";
import config from "../deno.json" with { type: "json" };

const repository = fromFileUrl(new URL("..", import.meta.url));
/** Where the package is put together; npm wants this name within a tarball. */
export const packageDirectory: string = join(repository, "dist", "package");

/** What threads begin with, below `lib/`: nothing imports these modules. */
export const workerEntries = [
  "worker/entry",
  "worker/files_entry",
  "worker/strict_entry",
  "auth/password_entry",
];

/** The app of the hello page: the same is true of it. */
export const helloApp = "lib/hello/app";

/** What is named by a URL in the code, and by which. */
const urls: ReadonlyMap<string, string> = new Map([
  ...workerEntries.map((name): [string, string] => [
    `lib/${name}.ts`,
    `../${name}.ts`,
  ]),
  [`${helloApp}.ts`, "./app.ts"],
]);

/** What a process or a thread begins with. */
const entries = ["main.ts", "lib/skein.ts", ...urls.keys()];

/** Makes `dist/package/`. */
export async function build(): Promise<void> {
  await Deno.remove(packageDirectory, { recursive: true }).catch(() => {});
  await Deno.mkdir(packageDirectory, { recursive: true });
  await bundle();
  await declare();
  await copy("static", packageDirectory);
  for (const name of ["README.md", "LICENSE"]) {
    await Deno.copyFile(join(repository, name), join(packageDirectory, name));
  }
  const manifest = `${JSON.stringify(packageJson(), null, 2)}\n`;
  await Deno.writeTextFile(join(packageDirectory, "package.json"), manifest);
}

function packageJson() {
  const { name, version, license } = config;
  return {
    name,
    version,
    license,
    description: "A multi-threaded web server for Deno",
    type: "module",
    bin: { skein: "./main.js" },
    exports: {
      ".": { types: "./types/skein.d.ts", default: "./lib/skein.js" },
      "./package.json": "./package.json",
    },
  };
}

/** For who starts it as a program of the system; Deno heeds them as well. */
const firstLines: Readonly<Record<string, string>> = {
  "main.js":
    "#!/usr/bin/env -S deno run -A --unstable-worker-options --unstable-net\n",
  "lib/skein.js": '// @ts-self-types="../types/skein.d.ts"\n',
};

async function bundle(): Promise<void> {
  await run(
    ...[repository, Deno.execPath(), "bundle", "--quiet"],
    ...["--platform", "deno", "--code-splitting"],
    ...["--outdir", packageDirectory, ...entries],
  );
  const files = await filesBelow(packageDirectory, ".js");
  for (const [name, line] of Object.entries(firstLines)) {
    const path = join(packageDirectory, name);
    await Deno.writeTextFile(path, line + await Deno.readTextFile(path));
    await Deno.chmod(path, 0o755);
  }
  for (const [entry, url] of urls) {
    await repoint(files, url, entry.replace(/\.ts$/, ".js"));
  }
}

/** The bundler leaves these URLs as they are, and moves the code around them. */
async function repoint(
  files: readonly string[],
  url: string,
  target: string,
): Promise<void> {
  let count = 0;
  for (const file of files) {
    const code = await Deno.readTextFile(file);
    if (!code.includes(`"${url}"`)) continue;
    count++;
    const path = relative(dirname(file), join(packageDirectory, target));
    await Deno.writeTextFile(
      file,
      code.replaceAll(`"${url}"`, JSON.stringify(`./${path}`)),
    );
  }
  if (count === 0) throw new Error(`No module names ${url}`);
}

/** The declarations that `lib/skein.ts` needs, and those that they need. They are made
 * of a copy, with the stand-ins for `@std`: the runtime can declare only what is a
 * file, and nothing of `@std` is in the public API. */
async function declare(): Promise<void> {
  const scratch = await Deno.makeTempDir();
  try {
    await copy("lib", scratch);
    await copy(".ci/std", scratch);
    const imports = Object.fromEntries(
      Object.entries(config.imports).flatMap(([name, specifier]) => {
        const [, std] = /^@std\/(.+)$/.exec(name) ?? [];
        if (std === undefined) return [[name, specifier]];
        const file = `./.ci/std/${std}/mod.ts`;
        return [[name, file], ...subpathsOf(std).map((path) => [path, file])];
      }),
    );
    const project = JSON.stringify({ imports });
    await Deno.writeTextFile(join(scratch, "deno.json"), project);
    await run(
      ...[scratch, Deno.execPath(), "transpile", "--quiet", "--no-check"],
      ...["--declaration", "--outdir", "out", "lib/skein.ts"],
    );
    await takeTypes(join(scratch, "out", "lib"), "skein.d.ts", new Set());
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

/** The entry points of `@std` that modules here import besides the packages. */
function subpathsOf(std: string): string[] {
  switch (std) {
    case "path":
      return ["@std/path/constants"];
    case "streams":
      return ["@std/streams/text-line-stream"];
    default:
      return [];
  }
}

async function takeTypes(
  from: string,
  name: string,
  seen: Set<string>,
): Promise<void> {
  if (seen.has(name)) return;
  seen.add(name);
  const found: string[] = [];
  const text = (await Deno.readTextFile(join(from, name)))
    .replace(/^\/\/\/ <amd-module.*\n/m, "")
    .replace(
      /(\bfrom |\bimport\()"(\.{1,2}\/[^"]+)\.ts"/g,
      (_, keyword, path) => {
        found.push(join(dirname(name), `${path}.d.ts`));
        return `${keyword}"${path}.d.ts"`;
      },
    );
  const target = join(packageDirectory, "types", name);
  await Deno.mkdir(dirname(target), { recursive: true });
  await Deno.writeTextFile(target, text);
  for (const each of found) await takeTypes(from, each, seen);
}

async function copy(directory: string, target: string): Promise<void> {
  const from = join(repository, directory);
  for (const file of await filesBelow(from, "")) {
    const to = join(target, directory, relative(from, file));
    await Deno.mkdir(dirname(to), { recursive: true });
    await Deno.copyFile(file, to);
  }
}

async function filesBelow(
  directory: string,
  extension: string,
): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = join(directory, name);
    if (isDirectory) files.push(...await filesBelow(path, extension));
    else if (name.endsWith(extension)) files.push(path);
  }
  return files;
}

async function run(
  cwd: string,
  program: string,
  ...args: string[]
): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, {
    args,
    cwd,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  throw new Error(
    `${program} ${args[0]} failed:\n${new TextDecoder().decode(stderr)}`,
  );
}

/** Makes the tarball.
 *
 * @returns its path */
export async function pack(): Promise<string> {
  await build();
  const name = config.name.split("/").at(-1);
  const path = join(repository, "dist", `${name}-${config.version}.tgz`);
  const directory = dirname(packageDirectory);
  await run(directory, "tar", "-czf", path, basename(packageDirectory));
  return path;
}

if (import.meta.main) console.log(await pack());
