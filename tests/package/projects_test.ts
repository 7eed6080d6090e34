/**
 * The package in projects of users: each is a directory of its own with its own
 * configuration, and what counts is what its app answers to a request.
 */

import {
  assertEquals,
  assertNotMatch,
  assertStringIncludes,
} from "@std/assert";
import { dirname, join, toFileUrl } from "@std/path";
import { repository } from "../support/command.ts";
import { inTime } from "../support/in_time.ts";
import { appOf, kinds } from "./kinds.ts";
import {
  byHand,
  type Files,
  get,
  type MadePackage,
  makePackage,
  npmInstall,
  Project,
} from "./made_package.ts";

let made: MadePackage;
Deno.test.beforeAll(async () => {
  made = await makePackage();
});
Deno.test.afterAll(async () => {
  await made?.[Symbol.asyncDispose]();
});

/** A test in a project that has those files. */
function test(
  name: string,
  files: Files,
  body: (project: Project) => Promise<void>,
): void {
  Deno.test(
    name,
    inTime(async () => {
      using project = await Project.make(files, made);
      await body(project);
    }, 120_000),
  );
}

for (const { name, files, app = "main.ts", body, ...options } of kinds) {
  test(`a project with ${name}`, files, async (project) => {
    await using server = await project.start(app, options);
    assertEquals(await get(server), body);
    assertNotMatch(server.stderr.text, /^skein: /m);
  });
}

/** Projects that differ only in how they have the package. */
const ways: readonly { readonly way: string; readonly files: Files }[] = [
  {
    way: "deno.json",
    files: { "deno.json": { imports: { "@/": "./src/" } } },
  },
  {
    way: "package.json",
    files: {
      "package.json": { type: "module", imports: { "#src/*": "./src/*" } },
    },
  },
];

for (const { way, files } of ways) {
  const alias = way === "deno.json" ? "@/" : "#src/";

  test(
    `an app of a project with ${way} knows where it is`,
    {
      ...files,
      "src/main.ts": appOf(
        "JSON.stringify([import.meta.dirname, import.meta.filename, Deno.cwd()])",
      ),
    },
    async (project) => {
      await using server = await project.start("src/main.ts");
      const { directory } = project;
      assertEquals(JSON.parse(await get(server)), [
        join(directory, "src"),
        join(directory, "src", "main.ts"),
        directory,
      ]);
    },
  );

  test(
    `SIGHUP reloads the app of a project with ${way}`,
    {
      ...files,
      "src/word.ts": 'export const word = "first";',
      "main.ts": appOf("word", `import { word } from "${alias}word.ts";`),
    },
    async (project) => {
      await using server = await project.start("main.ts");
      assertEquals(await get(server), "first");
      await project.write("src/word.ts", 'export const word = "second";');
      server.signal("SIGHUP");
      await server.stdout.waitFor(/^Skein has reloaded main\.ts\n/m);
      assertEquals(await get(server), "second");
    },
  );

  for (
    const { what, code, says } of [
      {
        what: "throws",
        code: 'throw new Error("not today");',
        says: "Error: not today\n    at ",
      },
      {
        what: "imports what is not there",
        code: 'import "./none.ts";',
        says: "none.ts",
      },
      {
        what: "imports what nothing names",
        code: 'import "nowhere";',
        says: '"nowhere"',
      },
    ]
  ) {
    test(
      `an app of a project with ${way} that ${what} is told of by its own files only`,
      {
        ...files,
        "src/wrong.ts": code,
        "main.ts": `import "${alias}wrong.ts";`,
      },
      async (project) => {
        const complaint = await project.complaint("main.ts");
        const { directory } = project;
        assertStringIncludes(complaint, `${directory}/src/wrong.ts:1:`);
        assertStringIncludes(complaint, says);
        assertNotMatch(complaint, /chunk-|node_modules\/@skein/);
        assertEquals(complaint.includes(dirname(made.main)), false);
      },
    );
  }
}

