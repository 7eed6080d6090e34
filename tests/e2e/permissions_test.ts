/**
 * What the command and its workers may do, and what they may not.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { recordWorkers } from "../support/recorded_workers.ts";
import { startTestServer } from "../support/test_server.ts";
import { makeTree } from "../support/tree.ts";
import { start, test } from "../support/cli.ts";

test("an app has no other permissions than the command itself", async () => {
  using tree = await makeTree({
    "app.ts": `export default {
      fetch() {
        const attempts = [
          () => Deno.writeTextFileSync(new URL("new.txt", import.meta.url), ""),
          () => new Deno.Command("true").outputSync(),
          () => Deno.env.get("HOME"),
          () => Deno.hostname(),
          () => Deno.env.get("PORT"),
          () => Deno.readDirSync("."),
        ];
        return Response.json(attempts.map((attempt) => {
          try {
            attempt();
            return "done";
          } catch (error) {
            return error.name;
          }
        }));
      },
    };`,
  });
  const args = ["-p", "0", "-w", "1", "--app", tree.path("app.ts")];
  await using running = start(args);
  const { url } = await running.greeting;
  assertEquals(await (await fetch(url)).json(), [
    "done",
    "NotCapable",
    "done",
    "NotCapable",
    "done",
    "done",
  ]);
});

/** A worker that tries everything, and says how it ended. */
const probe = `self.onmessage = async ({ data: { root, outside } }) => {
  const attempts = {
    readInside: () => Deno.readTextFileSync(root + "/index.html"),
    listInside: () => [...Deno.readDirSync(root)],
    readOutside: () => Deno.readTextFileSync(outside),
    listParent: () => [...Deno.readDirSync(root + "/..")],
    write: () => Deno.writeTextFileSync(root + "/new.txt", ""),
    remove: () => Deno.removeSync(root + "/index.html"),
    env: () => Deno.env.get("HOME"),
    envPort: () => Deno.env.get("PORT"),
    run: () => new Deno.Command("true").outputSync(),
    sys: () => Deno.hostname(),
    ffi: () => Deno.dlopen(outside, {}),
    listen: () => Deno.listen({ hostname: "127.0.0.1", port: 0 }).close(),
    connect: async () => (await Deno.connect({ port: 7878 })).close(),
    fetch: () => fetch("http://127.0.0.1:7878/"),
    import: () => import(new URL("file://" + outside).href),
  };
  const outcomes = {};
  for (const [name, attempt] of Object.entries(attempts)) {
    try {
      await attempt();
      outcomes[name] = "done";
    } catch (error) {
      outcomes[name] = error.name + ": " + error.message;
    }
  }
  self.postMessage(outcomes);
};`;

test("the workers of a plain site may read its ROOT, and nothing else at all", async () => {
  using tree = await makeTree({
    "releases/7/index.html": "mine",
    "www/current": { kind: "link", to: "/releases/7" },
    "outside.js": "export {}",
  });
  const made = await recordWorkers(async () => {
    // Through a link: what they may read is where it leads.
    const root = tree.path("www/current");
    await using _server = await startTestServer({ root, workers: 2 });
  });
  assertEquals(made.length, 2);
  for (const options of made) {
    const outcomes = await runProbe(options, {
      root: tree.path("releases/7"),
      outside: tree.path("outside.js"),
    });
    const { readInside, listInside, ...others } = outcomes;
    assertEquals([readInside, listInside], ["done", "done"]);
    for (const [name, outcome] of Object.entries(others)) {
      assertMatch(
        outcome,
        /NotCapable|Requires (read|import) access/,
        `${name}: ${outcome}`,
      );
    }
  }
});

async function runProbe(
  options: WorkerOptions,
  paths: { readonly root: string; readonly outside: string },
): Promise<Record<string, string>> {
  const url = `data:application/javascript,${encodeURIComponent(probe)}`;
  const worker = new Worker(url, options);
  try {
    const { promise, resolve, reject } = Promise.withResolvers<
      Record<string, string>
    >();
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(event.message));
    };
    worker.postMessage(paths);
    return await promise;
  } finally {
    worker.terminate();
  }
}
