/**
 * The command itself, as a process with exactly the permissions that `deno task
 * start` gives it: what it says, and what it exits with. What happens to requests
 * when it is told to end is for another file.
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { toFileUrl } from "@std/path";
import config from "../../deno.json" with { type: "json" };
import { help } from "../../lib/cli/help.ts";
import { repository } from "../support/command.ts";
import { until } from "../support/in_time.ts";
import { makeTree } from "../support/tree.ts";
import { answers, freePort, run, start, stop, test } from "../support/cli.ts";

test("--help prints the help and exits 0", async () => {
  for (const flag of ["--help", "-h"]) {
    const want = { code: 0, stdout: `${help(false)}\n`, stderr: "" };
    assertEquals(await run([flag]), want);
  }
});

test("--version prints the version of deno.json and exits 0", async () => {
  for (const flag of ["--version", "-V"]) {
    const want = { code: 0, stdout: `skein ${config.version}\n`, stderr: "" };
    assertEquals(await run([flag]), want);
  }
});

test("deno task lists every task with what it is for", async () => {
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["task"],
    cwd: repository,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(output.stdout) +
    new TextDecoder().decode(output.stderr);
  for (const [name, { description }] of Object.entries(config.tasks)) {
    assert(description.length > 10, name);
    assertStringIncludes(text, `- ${name}\n    // ${description}\n`);
  }
});

// --- running ---

test("the command says in one line where it listens, what it serves and with how many workers", async () => {
  using tree = await makeTree({ "www/index.html": "mine" });
  for (
    const { args, want } of [
      { args: ["-w", "1"], want: "the hello page with 1 worker" },
      { args: ["-w", "3", tree.root], want: `${tree.root} with 3 workers` },
      {
        args: ["-w", "1", "--app", "lib/hello/app.ts", tree.root],
        want: `lib/hello/app.ts, then ${tree.root} with 1 worker`,
      },
    ]
  ) {
    await using running = start(["-p", "0", ...args]);
    const { line, url } = await running.greeting;
    assertMatch(url, /^http:\/\/127\.0\.0\.1:[1-9][0-9]*\/$/);
    assertEquals(line, `Skein is listening on ${url} and serves ${want}\n`);
    // When it says so, it is true.
    const response = await fetch(url);
    await response.body?.cancel();
    assertEquals(response.status, 200);
    assertEquals(await stop(running), { code: 0, stdout: line, stderr: "" });
  }
});

test("the command puts an IPv6 address into brackets", async () => {
  await using running = start(["-p", "0", "--host", "::1", "-w", "1"]);
  const url = await running.greeting.then(({ url }) => url, () => null);
  if (url === null) {
    // A machine without IPv6 has to be told so.
    assertMatch((await running.ended).stderr, /^skein: ::1 is not an address /);
    return;
  }
  assertMatch(url, /^http:\/\/\[::1\]:[1-9][0-9]*\/$/);
  await (await fetch(url)).body?.cancel();
});

test("the command serves a relative ROOT of the directory that it is run in", async () => {
  using tree = await makeTree({ "a site/index.html": "mine" });
  await using running = start(["-p", "0", "a site"], { cwd: tree.path(".") });
  const { line, url } = await running.greeting;
  assertStringIncludes(line, " and serves a site with ");
  assertEquals(await (await fetch(url)).text(), "mine");
});

test("the command serves a relative ROOT of where its task was called, under a task", async () => {
  using tree = await makeTree({ "a site/index.html": "mine" });
  await using running = start(["-p", "0", "a site"], {
    env: { INIT_CWD: tree.path(".") },
  });
  const { url } = await running.greeting;
  assertEquals(await (await fetch(url)).text(), "mine");
});

test("the command runs an app that is named relative to where it is run, or by URL", async () => {
  const app = `export default { fetch: () => new Response("mine") }`;
  using tree = await makeTree({ "my apps/app.ts": app });
  const url = toFileUrl(tree.path("my apps/app.ts")).href;
  for (const name of ["my apps/app.ts", "./my apps/app.ts", url]) {
    await using running = start(["-p", "0", "-w", "1", "--app", name], {
      cwd: tree.path("."),
    });
    const { url } = await running.greeting;
    assertEquals(await (await fetch(url)).text(), "mine");
  }
});

test("the command takes its port from $PORT and its address from $HOST", async () => {
  const env = { PORT: "0", HOST: "0.0.0.0" };
  await using running = start([], { env });
  const { url } = await running.greeting;
  assertMatch(url, /^http:\/\/0\.0\.0\.0:[1-9][0-9]*\/$/);
});

test("-q prints nothing", async () => {
  for (const flag of ["-q", "--quiet"]) {
    const port = freePort();
    await using running = start([flag, "-p", `${port}`]);
    await until(() => answers(port));
    const want = { code: 0, stdout: "", stderr: "" };
    assertEquals(await stop(running), want);
  }
});

for (
  const { args, env, sentence } of [
    {
      args: ["--prot", "80"],
      sentence: "Unknown option '--prot'; did you mean --port?",
    },
    {
      args: ["--port", "eighty"],
      sentence: '--port takes a whole number from 0 to 65535, not "eighty"',
    },
    {
      args: [],
      env: { PORT: "eighty" },
      sentence: '$PORT takes a whole number from 0 to 65535, not "eighty"',
    },
    {
      args: ["one", "two"],
      sentence: 'Only one ROOT can be served, and "two" is a second one',
    },
    {
      args: ["--header", "Content-Length: 1"],
      sentence:
        "--header Content-Length: Skein sets this field itself in every response",
    },
  ]
) {
  test(`the command exits 2 and says: ${sentence}`, async () => {
    assertEquals(await run(args, { env }), {
      code: 2,
      stdout: "",
      stderr: `skein: ${sentence}\n`,
    });
  });
}

test("the command tells its workers what was chosen about the site", async () => {
  using tree = await makeTree({ "www/docs/a.txt": "a", "www/index.html": "i" });
  await using running = start([
    ...["--list", "-s", "--cors", "--cache", "7", "-H", "X-Mine: yes"],
    ...["-p", "0", tree.root],
  ]);
  const { url } = await running.greeting;
  const listing = await fetch(`${url}docs/`);
  assertStringIncludes(await listing.text(), 'href="a.txt"');
  const file = await fetch(`${url}docs/a.txt`);
  assertEquals(await file.text(), "a");
  assertEquals(file.headers.get("cache-control"), "public, max-age=7");
  assertEquals(file.headers.get("access-control-allow-origin"), "*");
  assertEquals(file.headers.get("x-mine"), "yes");
  assertEquals(await (await fetch(`${url}some/page`)).text(), "i");
  assertEquals((await stop(running)).code, 0);
});