test(
  "a package of the project and another version of it within Skein do not mix",
  {
    "package.json": { type: "module", dependencies: { mrmime: "1.0.1" } },
    "site/script.js": "// a script",
    "main.ts": `
      import { lookup } from "mrmime";
      export default {
        fetch({ url }: Request) {
          if (new URL(url).pathname === "/type") return new Response(lookup("js"));
        },
      };`,
  },
  async (project) => {
    await using server = await project.start("main.ts", { args: ["site"] });
    assertEquals(await get(server, "/type"), "application/javascript");
    const response = await fetch(new URL("/script.js", server.url));
    assertEquals(await response.text(), "// a script");
    assertEquals(
      response.headers.get("content-type"),
      "text/javascript; charset=utf-8",
    );
  },
);

test(
  "the command of the README serves a project that had no package.json",
  {
    "deno.json": { imports: { "@/": "./src/" } },
    "src/word.ts": 'export const word = "installed";',
    "main.ts": appOf("word", 'import { word } from "@/word.ts";'),
  },
  async ({ directory }) => {
    const readme = await Deno.readTextFile(join(repository, "README.md"));
    const [, command] = /"(deno run [^"]*npm:@skein\/skein[^"]*)"/.exec(
      readme,
    )!;
    await npmInstall(directory, made.tarball);
    const noted = await Deno.readTextFile(join(directory, "package.json"));
    assertEquals(Object.keys(JSON.parse(noted).dependencies), [
      "@skein/skein",
    ]);
    for (
      const each of [
        command,
        // What `npx skein` runs.
        "./node_modules/.bin/skein --app main.ts",
      ]
    ) {
      await using server = await byHand(directory, `exec ${each}`, {
        PORT: "0",
      });
      assertEquals(await get(server), "installed");
    }
  },
);

for (const { way, files } of ways) {
  test(
    `a project with ${way} serves directories too`,
    { ...files, "site/a.txt": "of a directory" },
    async (project) => {
      const flags = ["--unstable-worker-options"];
      for (
        const [args, path, part] of [
          [["site"], "/a.txt", "of a directory"],
          // The page that comes with Skein.
          [[], "/", "<title>"],
        ] as const
      ) {
        await using server = await project.start(null, { flags, args });
        assertStringIncludes(await get(server, path), part);
      }
    },
  );
}

/** A program that serves by itself. */
const program = (isolation: string) => `
  import { serve, type SkeinOptions } from "@skein/skein";
  const options: SkeinOptions = {
    app: new URL("./app.ts", import.meta.url),
    workers: 1,
    isolation: "${isolation}",
  };
  await using skein = await serve(options);
  console.log(await (await fetch(skein.url)).text());
`;

for (const isolation of ["standard", "strict"]) {
  test(
    `a program that serves an app itself, ${isolation}, answers and ends`,
    {
      "package.json": { type: "module" },
      "program.ts": program(isolation),
      "app.ts": appOf('"embedded"'),
    },
    async (project) => {
      assertEquals(await project.deno("run", "-A", "program.ts"), {
        code: 0,
        stdout: "embedded\n",
        stderr: "",
      });
    },
  );
}

