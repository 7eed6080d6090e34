/**
 * Why a module is not an app, as a sentence that says what to write. Loaded only where
 * one is needed. Must not know how a module is imported.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";

/** @param text of the error that the import failed with, its stack behind it */
export function explainImport(url: string, text: string): string {
  const app = nameOf(url);
  const cause = stripVTControlCharacters(text);
  const frame = /\n {4}at (?:async )?(?:.* \()?(file:\S+:\d+:\d+)\)?$/m
    .exec(cause);
  const where = frame === null ? app : nameOf(frame[1]);
  for (const [pattern, explain] of importErrors) {
    const match = pattern.exec(cause);
    const sentence = match && explain(match, { app, where });
    if (sentence) return sentence;
  }
  return `The app ${app} cannot be imported:\n${cause}`;
}

interface Place {
  /** The name of the app's module. */
  readonly app: string;
  /** The module, line and column of the error; the same as `app` where Deno names none. */
  readonly where: string;
}

/** A row whose sentence is `null` does not hold. */
type ImportErrorRow = readonly [
  RegExp,
  (match: RegExpExecArray, place: Place) => string | null,
];

/** The messages of Deno 2.9.6; one that changes is shown as it is. */
const importErrors: readonly ImportErrorRow[] = [
  [
    /^TypeError: Module not found "([^"]+)"\.?(?: Maybe add a '(\.\w+)')?/,
    ([, url, ending], { app, where }) =>
      nameOf(url) === app
        ? `There is no module ${app}`
        : `${where} imports ${nameOf(url)}, which does not exist${
          ending === undefined ? "" : `: write its ending, ${ending}`
        }`,
  ],
  [
    /^TypeError: \[ERR_UNSUPPORTED_DIR_IMPORT\] Directory import '([^']+)'/,
    ([, url], { app, where }) => {
      const directory = nameOf(url);
      const advice =
        `a directory: name the module in it, such as ${directory}/main.ts`;
      return directory === app
        ? `${app} is ${advice}`
        : `${where} imports ${advice}`;
    },
  ],
  [
    /^TypeError: Attempted to load JSON module/,
    // Deno does not say which module has the import.
    (_, { app }) =>
      app.endsWith(".json")
        ? `${app} is JSON: name a module with an app`
        : `${app} imports JSON: write 'with { type: "json" }' behind its name`,
  ],
  [
    /^TypeError: No such built-in module: (\S+)/,
    ([, name], { where }) => `${where} imports ${name}, which does not exist`,
  ],
  [
    /^TypeError: Import "([^"]+)" not a dependency/,
    ([, name], { where }) =>
      `${where} imports "${name}", which is not in deno.json or package.json: write "npm:${name}", or run "deno add npm:${name}"`,
  ],
  [
    /^TypeError: npm package '([^']+)' does not exist/,
    ([, name], { where }) =>
      `${where} imports the npm package "${name}", which does not exist`,
  ],
  [
    /^TypeError: Could not find npm package '([^']+)' matching '([^']+)'/,
    ([, name, version], { where }) =>
      `${where} imports the npm package "${name}", which has no version "${version}"`,
  ],
  [
    /^TypeError: SyntaxError: (.*)\n((?: *\d* *\|.*\n)*)/,
    ([, message, lines], { where }) =>
      `${where} has a syntax error: ${message}\n${lines}`.trimEnd(),
  ],
  [
    /^SyntaxError: The requested module '([^']+)' does not provide an export named '([^']+)'(?: at (\S+))?/,
    ([, module, name, place], { where }) =>
      `${
        place === undefined ? where : nameOf(place)
      } imports ${name} from "${module}", which does not export it`,
  ],
  [
    /^ReferenceError: (?:module|exports|require) is not defined\n/,
    (_, { app, where }) =>
      where.startsWith(`${app}:`)
        ? `${where} is CommonJS: write "import" and "export default" instead of "require" and "module.exports", or let the name end in .cjs`
        : null,
  ],
];

