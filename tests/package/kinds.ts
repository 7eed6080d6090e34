/**
 * The kinds of project that users have, each as small as it can be: what its app
 * answers shows that the configuration of the project, and no other, was heeded.
 */

import type { Files, RunOptions } from "./made_package.ts";

/** A kind of project. */
export interface Kind extends RunOptions {
  readonly name: string;
  readonly files: Files;
  /** The module, from the directory that Skein is started in; else `main.ts`. */
  readonly app?: string;
  /** What the app answers. */
  readonly body: string;
}

/** An app that answers the value of an expression. */
export function appOf(expression: string, ...before: string[]): string {
  return `${before.join("\n")}
    export default {
      async fetch(_request: Request): Promise<Response> {
        return new Response(await (${expression}));
      },
    };`;
}

const mrmime = "1.0.1";
const preact = {
  "preact": "10.27.2",
  "preact-render-to-string": "6.6.3",
};
const preactImports = {
  ...Object.fromEntries(
    Object.entries(preact).map((
      [name, version],
    ) => [name, `npm:${name}@${version}`]),
  ),
  "preact/jsx-runtime": `npm:preact@${preact.preact}/jsx-runtime`,
};

// JSX that was compiled beforehand has its HTML in templates.
const page = appOf(
  '`${"tpl" in node.props ? "template" : "elements"}: ${render(node)}`',
  'import { render } from "preact-render-to-string";',
  'const Name = ({ of }: { of: string }) => <b class="name">{of}</b>;',
  'const node = <p>Hello <Name of="<you>" />!</p>;',
);
const pageBody = '<p>Hello <b class="name">&lt;you></b>!</p>';

// Those of the standard are told the kind of what they decorate, older ones its name.
const decorated = appOf(
  "`${told.join()} ${new Greeter().greet()}`",
  "const told: string[] = [];",
  "function tell(_target: unknown, context: unknown): void {",
  '  told.push(typeof context === "string" ? context : (context as { kind: string }).kind);',
  "}",
  'class Greeter { @tell greet() { return "hello"; } }',
);

const pathModules: Files = {
  "main.ts": appOf(
    "`${greeting} ${twice(2)}`",
    'import { greeting } from "@/words/greeting.ts";',
    'import { twice } from "numbers";',
  ),
  "src/words/greeting.ts":
    'import { name } from "@/words/name.ts"; export const greeting = `hello ${name}`;',
  "src/words/name.ts": 'export const name = "you";',
  "src/numbers.ts": "export const twice = (n: number) => 2 * n;",
};
const pathImports = { "@/": "./src/", "numbers": "./src/numbers.ts" };

const mimeApp = appOf(
  '`${meta.version} ${lookup("js")}`',
  'import { lookup } from "mrmime";',
  'import meta from "mrmime/package.json" with { type: "json" };',
);
// Version 2, which Skein has within it, says text/javascript.
const mimeBody = `${mrmime} application/javascript`;

const unstableApp = appOf(
  '(await store.set(["a"], "kept"), (await store.get(["a"])).value as string)',
  'const store = await Deno.openKv(":memory:");',
);

const workspaceFiles: Files = {
  "words/mod.ts":
    'import { name } from "@/name.ts"; export const greeting = `hello ${name}`;',
  "words/inner/name.ts": 'export const name = "words";',
  "web/main.ts": appOf(
    "`${greeting} of ${name}`",
    'import { greeting } from "@acme/words";',
    'import { name } from "@/name.ts";',
  ),
  "web/inner/name.ts": 'export const name = "web";',
};

const environmentFiles: Files = {
  ".env": 'FROM_FILE="from the file"\n',
  "main.ts": appOf(
    '`${Deno.env.get("FROM_FILE")}, ${process.env.FROM_FILE}`',
    'import process from "node:process";',
  ),
};

