/**
 * The rooms of lib/ know each other only downward. Reads every relative import,
 * type-only ones too; lib/README.md says why the rules are as they are.
 */

import { assertEquals } from "@std/assert";
import { dirname, join, relative } from "@std/path";
import { repository } from "./support/command.ts";

/** For each room the rooms that it may import. A single file counts as a room of
 * its own where its path is named. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  "main.ts": [
    "lib/skein.ts",
    "lib/cli",
    "lib/operate",
    "lib/messages/spawn.ts",
  ],
  "lib/skein.ts": [
    "lib/assembly",
    "lib/inspection.ts",
    "lib/options.ts",
    ...["lib/server", "lib/pool", "lib/files", "lib/http"],
  ],
  "lib/assembly": [
    "lib/wire_response.ts",
    "lib/options.ts",
    "lib/proxy",
    "lib/auth",
    "lib/tls",
    ...["lib/server", "lib/pool", "lib/messages", "lib/files", "lib/http"],
  ],
  "lib/inspection.ts": ["lib/pool"],
  "lib/options.ts": ["lib/server", "lib/files", "lib/http"],
  "lib/wire_response.ts": ["lib/pool", "lib/files", "lib/http"],
  "lib/operate": ["lib/skein.ts", "lib/server", "lib/http"],
  "lib/cli": [
    "lib/files",
    "lib/hello",
    "lib/http",
    "lib/pool/boot_error.ts",
    "lib/operate/log_line.ts",
    "lib/server/listen.ts",
  ],
  "lib/worker": [
    "lib/messages",
    "lib/app",
    "lib/websocket",
    "lib/files",
    "lib/http",
  ],
  "lib/pool": ["lib/messages", "lib/http"],
  "lib/messages": [
    "lib/http",
    "lib/files/file_store.ts",
    "lib/files/static_options.ts",
    "lib/websocket/socket_options.ts",
  ],
  "lib/app": ["lib/websocket", "lib/http"],
  "lib/websocket": ["lib/http"],
  "lib/files": ["lib/files/listing", "lib/files/rules", "lib/http"],
  "lib/files/listing": ["lib/http"],
  "lib/files/rules": ["lib/http"],
  "lib/hello": [],
  "lib/proxy": ["lib/http"],
  "lib/auth": ["lib/http"],
  "lib/tls": ["lib/server", "lib/http"],
  "lib/server": ["lib/http"],
  "lib/http": [],
  "lib/limits.ts": [],
  "lib/id_map.ts": [],
  "lib/natives.ts": [],
  "lib/histogram.ts": [],
};

/** What every room may import: it imports nothing itself. */
const ground = [
  ...["lib/limits.ts", "lib/id_map.ts", "lib/natives.ts", "lib/histogram.ts"],
  "deno.json",
];

const maxFilesInLib = 8;

/** The room of a file: the file itself where it has a rule, else its folder. */
function roomOf(file: string): string {
  return file in mayImport ? file : dirname(file);
}

/** The paths that a module imports from this project. */
function importsOf(file: string, code: string): string[] {
  const withoutComments = code.replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
  const specifiers = withoutComments.matchAll(
    /(?:\bfrom|\bimport|\bimport\s*\()\s*"(\.{1,2}\/[^"]+)"/g,
  );
  return Array.from(specifiers, ([, path]) => join(dirname(file), path));
}

/** One sentence for each import that a rule forbids. */
function breaches(files: ReadonlyMap<string, string>): string[] {
  const sentences: string[] = [];
  for (const [file, code] of files) {
    const room = roomOf(file);
    const allowed = mayImport[room];
    if (allowed === undefined) {
      sentences.push(`${file} lies in ${room}, for which there is no rule`);
      continue;
    }
    for (const imported of importsOf(file, code)) {
      const target = roomOf(imported);
      if (
        target === room || ground.includes(imported) ||
        allowed.includes(target) || allowed.includes(imported)
      ) continue;
      sentences.push(
        `${file} may not import ${imported}: ${room} may import ` +
          `${allowed.join(", ") || "nothing"} and the ground (${
            ground.join(", ")
          })`,
      );
    }
  }
  return sentences;
}

/** The source files that the rules are about, by their paths from the top. */
async function sources(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const read = async (path: string) => {
    const name = relative(repository, path);
    files.set(name, await Deno.readTextFile(path));
  };
  const walk = async (directory: string) => {
    for await (const { name, isDirectory } of Deno.readDir(directory)) {
      const path = join(directory, name);
      if (isDirectory) await walk(path);
      else if (name.endsWith(".ts")) await read(path);
    }
  };
  await read(join(repository, "main.ts"));
  await walk(join(repository, "lib"));
  return files;
}

Deno.test("rooms import only downward", async () => {
  assertEquals(breaches(await sources()), []);
});

Deno.test("a breach of the rules is named in a sentence", () => {
  const file = (code: string) => new Map([["lib/files/x.ts", code]]);
  const sentence =
    "lib/files/x.ts may not import lib/server/y.ts: lib/files may import " +
    "lib/files/listing, lib/files/rules, lib/http and the ground (lib/limits.ts, lib/id_map.ts, lib/natives.ts, lib/histogram.ts, deno.json)";
  for (
    const code of [
      'import { y } from "../server/y.ts";',
      'import type { Y } from "../server/y.ts";',
      'import "../server/y.ts";',
      'export { y } from "../server/y.ts";',
      'const y = await import("../server/y.ts");',
      'import {\n  y,\n} from "../server/y.ts";',
    ]
  ) assertEquals(breaches(file(code)), [sentence], code);
  assertEquals(breaches(file('// import "../server/y.ts";')), []);
  assertEquals(breaches(file('import "../http/y.ts";')), []);
  assertEquals(breaches(new Map([["lib/attic/x.ts", ""]])), [
    "lib/attic/x.ts lies in lib/attic, for which there is no rule",
  ]);
});

Deno.test("the rules have no cycle", () => {
  const visiting = new Set<string>();
  const visit = (room: string, path: readonly string[]) => {
    if (visiting.has(room)) throw new Error([...path, room].join(" -> "));
    visiting.add(room);
    for (const next of mayImport[room] ?? []) {
      visit(next in mayImport ? next : dirname(next), [...path, room]);
    }
    visiting.delete(room);
  };
  for (const room of Object.keys(mayImport)) visit(room, []);
});

Deno.test("few files lie directly in lib/", async () => {
  const direct = [...(await sources()).keys()]
    .filter((file) => dirname(file) === "lib");
  assertEquals(direct.length <= maxFilesInLib, true, direct.join(", "));
});
