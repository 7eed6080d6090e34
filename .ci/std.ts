/**
 * Makes sure that `vendor/` holds the `@std` packages that `deno.json` names. Every
 * task depends on this one, so the usual case comes first and imports nothing: all
 * are there, and it is over. Otherwise it lets Deno fetch them from JSR, and on a
 * network that has no way to JSR it writes this project's own stand-ins (`.ci/std/`)
 * where Deno keeps vendored packages; from then on bare `deno run`, `deno test`,
 * `deno check` and `deno compile` find them as well.
 *
 * It must not know what the packages are used for, and it has no list of versions:
 * `deno.json` is the only one.
 *
 * @module
 */

interface Package {
  /** Without the scope: "streams". */
  readonly name: string;
  readonly version: string;
}

/**
 * How long JSR may say nothing before it counts as out of reach. Each file that Deno
 * asks for is news, so a slow network gets all the time it needs; one that swallows
 * packets would otherwise hold the first `deno task start` for minutes.
 */
const maxSilenceMs = 5_000;

/**
 * The entry points that the stand-ins offer beside the package itself, named as the
 * real ones are. Each leads to the module of that name, or to the one for all.
 */
const subpaths: Record<string, string[]> = {
  // deno-fmt-ignore
  assert: [
    "almost-equals", "array-includes", "assert", "assertion-error", "equal",
    "equals", "exists", "fail", "false", "greater", "greater-or-equal",
    "instance-of", "is-error", "less", "less-or-equal", "match", "not-equals",
    "not-match", "not-strict-equals", "object-match", "rejects", "strict-equals",
    "string-includes", "throws", "unreachable",
  ],
  // deno-fmt-ignore
  path: [
    "basename", "constants", "dirname", "extname", "from-file-url", "is-absolute",
    "join", "normalize", "relative", "resolve", "to-file-url",
  ],
  streams: ["text-line-stream"],
};

const root = new URL("../", import.meta.url);
const scopeDir = new URL("vendor/jsr.io/@std/", root);

const packages = declaredPackages();
if (!packages.every(isVendored)) await provide();

function declaredPackages(): Package[] {
  const config = JSON.parse(Deno.readTextFileSync(new URL("deno.json", root)));
  return (Object.values(config.imports) as string[])
    .filter((specifier) => specifier.startsWith("jsr:@std/"))
    .map((specifier) => {
      const found = /^jsr:@std\/([a-z0-9-]+)@(\d+\.\d+\.\d+)$/.exec(specifier);
      // With a range, nobody but JSR could say which version Deno will look for.
      if (!found) {
        throw new Error(`"${specifier}" in deno.json: need an exact version`);
      }
      return { name: found[1], version: found[2] };
    });
}

/**
 * Looking for one file is enough: a stand-in comes into its place whole, and what a
 * real package lacks beside it, Deno fetches by itself.
 */
function isVendored({ name, version }: Package): boolean {
  try {
    Deno.statSync(new URL(`${name}/${version}_meta.json`, scopeDir));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function provide(): Promise<void> {
  Deno.mkdirSync(scopeDir, { recursive: true });
  // Two tasks may start at once. The lock is the kernel's, so a task that is killed
  // leaves none behind; the one that had to wait finds the work done.
  using lock = Deno.openSync(new URL("vendor/.std.lock", root), {
    create: true,
    write: true,
  });
  lock.lockSync(true);
  const missing = packages.filter((wanted) => !isVendored(wanted));
  if (missing.length === 0) return;

  // First into Deno's global cache: a download cut short leaves `vendor/` as it was,
  // and the second step then copies and needs no network.
  if (await denoCache("--vendor=false") && await denoCache("--vendor=true")) {
    return;
  }
  for (const wanted of missing) await writeStandIn(wanted);
  console.error(
    "std: JSR is out of reach; using the stand-ins in .ci/std " +
      "(delete vendor/ to get the real packages)",
  );
}

/**
 * Returns whether Deno has the real packages now. The project's own configuration is
 * left out: with it, Deno would see to the npm packages too, and a registry of theirs
 * that does not answer would count as JSR's fault.
 */
async function denoCache(vendorFlag: string): Promise<boolean> {
  const specifiers = packages.map(({ name, version }) =>
    `jsr:@std/${name}@${version}`
  );
  const child = new Deno.Command(Deno.execPath(), {
    args: ["cache", "--no-config", "--no-lock", vendorFlag, ...specifiers],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const giveUp = () => child.kill("SIGKILL");
  let timer = setTimeout(giveUp, maxSilenceMs);
  let news = "";
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    news += text;
    clearTimeout(timer);
    timer = setTimeout(giveUp, maxSilenceMs);
  }
  clearTimeout(timer);
  const { success } = await child.status;

  // Here JSR did answer. Stand-ins under a version that does not exist would hide a
  // slip in deno.json from everyone who has no way to JSR.
  const slip = /^error: (Could not find version.*)$/m.exec(news);
  if (slip) {
    console.error(`std: ${slip[1]}`);
    Deno.exit(1);
  }
  return success;
}

/**
 * Puts one stand-in into `vendor/`, in the layout that Deno gives a JSR package. It is
 * built aside and renamed whole: whoever looks sees all of it or nothing, and a run
 * that is killed half-way leaves only what the next one clears away.
 */
async function writeStandIn({ name, version }: Package): Promise<void> {
  const aside = new URL("vendor/.std/", root);
  const modules = new URL(`${version}/`, aside);
  removeIfThere(aside);
  Deno.mkdirSync(modules, { recursive: true });

  const standIn = new URL(`std/${name}/`, import.meta.url);
  const manifest: Record<string, { size: number; checksum: string }> = {};
  for (const { name: file } of Deno.readDirSync(standIn)) {
    const text = Deno.readFileSync(new URL(file, standIn));
    Deno.writeFileSync(new URL(file, modules), text);
    const digest = await crypto.subtle.digest("SHA-256", text);
    const checksum = `sha256-${new Uint8Array(digest).toHex()}`;
    manifest[`/${file}`] = { size: text.length, checksum };
  }
  const exports: Record<string, string> = { ".": "./mod.ts" };
  for (const at of subpaths[name] ?? []) {
    const own = manifest[`/${at}.ts`] !== undefined;
    exports[`./${at}`] = own ? `./${at}.ts` : "./mod.ts";
  }
  writeJson(new URL(`${version}_meta.json`, aside), { manifest, exports });
  writeJson(new URL("meta.json", aside), {
    scope: "std",
    name,
    latest: version,
    versions: { [version]: {} },
  });

  const place = new URL(name, scopeDir);
  removeIfThere(place);
  Deno.renameSync(aside, place);
}

function writeJson(path: URL, value: unknown): void {
  Deno.writeTextFileSync(path, JSON.stringify(value, null, 2) + "\n");
}

function removeIfThere(path: URL): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