test(
  "deno check knows the types of the library",
  {
    "package.json": { type: "module" },
    "right.ts": program("strict"),
    "wrong.ts": program("strct"),
    "types.ts": `
      import { Histogram, serve, Skein } from "@skein/skein";
      import type {
        Inspection, Limits, ListenAddress, Reloaded, RequestEvent, SkeinOptions,
      } from "@skein/skein";
      type Any<T> = 0 extends 1 & T ? true : false;
      type Some = Any<typeof serve> | Any<Skein> | Any<Histogram> | Any<Inspection>
        | Any<Limits> | Any<ListenAddress> | Any<Reloaded> | Any<RequestEvent>
        | Any<SkeinOptions> | Any<SkeinOptions["limits"]> | Any<SkeinOptions["app"]>
        | Any<SkeinOptions["files"]> | Any<RequestEvent["head"]> | Any<Skein["pool"]>;
      const someAreAny: Some extends false ? false : true = false;
      console.log(someAreAny);
    `,
  },
  async (project) => {
    const right = await project.deno("check", "right.ts", "types.ts");
    assertEquals(right.code, 0, right.stderr);
    // Also where the module is named by its path.
    await project.write(
      "by_path.ts",
      program("strct").replace(
        "@skein/skein",
        toFileUrl(join(dirname(made.main), "lib", "skein.js")).href,
      ),
    );
    const wrong = await project.deno("check", "by_path.ts", "wrong.ts");
    assertEquals(wrong.code, 1);
    const found = wrong.stderr.match(/"strct"' is not assignable to type/g);
    assertEquals(found?.length, 2, wrong.stderr);
    for (const name of ["by_path.ts", "wrong.ts"]) {
      assertStringIncludes(wrong.stderr, `${project.directory}/${name}:`);
    }
  },
);

/** A lock file with that in it. */
const lock = (content: object) => ({ version: "5", ...content });

const lockedFiles: Files = {
  "deno.json": { imports: { "mrmime": "npm:mrmime@1" } },
  "main.ts": appOf(
    "meta.version",
    'import meta from "npm:mrmime@1/package.json" with { type: "json" };',
  ),
};

/** What a lock file says of version 1.0.0, the older one. */
const older = (integrity: string) =>
  lock({
    specifiers: { "npm:mrmime@1": "1.0.0" },
    npm: { "mrmime@1.0.0": { integrity } },
    workspace: { dependencies: ["npm:mrmime@1"] },
  });
const olderHash =
  "sha512-a70zx7zFfVO7XpnQ2IX1Myh9yY4UYvfld/dikWRnsXxbyvMcfz+u6UfgNAtH+k2QqtJuzVpv6eLTx1G2+WKZbQ==";

test(
  "a deno.lock decides on the version of a package",
  { ...lockedFiles, "deno.lock": older(olderHash) },
  async (project) => {
    await using server = await project.start("main.ts");
    assertEquals(await get(server), "1.0.0");
  },
);

test(
  "a start without a deno.lock writes one, of what the app imports",
  lockedFiles,
  async (project) => {
    await using server = await project.start("main.ts");
    assertEquals(await get(server), "1.0.1");
    const text = await Deno.readTextFile(join(project.directory, "deno.lock"));
    assertEquals(Object.keys(JSON.parse(text).specifiers), ["npm:mrmime@1"]);
  },
);

test(
  "a package that is not that of the deno.lock is refused",
  {
    ...lockedFiles,
    "deno.lock": older(olderHash.replace("sha512-a", "sha512-b")),
  },
  async (project) => {
    // A package that is in the cache already is not looked at.
    const env = { DENO_DIR: join(project.directory, "cache") };
    const complaint = await project.complaint("main.ts", { env });
    assertStringIncludes(complaint, "checksum did not match");
    assertStringIncludes(complaint, "mrmime@1.0.0");
  },
);

test(
  "a deno.lock that lacks a package is refused where it is frozen",
  { ...lockedFiles, "deno.lock": lock({}) },
  async (project) => {
    const complaint = await project.complaint("main.ts", {
      flags: ["--frozen"],
    });
    assertStringIncludes(complaint, "The lockfile is out of date");
  },
);

for (const isRight of [true, false]) {
  test(
    `a module from elsewhere is ${
      isRight ? "imported" : "refused"
    } where the deno.lock has ${isRight ? "its" : "another"} hash`,
    { "deno.json": {} },
    async (project) => {
      const code = 'export const word = "remote";';
      await using elsewhere = Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen() {} },
        () =>
          new Response(code, {
            headers: { "content-type": "text/javascript" },
          }),
      );
      const url = `http://127.0.0.1:${elsewhere.addr.port}/word.js`;
      await project.write(
        "main.ts",
        appOf("word", `import { word } from "${url}";`),
      );
      const hash = await sha256(isRight ? code : "another");
      await project.write(
        "deno.lock",
        JSON.stringify(lock({ remote: { [url]: hash } })),
      );
      const env = { DENO_DIR: join(project.directory, "cache") };
      if (isRight) {
        await using server = await project.start("main.ts", { env });
        assertEquals(await get(server), "remote");
      } else {
        const complaint = await project.complaint("main.ts", { env });
        assertStringIncludes(complaint, "Integrity check failed");
        assertStringIncludes(complaint, "the expected hash in the lock file");
        assertStringIncludes(complaint, url);
      }
    },
  );
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(text),
  );
  return new Uint8Array(digest).toHex();
}
