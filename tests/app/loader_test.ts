/**
 * The shapes of modules that are apps, each in files of its own and asked once
 * through a whole server.
 */

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { toFileUrl } from "@std/path";
import { BootError } from "../../lib/pool/boot_error.ts";
import { ask } from "../support/clients.ts";
import { inTime } from "../support/in_time.ts";
import { startTestServer } from "../support/test_server.ts";
import { makeTree } from "../support/tree.ts";

interface Shape {
  readonly name: string;
  /** By their names; the first is the app, and answers "as wanted". */
  readonly files: Readonly<Record<string, string>>;
}

const shapes: readonly Shape[] = [
  {
    name: "is an object",
    files: {
      "app.js": `export default { fetch: () => new Response("as wanted") };`,
    },
  },
  {
    name: "is typed as Deno has it",
    files: {
      "app.ts": `
        interface Answer { readonly text: string }
        const answer: Answer = { text: "as wanted" };
        export default {
          fetch(_request: Request, info: Deno.ServeHandlerInfo): Response {
            return new Response(info.remoteAddr ? answer.text : "");
          },
        } satisfies Deno.ServeDefaultExport;`,
    },
  },
  {
    name: "is an instance of a class, and fetch a method of it",
    files: {
      "app.js": `
        class App {
          #text = "as wanted";
          fetch() { return new Response(this.#text); }
        }
        export default new App();`,
    },
  },
  {
    name: "answers to every name, as a promise would",
    files: {
      "app.js": `
        const fetch = () => new Response("as wanted");
        export default new Proxy({}, {
          get: (_target, name) => name === "fetch" ? fetch : () => {},
        });`,
    },
  },
  {
    name: "changes its fetch later",
    files: {
      "app.js": `
        const app = {
          fetch() {
            app.fetch = () => new Response("too late");
            return new Response("as wanted");
          },
        };
        export default app;`,
    },
  },
  {
    name: "waits for something before it exports",
    files: {
      "app.js": `
        const text = await new Promise((resolve) =>
          setTimeout(resolve, 5, "as wanted"));
        export default { fetch: () => new Response(text) };`,
    },
  },
  {
    name: "imports other modules, JSON and text of its own",
    files: {
      "app.ts": `
        import { want } from "./lib/want.ts";
        import words from "./words.json" with { type: "json" };
        export default {
          async fetch() {
            const { space } = await import("./lib/space.js");
            return new Response(words.as + space + want());
          },
        };`,
      "lib/want.ts": `export const want = (): string => "wanted";`,
      "lib/space.js": `export const space = " ";`,
      "words.json": `{ "as": "as" }`,
    },
  },
  {
    name: "imports packages of npm and of Node",
    files: {
      "app.js": `
        import { lookup } from "npm:mrmime@2.0.1";
        import { Buffer } from "node:buffer";
        const text = Buffer.from("as wanted").toString();
        export default {
          fetch: () => new Response(lookup("a.html") ? text : ""),
        };`,
    },
  },
  {
    name: "is a CommonJS module",
    files: {
      "app.cjs": `
        const { join } = require("node:path");
        module.exports = {
          fetch: () => new Response(join("as wanted", ".")),
        };`,
    },
  },
  {
    name: "is JSX",
    files: {
      "app.tsx": `
        /** @jsx make */
        const make = (tag: string, _: null, text: string) => tag + text;
        export default { fetch: () => new Response(<as> wanted</as>) };`,
    },
  },
];

async function answerOf({ files }: Shape): Promise<string> {
  const entries = Object.entries(files).map(([name, text]) => [
    `www/${name}`,
    text,
  ]);
  using tree = await makeTree(Object.fromEntries(entries));
  const app = toFileUrl(tree.path(`${entries[0][0]}`)).href;
  await using server = await startTestServer({ app, workers: 1 });
  return (await ask(server, "/")).body;
}

for (const shape of shapes) {
  Deno.test(
    `an app runs that ${shape.name}`,
    inTime(async () => assertEquals(await answerOf(shape), "as wanted")),
  );
}

Deno.test(
  "an app runs that is imported over HTTP",
  inTime(async () => {
    await using library = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      () =>
        new Response(`export const text = "as wanted";`, {
          headers: { "Content-Type": "text/javascript" },
        }),
    );
    const url = `http://127.0.0.1:${library.addr.port}/library.js`;
    const code = `
      import { text } from "${url}";
      export default { fetch: () => new Response(text) };`;
    assertEquals(
      await answerOf({ name: "", files: { "app.js": code } }),
      "as wanted",
    );
  }),
);

Deno.test(
  "an app that cannot be imported says which of its imports is wrong",
  inTime(async () => {
    const files = { "app.js": `import "./missing.js";` };
    const error = await assertRejects(
      () => answerOf({ name: "", files }),
      BootError,
    );
    assertStringIncludes(error.message, "missing.js");
  }),
);
