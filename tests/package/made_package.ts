/**
 * Projects as users have them: files of their own in a directory of their own, with
 * the package that `deno task package` makes installed as a user would do it.
 */

import { assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import config from "../../deno.json" with { type: "json" };
import { type ChildServer, greeted } from "../support/child_server.ts";
import { repository } from "../support/command.ts";
import { makeTree } from "../support/tree.ts";

/** What the variables of whoever runs the tests must not decide. */
const plainEnv = { NO_COLOR: "1", FORCE_COLOR: "", PORT: "", HOST: "" };

/** The files of a project by their names; what is no text is written as JSON. */
export type Files = Readonly<Record<string, string | object>>;

/** The package, away from where it was made. */
export interface MadePackage extends AsyncDisposable {
  readonly tarball: string;
  /** The program, in the unpacked package. */
  readonly main: string;
}

/** How a program is run in a project. */
export interface RunOptions {
  /** Options of `deno run`. */
  readonly flags?: readonly string[];
  /** Options of Skein. */
  readonly args?: readonly string[];
  /** The directory it is run in, below that of the project. */
  readonly from?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What a program said, and what it ended with. */
export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the package is made of, and by. */
const sources = [
  ...["main.ts", "lib", "static", "README.md", "LICENSE", "deno.json", ".ci"],
];

/**
 * Runs the task, where what it made the last time is older than its sources; and keeps
 * others from doing so meanwhile: two that make the package at the same time would
 * spoil each other's `dist/`.
 *
 * @param use of what it made, the path of the tarball
 */
export async function withBuild<T>(
  use: (tarball: string) => Promise<T>,
): Promise<T> {
  const script = join(repository, ".ci", "package.ts");
  using file = await Deno.open(script);
  await file.lock(true);
  const tarball = join(repository, "dist", `skein-${config.version}.tgz`);
  // The task removes the first before it begins, and writes the second last.
  const made = Math.min(
    changedAt(join(repository, "dist", "package", "package.json")),
    changedAt(tarball),
  );
  const isOld = sources.some((name) => newest(join(repository, name)) >= made);
  if (isOld) {
    const args = ["run", "--no-prompt", "-A", script];
    const { stdout } = await succeed(repository, Deno.execPath(), ...args);
    assertEquals(stdout.trimEnd().split("\n").at(-1), tarball);
  }
  return await use(tarball);
}

/** When a file was changed; 0 where there is none. */
function changedAt(path: string): number {
  try {
    return Deno.statSync(path).mtime!.getTime();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

/** When that, or anything below it, was changed last; names that went count too. */
function newest(path: string): number {
  const own = changedAt(path);
  if (!Deno.statSync(path).isDirectory) return own;
  const below = [...Deno.readDirSync(path)].map(({ name }) =>
    newest(join(path, name))
  );
  return Math.max(own, ...below);
}

/** Makes the package, and unpacks it. */
export async function makePackage(): Promise<MadePackage> {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  const remove = () => Deno.remove(directory, { recursive: true });
  const tarball = join(directory, "skein.tgz");
  try {
    await withBuild((made) => Deno.copyFile(made, tarball));
    await succeed(directory, "tar", "-xzf", tarball);
  } catch (error) {
    await remove();
    throw error;
  }
  const main = join(directory, "package", "main.js");
  return { tarball, main, [Symbol.asyncDispose]: remove };
}

/** A project that has the package. */
export class Project implements Disposable {
  /** Where it is. */
  readonly directory: string;
  /** The program: what `deno run` is given. */
  readonly #skein: readonly string[];
  readonly #remove: () => void;

  private constructor(
    directory: string,
    skein: readonly string[],
    remove: () => void,
  ) {
    this.directory = directory;
    this.#skein = skein;
    this.#remove = remove;
  }

  /** Writes the files. One that has a `package.json` gets the package into its
   * `node_modules`, others run it from where it is unpacked. */
  static async make(files: Files, made: MadePackage): Promise<Project> {
    const tree = await makeTree(Object.fromEntries(
      Object.entries(files).map(([name, content]) => [
        `www/${name}`,
        typeof content === "string" ? content : JSON.stringify(content),
      ]),
    ));
    try {
      const directory = tree.root;
      const hasNpm = "package.json" in files;
      if (hasNpm) await install(directory, files["package.json"], made.tarball);
      const skein = hasNpm
        ? ["npm:@skein/skein"]
        : ["--config", "deno.json", made.main];
      return new Project(directory, skein, () => tree[Symbol.dispose]());
    } catch (error) {
      tree[Symbol.dispose]();
      throw error;
    }
  }

  /** Starts Skein on a free port: with an app, or with what `args` say. */
  start(
    app: string | null,
    { flags = [], args = [], from = "", env = {} }: RunOptions = {},
  ): Promise<ChildServer> {
    const asked = app === null ? args : ["--app", app, ...args];
    return greeted(
      spawn(
        ...[join(this.directory, from), env, Deno.execPath(), "run", "-A"],
        ...[...flags, ...this.#skein, "-p", "0", "-w", "1", ...asked],
      ),
    );
  }

  /** Runs Deno in its directory, to the end. */
  deno(...args: string[]): Promise<Output> {
    return outputOf(this.directory, Deno.execPath(), ...args);
  }

  /** Why Skein does not start, as it says on stderr. */
  async complaint(app: string, options?: RunOptions): Promise<string> {
    let server: ChildServer;
    try {
      server = await this.start(app, options);
    } catch (error) {
      return (error as Error).message;
    }
    await server[Symbol.asyncDispose]();
    throw new Error(`It did start: ${server.greeting}`);
  }

  /** Writes one of its files anew. */
  async write(name: string, content: string): Promise<void> {
    const path = join(this.directory, name);
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, content);
  }

  [Symbol.dispose](): void {
    this.#remove();
  }
}

/** As npm does it, which takes a second: where there is nothing else to install, the
 * package is put there by hand. */
async function install(
  directory: string,
  manifest: string | object,
  tarball: string,
): Promise<void> {
  if ("dependencies" in Object(manifest) || "workspaces" in Object(manifest)) {
    return await npmInstall(directory, tarball);
  }
  const target = join(directory, "node_modules", "@skein", "skein");
  await Deno.mkdir(target, { recursive: true });
  await succeed(target, "tar", "-xzf", tarball, "--strip-components=1");
  const dependencies = { "@skein/skein": `file:${tarball}` };
  await Deno.writeTextFile(
    join(directory, "package.json"),
    JSON.stringify({ ...Object(manifest), dependencies }),
  );
}

/** Installs a tarball, and what the `package.json` names, where there is one. */
export async function npmInstall(
  directory: string,
  tarball: string,
): Promise<void> {
  await succeed(
    directory,
    ...["npm", "install", "--no-audit", "--no-fund", "--prefix", directory],
    tarball,
  );
}

/** Starts a server with a command for a shell, the `deno` of which is this one. The
 * command should end in an `exec`: signals are sent to the shell. */
export function byHand(
  directory: string,
  command: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ChildServer> {
  const PATH = `${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`;
  return greeted(spawn(directory, { PATH, ...env }, "sh", "-c", command));
}

/** The body of a response, which must be a 200. */
export async function get(
  { url }: { readonly url: string },
  path = "/",
): Promise<string> {
  const response = await fetch(new URL(path, url));
  const body = await response.text();
  if (response.status === 200) return body;
  throw new Error(`${path} is a ${response.status}: ${body}`);
}

/** Starts a program that is told nothing, and whose output is piped. */
function spawn(
  cwd: string,
  env: Readonly<Record<string, string>>,
  program: string,
  ...args: string[]
): Deno.ChildProcess {
  return new Deno.Command(program, {
    args,
    cwd,
    env: { ...plainEnv, ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function outputOf(
  cwd: string,
  program: string,
  ...args: string[]
): Promise<Output> {
  const child = spawn(cwd, {}, program, ...args);
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

async function succeed(
  cwd: string,
  program: string,
  ...args: string[]
): Promise<Output> {
  const output = await outputOf(cwd, program, ...args);
  if (output.code === 0) return output;
  throw new Error(`${program} ${args[0]} failed:\n${output.stderr}`);
}