/** @param listens whether it listens for events of the name `fetch` */
export function explainExports(
  url: string,
  module: Readonly<Record<string, unknown>>,
  listens: boolean,
): string {
  const { default: app } = module;
  const assign = /\.c[jt]s$/.test(url) ? "module.exports =" : "export default";
  const said = app === undefined
    ? withoutDefault(module, listens)
    : withDefault(app);
  const [what, value = '{ fetch(request) { return new Response("Hello"); } }'] =
    said;
  return `The app ${nameOf(url)} ${what}: write ${
    JSON.stringify(`${assign} ${value}`).replaceAll('\\"', "'")
  }`;
}

/** What is wrong, and what should be exported. */
type Said = readonly [string, string?];

const ownName = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

function withDefault(app: unknown): Said {
  if (typeof app === "function") return withFunction(app);
  if (typeof app !== "object" || app === null) {
    return [`exports ${Deno.inspect(app)}, not an object with fetch`];
  }
  if (app instanceof Promise) return ["exports a promise", "await app"];
  if ("fetch" in app) {
    return [
      `exports a fetch that is not a function, but a ${typeof app.fetch}`,
    ];
  }
  return ["exports an object without a function fetch"];
}

function withFunction(app: { name: string }): Said {
  if (isNodeApp(app)) {
    return ["exports an app for node:http, which Skein cannot call"];
  }
  if (/^class\b/.test(Function.prototype.toString.call(app))) {
    const name = app.name === "default" ? "App" : app.name;
    return [`exports a class, not an object`, `new ${name || "App"}()`];
  }
  if (/^(?:bound )?fetch$/.test(app.name)) {
    return [
      "exports the function fetch, not the object that it belongs to",
      "app",
    ];
  }
  const name = app.name !== "default" && ownName.test(app.name)
    ? app.name
    : "handler";
  return [
    "exports a function, not an object that has it",
    `{ fetch: ${name} }`,
  ];
}

/** As Express and its kind make them: functions with methods. */
function isNodeApp(app: object): boolean {
  return "listen" in app && typeof app.listen === "function";
}

function withoutDefault(
  module: Readonly<Record<string, unknown>>,
  listens: boolean,
): Said {
  if (listens) {
    return [
      'listens for "fetch" events, which do not come',
      "{ fetch: handler }",
    ];
  }
  const exported = Object.entries(module);
  const [object] =
    exported.find(([, value]) =>
      typeof (value as { fetch?: unknown } | null)?.fetch === "function"
    ) ?? [];
  if (object !== undefined) return [`exports ${object} by name only`, object];
  const functions = exported.filter(([, value]) => typeof value === "function")
    .map(([name]) => name);
  const handler = functions.find((name) => /^(?:fetch|handle)/i.test(name)) ??
    (functions.length === 1 ? functions[0] : undefined);
  return handler === undefined ? ["has no default export"] : [
    `exports ${handler} by name only`,
    handler === "fetch" ? "{ fetch }" : `{ fetch: ${handler} }`,
  ];
}

/** @param place text of the error that the call ended with, which has its stack */
export function explainServe(url: string, text: string): string {
  const [, place = ""] = /\n( {4}at [^]*)$/.exec(text) ?? [];
  return `The app ${
    nameOf(url)
  } calls Deno.serve, and it is Skein that listens: remove the call, and write "export default { fetch: handler }"\n${place}`
    .trimEnd();
}

/** The code of a module may be in its URL. */
const maxName = 100;

/** A path where it is one, perhaps with line and column. */
function nameOf(url: string): string {
  if (!url.startsWith("file:///")) {
    return url.length > maxName ? `${url.slice(0, maxName)}...` : url;
  }
  try {
    return decodeURIComponent(url.slice("file://".length));
  } catch {
    return url;
  }
}
