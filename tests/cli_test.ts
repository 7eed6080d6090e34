/**
 * The command itself, as a process with exactly the permissions that `deno task
 * start` gives it: what it says, and what it exits with. What happens to requests
 * when it is told to end is for another file.
 */

import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { toFileUrl } from "@std/path";
import config from "../deno.json" with { type: "json" };
import { usage } from "../lib/command_line.ts";
import { Transcript } from "./bench/transcript.ts";
import { repository, spawnCommand } from "./support/command.ts";
import { inTime, until } from "./support/in_time.ts";
import { recordWorkers } from "./support/recorded_workers.ts";
import { startTestServer } from "./support/test_server.ts";
import { makeTree, type TreeEntry } from "./support/tree.ts";

/** Generous: each process compiles what it imports. */
function test(name: string, body: () => Promise<void>): void {
  Deno.test(name, inTime(body, 120_000));
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Running extends AsyncDisposable {
  readonly child: Deno.ChildProcess;
  /** Resolves with its first line and the address in it. */
  readonly greeting: Promise<{ readonly line: string; readonly url: string }>;
  /** Resolves when it is over and all it said has been read. */
  readonly ended: Promise<Ended>;
}

interface RunOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** What a shell is to do with its output. */
  readonly redirect?: string;
}

/** Starts the command of `deno task start`, from anywhere. */
function start(
  args: string[],
  { env, cwd, redirect = "" }: RunOptions = {},
): Running {
  const child = spawnCommand(args, {
    cwd,
    // As on a terminal; the variables of whoever runs the tests must not matter.
    env: { FORCE_COLOR: "1", NO_COLOR: "", PORT: "", HOST: "", ...env },
    // The process is the command's own: signals go to it.
    shell: `exec "$@" ${redirect}`,
  });
  const stdout = new Transcript(child.stdout);
  const stderr = new Transcript(child.stderr);
  const greeting = stdout.waitFor(/^Skein is listening on (\S+) .*\n/)
    .then(([line, url]) => ({ line, url }));
  // Most of these processes have none.
  greeting.catch(() => {});
  let over = false;
  const ended = Promise.all([child.status, stdout.ended, stderr.ended])
    .then(([{ code }]) => {
      over = true;
      return { code, stdout: stdout.text, stderr: stderr.text };
    });
  return {
    child,
    greeting,
    ended,
    async [Symbol.asyncDispose]() {
      if (!over) child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Runs the command to its end. */
async function run(args: string[], options?: RunOptions): Promise<Ended> {
  await using running = start(args, options);
  // One that goes on to serve would never end by itself.
  running.greeting.then(() => running.child.kill("SIGKILL"), () => {});
  return await running.ended;
}

/** Ends it as a supervisor does. */
async function stop({ child, ended }: Running): Promise<Ended> {
  child.kill("SIGTERM");
  return await ended;
}

// --- questions ---

test("--help prints the help and exits 0", async () => {
  for (const flag of ["--help", "-h"]) {
    const want = { code: 0, stdout: `${usage}\n`, stderr: "" };
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
      { args: ["-w", "1"], want: "the bundled site with 1 worker" },
      { args: ["-w", "3", tree.root], want: `${tree.root} with 3 workers` },
      {
        args: ["-w", "1", "--app", "tests/apps/book.ts", tree.root],
        want: `tests/apps/book.ts, then ${tree.root} with 1 worker`,
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
    assertMatch((await running.ended).stderr, /^skein: ::1 is no address /);
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

/** One that was free a moment ago. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function answers(port: number): Promise<boolean> {
  try {
    await (await fetch(`http://127.0.0.1:${port}/`)).body?.cancel();
    return true;
  } catch {
    return false;
  }
}

// --- what is wrong with the command line ---

for (
  const { args, env, sentence } of [
    { args: ["--prot", "80"], sentence: "Unknown option '--prot'" },
    {
      args: ["--port", "eighty"],
      sentence:
        '--port takes a whole number from 0 to 65535, and "eighty" is none',
    },
    {
      args: [],
      env: { PORT: "eighty" },
      sentence:
        '$PORT takes a whole number from 0 to 65535, and "eighty" is none',
    },
    {
      args: ["one", "two"],
      sentence: 'Only one ROOT can be served, and "two" is a second one',
    },
    {
      args: ["--header", "Content-Length: 1"],
      sentence:
        "--header Content-Length: Skein works that out for every answer itself",
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

// --- what is wrong with the world ---

/** Asserts that the command ends with 1 and that sentence. */
async function assertFails(
  args: string[],
  sentence: string | RegExp,
  options?: RunOptions,
): Promise<void> {
  const { code, stdout, stderr } = await run(args, options);
  assertEquals(stdout, "");
  const pattern = typeof sentence === "string"
    ? new RegExp(`^skein: ${RegExp.escape(sentence)}\\n$`)
    : new RegExp(`^skein: ${sentence.source}\\n$`);
  // One line: no stack trace comes after it. `.` matches no end of a line.
  assertMatch(stderr, pattern);
  assertEquals(code, 1);
}

test("the command tells of a port in use", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  await assertFails(
    ["-p", `${port}`],
    `Port ${port} is in use; end the other server or choose another port with --port`,
  );
});

const privileged = privilegedPort();
Deno.test({
  name: privileged === null
    ? "the command tells of a privileged port (skipped: this user may have any)"
    : "the command tells of a privileged port",
  ignore: privileged === null,
  fn: inTime(() =>
    assertFails(
      ["-p", `${privileged}`],
      `Port ${privileged} is for the superuser; choose one from 1024 up with --port`,
    ), 120_000),
});

/** A port that this user may not listen on, or `null` where there is none. */
function privilegedPort(): number | null {
  const port = 81;
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return null;
  } catch (error) {
    return error instanceof Deno.errors.PermissionDenied ? port : null;
  }
}

test("the command tells of an address that is not this machine's", async () => {
  // RFC 5737 gives this one to nobody, RFC 6761 the name.
  for (const host of ["192.0.2.1", "nowhere.invalid", "no host"]) {
    await assertFails(
      ["-p", "0", "--host", host],
      `${host} is no address of this machine; choose another with --host`,
    );
  }
});

test("the command tells of a ROOT that is not there", async () => {
  using tree = await makeTree({ "www/dangling": { kind: "link", to: "no" } });
  for (const name of ["nothing", "nothing/there", "dangling"]) {
    await assertFails(
      ["-p", "0", name],
      `There is no directory "${name}"; name one that exists`,
      { cwd: tree.root },
    );
  }
});

test("the command tells of a ROOT that is no directory", async () => {
  using tree = await makeTree({
    "www/index.html": "a file",
    "www/fifo": { kind: "fifo" },
    "www/link": { kind: "link", to: "index.html" },
  });
  for (const name of ["index.html", "fifo", "link", "index.html/more"]) {
    await assertFails(
      ["-p", "0", name],
      `"${name}" is not a directory; name the directory that it is in`,
      { cwd: tree.root },
    );
  }
});

const isRoot = Deno.uid() === 0;
Deno.test({
  name: isRoot
    ? "the command tells of a ROOT that it may not read (skipped: the superuser may read all)"
    : "the command tells of a ROOT that it may not read",
  ignore: isRoot,
  fn: inTime(async () => {
    using tree = await makeTree({ "closed/site/index.html": "mine" });
    await Deno.chmod(tree.path("closed"), 0o000);
    try {
      // Not to be taken for a port that may not be had.
      await assertFails(
        ["-p", "81", "closed/site"],
        /"closed\/site" cannot be read \(.*\); name another directory/,
        { cwd: tree.path(".") },
      );
    } finally {
      await Deno.chmod(tree.path("closed"), 0o700);
    }
  }, 120_000),
});

interface BadApp {
  readonly name: string;
  /** `null` where there is none. */
  readonly source: TreeEntry | null;
  /** What is said of its URL. */
  readonly sentence: RegExp;
}

const noFetch = /has no "export default { fetch\(request\) {} }"/;

const badApps: BadApp[] = [
  {
    name: "does not exist",
    source: null,
    sentence: /cannot be imported: Module not found ".*\/app\.ts"/,
  },
  {
    name: "is a directory",
    source: { kind: "directory" },
    sentence: /cannot be imported: .*/,
  },
  {
    name: "has a syntax error",
    source: "export default {\n  fetch( {\n};\n",
    // With the line, which is what one needs most.
    sentence:
      /cannot be imported: SyntaxError: .* \(at file:.*\/app\.ts:[0-9]+:[0-9]+\)/,
  },
  {
    name: "imports what is not there",
    source: 'import "./missing.ts";\nexport default { fetch() {} };\n',
    sentence:
      /cannot be imported: Module not found ".*\/missing\.ts" \(at file:.*\/app\.ts:1:8\)/,
  },
  { name: "is empty", source: "", sentence: noFetch },
  {
    name: "exports no default",
    source: "export function fetch() {}\n",
    sentence: noFetch,
  },
  {
    name: "exports an object without fetch",
    source: "export default { fetsh() {} };\n",
    sentence: noFetch,
  },
  {
    name: "exports a fetch that is no function",
    source: 'export default { fetch: "it" };\n',
    sentence: noFetch,
  },
  {
    name: "exports null",
    source: "export default null;\n",
    sentence: noFetch,
  },
  {
    name: "throws an error",
    source: 'throw new Error("The database is away");\n',
    sentence: /cannot be imported: The database is away/,
  },
  {
    name: "throws an error of several lines",
    source: 'throw new Error("The database is away.\\nSo is the cat.");\n',
    sentence: /cannot be imported: The database is away/,
  },
  {
    name: "throws no error",
    source: 'throw "The database is away";\n',
    sentence: /cannot be imported: The database is away/,
  },
  {
    name: "rejects",
    source: 'await Promise.reject(new Error("The database is away"));\n',
    sentence: /cannot be imported: The database is away/,
  },
  {
    name: "wants what it may not have",
    source:
      'Deno.writeTextFileSync("x", "");\nexport default { fetch() {} };\n',
    sentence: /cannot be imported: Requires write access to .*/,
  },
];

for (const { name, source, sentence } of badApps) {
  test(`the command tells of an app that ${name}`, async () => {
    using tree = await makeTree(source === null ? {} : { "app.ts": source });
    const url = toFileUrl(tree.path("app.ts")).href;
    const whole = new RegExp(
      `The app ${
        RegExp.escape(url)
      } ${sentence.source}; mend it and start again`,
    );
    await assertFails(["-p", "0", "-w", "2", "--app", "app.ts"], whole, {
      cwd: tree.path("."),
    });
  });
}

for (
  const [name, source] of [
    ["is never ready", "await new Promise(() => {});"],
    ["computes for ever", "for (;;);"],
  ]
) {
  test(`the command tells of an app that ${name}`, async () => {
    using tree = await makeTree({ "app.ts": source });
    const limit = "bootTimeoutMs=500";
    await assertFails(
      ["-p", "0", "-w", "2", "--limit", limit, "--app", tree.path("app.ts")],
      /.* not ready after 0\.5 s; mend it and start again/,
    );
  });
}

test("the command ends at once when it is told to before it is ready", async () => {
  using tree = await makeTree({
    "www/index.html": "",
    // What it waits for says that it has come that far.
    "app.ts": `await fetch("http://127.0.0.1:" + Deno.env.get("PORT"));`,
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const env = { PORT: `${listener.addr.port}` };
    const args = ["-p", "0", "-w", "1", "--app", tree.path("app.ts")];
    await using running = start(args, { env });
    using _booting = await listener.accept();
    const toldAt = performance.now();
    running.child.kill(signal);
    const want = { code: 0, stdout: "", stderr: "" };
    assertEquals(await running.ended, want);
    // Before the time that an app may take to boot.
    assertLess(performance.now() - toldAt, 8_000);
  }
});

Deno.test({
  name: "the command serves on where nothing can be written to its log",
  // A device that is always full; elsewhere there is none like it.
  ignore: Deno.build.os !== "linux",
  fn: inTime(async () => {
    using tree = await makeTree({
      "www/index.html": "mine",
      "app.ts": `export default {
        fetch(request) {
          if (request.url.endsWith("/fail")) throw new Error("It failed");
        },
      };`,
    });
    const port = freePort();
    const args = ["-p", `${port}`, "--app", tree.path("app.ts"), tree.root];
    await using running = start(args, { redirect: ">/dev/full 2>/dev/full" });
    await until(() => answers(port));
    for (const [path, status] of [["fail", 500], ["", 200]]) {
      const response = await fetch(`http://127.0.0.1:${port}/${path}`);
      await response.body?.cancel();
      assertEquals(response.status, status);
    }
    assertEquals((await stop(running)).code, 0);
  }, 120_000),
});

// --- permissions ---

test("an app has no other permissions than the command itself", async () => {
  using tree = await makeTree({
    "app.ts": `export default {
      fetch() {
        const attempts = [
          () => Deno.writeTextFileSync("written-by-an-app", ""),
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
    "NotCapable",
    "NotCapable",
    "NotCapable",
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
