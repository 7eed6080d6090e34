/**
 * Modules that are not apps, and what is said of each.
 */

import { assertEquals, assertRejects } from "@std/assert";
import { toFileUrl } from "@std/path";
import { ServeCall } from "../../lib/app/other_servers.ts";
import { ImportError, loadApp } from "../../lib/app/loader.ts";
import { explainImport, explainServe } from "../../lib/app/wrong_app.ts";
import { loadErrorText } from "../../lib/worker/error_text.ts";
import { makeTree, type TreeEntry } from "../support/tree.ts";

interface WrongApp {
  /** The modules; the first is the app. */
  readonly files: Readonly<Record<string, TreeEntry>>;
  /** All that is said, without the directory of the modules. */
  readonly says: string;
}

const write =
  `write "export default { fetch(request) { return new Response('Hello'); } }"`;

/** A module of one line, and what is said of its exports. */
const exports: readonly [code: string, says: string][] = [
  ["", `has no default export: ${write}`],
  ["export const a = 1, b = 2;", `has no default export: ${write}`],
  [
    "export const a = () => {}, b = () => {};",
    `has no default export: ${write}`,
  ],
  ["export default null;", `exports null, not an object with fetch: ${write}`],
  ["export default 'it';", `exports "it", not an object with fetch: ${write}`],
  [
    "export default { fetsh() {} };",
    `exports an object without a function fetch: ${write}`,
  ],
  [
    "export default { fetch: 'it' };",
    `exports a fetch that is not a function, but a string: ${write}`,
  ],
  [
    "export default () => new Response();",
    'exports a function, not an object that has it: write "export default { fetch: handler }"',
  ],
  [
    "export default function handle() {}",
    'exports a function, not an object that has it: write "export default { fetch: handle }"',
  ],
  ...[
    "class App { fetch() {} } const app = new App(); export default app.fetch;",
    "const app = { fetch() {} }; export default app.fetch.bind(app);",
    "export default function fetch() {}",
  ].map((code): [string, string] => [
    code,
    'exports the function fetch, not the object that it belongs to: write "export default app"',
  ]),
  [
    "export default class { fetch() {} }",
    'exports a class, not an object: write "export default new App()"',
  ],
  [
    "export default class Api { fetch() {} }",
    'exports a class, not an object: write "export default new Api()"',
  ],
  [
    "export default Promise.resolve({ fetch() {} });",
    'exports a promise: write "export default await app"',
  ],
  [
    "const app = (req, res) => {}; app.listen = () => {}; export default app;",
    `exports an app for node:http, which Skein cannot call: ${write}`,
  ],
  [
    "export function fetch() {}",
    'exports fetch by name only: write "export default { fetch }"',
  ],
  [
    "export const handler = () => {}, other = () => {};",
    'exports handler by name only: write "export default { fetch: handler }"',
  ],
  [
    "export const serveIt = () => {};",
    'exports serveIt by name only: write "export default { fetch: serveIt }"',
  ],
  [
    "export const app = { fetch() {} };",
    'exports app by name only: write "export default app"',
  ],
  [
    "addEventListener('fetch', (event) => event.respondWith(new Response()));",
    'listens for "fetch" events, which do not come: write "export default { fetch: handler }"',
  ],
  [
    "await new Promise((go) => setTimeout(go)); Deno.serve(() => new Response());",
    'calls Deno.serve, and it is Skein that listens: remove the call, and write "export default { fetch: handler }"\n' +
    "    at app.js:1:49",
  ],
];

const good = "export default { fetch() {} };";