export const kinds: readonly Kind[] = [
  {
    name: "an import map and paths with @/",
    files: { ...pathModules, "deno.json": { imports: pathImports } },
    body: "hello you 4",
  },
  {
    name: "an import map in a file of its own",
    files: {
      ...pathModules,
      "deno.json": { importMap: "./import_map.json" },
      "import_map.json": { imports: pathImports },
    },
    body: "hello you 4",
  },
  {
    name: "an import map in a deno.json beside a package.json",
    files: {
      ...pathModules,
      "deno.json": { imports: pathImports },
      "package.json": { type: "module" },
    },
    body: "hello you 4",
  },
  {
    name: "npm: specifiers, in place and in an import map",
    files: {
      "deno.json": { imports: { "hono": "npm:hono@4.13.19" } },
      "main.ts": `
        import { Hono } from "hono";
        import { lookup } from "npm:mrmime@${mrmime}";
        export default new Hono().get("/", (c) => c.text(lookup("a.txt")!));`,
    },
    body: "text/plain",
  },
  {
    name: "another version of a package than Skein has, by deno.json",
    files: {
      "deno.json": { imports: { "mrmime": "npm:mrmime@1" } },
      "main.ts": mimeApp.replace('"mrmime/', '"npm:mrmime@1/'),
    },
    body: mimeBody,
  },
  {
    name: "another version of a package than Skein has, by package.json",
    files: {
      "package.json": { type: "module", dependencies: { mrmime } },
      "main.ts": mimeApp,
    },
    body: mimeBody,
  },
  {
    name: "npm: specifiers of what node_modules has",
    files: {
      "package.json": { type: "module", dependencies: { mrmime } },
      "main.ts": mimeApp.replaceAll('"mrmime', '"npm:mrmime@1'),
    },
    body: mimeBody,
  },
  {
    name: "JSX with jsxImportSource of npm",
    files: {
      "deno.json": {
        compilerOptions: { jsx: "react-jsx", jsxImportSource: "preact" },
        imports: preactImports,
      },
      "main.tsx": page,
    },
    app: "main.tsx",
    body: `elements: ${pageBody}`,
  },
  {
    name: "JSX with jsxImportSource of node_modules",
    files: {
      "deno.json": {
        compilerOptions: { jsx: "react-jsx", jsxImportSource: "preact" },
      },
      "package.json": { type: "module", dependencies: preact },
      "main.tsx": page,
    },
    app: "main.tsx",
    body: `elements: ${pageBody}`,
  },
  {
    name: "JSX compiled to templates",
    files: {
      "deno.json": {
        compilerOptions: { jsx: "precompile", jsxImportSource: "preact" },
        imports: preactImports,
      },
      "main.tsx": page,
    },
    app: "main.tsx",
    body: `template: ${pageBody}`,
  },
  {
    name: "decorators of the standard",
    files: { "deno.json": {}, "main.ts": decorated },
    body: "method hello",
  },
  {
    name: "experimentalDecorators",
    files: {
      "deno.json": { compilerOptions: { experimentalDecorators: true } },
      "main.ts": decorated,
    },
    body: "greet hello",
  },
  {
    name: "JSON and text imports",
    files: {
      "deno.json": { imports: { "@/": "./data/" } },
      "data/words.json": { greeting: "hello" },
      "data/name.txt": "you",
      "main.ts": appOf(
        "`${words.greeting} ${name}`",
        'import words from "@/words.json" with { type: "json" };',
        'import name from "./data/name.txt" with { type: "text" };',
      ),
    },
    body: "hello you",
  },
  {
    name: "bytes imports, which are unstable",
    files: {
      "deno.json": { unstable: ["raw-imports"] },
      "name.txt": "you",
      "main.ts": appOf(
        "bytes",
        'import bytes from "./name.txt" with { type: "bytes" };',
      ),
    },
    body: "you",
  },
  {
    name: "a member of a workspace",
    files: {
      ...workspaceFiles,
      "deno.json": { workspace: ["./words", "./web"] },
      "words/deno.json": {
        name: "@acme/words",
        version: "1.0.0",
        exports: "./mod.ts",
        imports: { "@/": "./inner/" },
      },
      "web/deno.json": { imports: { "@/": "./inner/" } },
    },
    from: "web",
    body: "hello words of web",
  },
  {
    name: "a member of a workspace of npm",
    files: {
      "package.json": { type: "module", workspaces: ["words", "web"] },
      "words/package.json": {
        name: "@acme/words",
        version: "1.0.0",
        type: "module",
        exports: "./mod.js",
      },
      "words/mod.js": 'export const greeting = "hello words";',
      "web/package.json": {
        name: "@acme/web",
        type: "module",
        dependencies: { "@acme/words": "^1.0.0" },
      },
      "web/main.ts": appOf(
        "`${greeting} of web`",
        'import { greeting } from "@acme/words";',
      ),
    },
    from: "web",
    body: "hello words of web",
  },
  {
    name: "JavaScript and deno.json",
    files: {
      "deno.json": { imports: { "name": "./name.js" } },
      "name.js": 'export const name = "script";',
      "main.js":
        'import { name } from "name"; export default { fetch: () => new Response(name) };',
    },
    app: "main.js",
    body: "script",
  },
  {
    name: "JavaScript and package.json, with a module of CommonJS",
    files: {
      "package.json": { type: "module" },
      "name.cjs": 'exports.name = "script";',
      "main.js":
        'import { name } from "./name.cjs"; export default { fetch: () => new Response(name) };',
    },
    app: "main.js",
    body: "script",
  },
  {
    name: "--env-file and deno.json",
    files: { ...environmentFiles, "deno.json": {} },
    flags: ["--env-file=.env"],
    body: "from the file, from the file",
  },
  {
    name: "--env-file and package.json",
    files: { ...environmentFiles, "package.json": { type: "module" } },
    flags: ["--env-file"],
    body: "from the file, from the file",
  },
  {
    name: "an unstable API by a flag",
    files: { "deno.json": {}, "main.ts": unstableApp },
    flags: ["--unstable-kv"],
    body: "kept",
  },
  {
    name: "an unstable API by deno.json, beside a package.json",
    files: {
      "deno.json": { unstable: ["kv"] },
      "package.json": { type: "module" },
      "main.ts": unstableApp,
    },
    body: "kept",
  },
  {
    name: "--isolation strict and deno.json",
    files: { ...pathModules, "deno.json": { imports: pathImports } },
    args: ["--isolation", "strict"],
    body: "hello you 4",
  },
  {
    name: "--isolation strict and package.json",
    files: {
      "package.json": { type: "module", dependencies: { mrmime } },
      "main.ts": mimeApp,
    },
    args: ["--isolation", "strict"],
    body: mimeBody,
  },
];