const wrongApps: readonly WrongApp[] = [
  ...exports.map(([code, says]) => ({
    files: { "app.js": code },
    says: `The app app.js ${says}`,
  })),
  {
    files: { "app.cjs": "exports.other = 1;" },
    says:
      "The app app.cjs exports an object without a function fetch: write \"module.exports = { fetch(request) { return new Response('Hello'); } }\"",
  },
  {
    files: { "app.js": "module.exports = { fetch() {} };" },
    says:
      'app.js:1:1 is CommonJS: write "import" and "export default" instead of "require" and "module.exports", or let the name end in .cjs',
  },
  {
    files: { "app.js": { kind: "directory" } },
    says:
      "app.js is a directory: name the module in it, such as app.js/main.ts",
  },
  {
    files: { "app.json": "{}" },
    says: "app.json is JSON: name a module with an app",
  },
  {
    files: { "app.js": 'import "./missing.js";' + good },
    says: "app.js:1:8 imports missing.js, which does not exist",
  },
  {
    files: { "app.js": 'import "./a";' + good, "a.ts": "" },
    says: "app.js:1:8 imports a, which does not exist: write its ending, .ts",
  },
  {
    files: { "app.js": 'import "./a";' + good, a: { kind: "directory" } },
    says:
      "app.js:1:8 imports a directory: name the module in it, such as a/main.ts",
  },
  {
    files: { "app.js": 'import "./a.json";' + good, "a.json": "{}" },
    says:
      "app.js imports JSON: write 'with { type: \"json\" }' behind its name",
  },
  {
    files: { "app.js": 'import "./a.js";' + good, "a.js": '\nimport "nopkg";' },
    says:
      'a.js:2:8 imports "nopkg", which is not in deno.json or package.json: write "npm:nopkg", or run "deno add npm:nopkg"',
  },
  {
    files: { "app.js": 'import "node:nosuch";' + good },
    says: "app.js:1:8 imports node:nosuch, which does not exist",
  },
  {
    files: { "app.js": 'import { b } from "./a.js";' + good, "a.js": "" },
    says: 'app.js:1:10 imports b from "./a.js", which does not export it',
  },
  {
    files: { "app.ts": "export default {\n  fetch( {\n};\n" },
    says:
      "app.ts:3:2 has a syntax error: Expected ',', got ';'\n  |\n3 | };\n  |  ~",
  },
  {
    files: {
      "app.js": 'import "./b c.js";' + good,
      "b c.js": "export default {",
    },
    says:
      "b c.js:1:17 has a syntax error: Unexpected token `<eof>`. Expected identifier, string literal, numeric literal or [ for the computed key\n" +
      "  |\n1 | export default {\n  |                 ~",
  },
  // What goes wrong while it runs is shown as it is.
  {
    files: { "app.js": '\nthrow new Error("The database is away");' },
    says:
      "The app app.js cannot be imported:\nError: The database is away\n    at app.js:2:7",
  },
  {
    files: { "app.js": 'throw "The database is away";' },
    says: 'The app app.js cannot be imported:\nThrown: "The database is away"',
  },
  {
    files: {
      "app.js":
        'function fail() { throw new Error("Away"); }\nawait null;\nfail();',
    },
    says:
      "The app app.js cannot be imported:\nError: Away\n    at fail (app.js:1:25)\n    at app.js:3:1",
  },
];

for (const { files, says } of wrongApps) {
  const [[name, entry]] = Object.entries(files);
  const title = typeof entry === "string" && entry !== "" ? entry : name;
  Deno.test(`an app is wrong: ${JSON.stringify(title)}`, async () => {
    using tree = await makeTree(files);
    const url = toFileUrl(tree.path(name)).href;
    const error = await assertRejects(() => loadApp(url), Error);
    const directory = `${tree.path("")}/`;
    const said = explain(error).replaceAll("file://", "")
      .replaceAll(directory, "").replaceAll(/%20/g, " ");
    assertEquals(said, says);
  });
}

/** As a worker does it. */
function explain(error: Error): string {
  if (!(error instanceof ImportError)) return error.message;
  const text = loadErrorText(error.cause);
  return error.cause instanceof ServeCall
    ? explainServe(error.url, text)
    : explainImport(error.url, text);
}

Deno.test("an app that was loaded may serve and listen by itself", async () => {
  using tree = await makeTree({
    "app.js": `const { serve } = Deno;
      export default { fetch: () => [serve, Deno.serve] };`,
  });
  const before = [Deno.serve, globalThis.addEventListener];
  const { app } = await loadApp(toFileUrl(tree.path("app.js")).href);
  assertEquals([Deno.serve, globalThis.addEventListener], before);
  const kept = app.fetch(new Request("http://a/"), {} as never);
  for (const serve of kept as (typeof Deno.serve)[]) {
    const options = { port: 0, hostname: "127.0.0.1", onListen() {} };
    await using server = serve(options, () => new Response());
    assertEquals(server.addr.transport, "tcp");
  }
});
