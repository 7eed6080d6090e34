/**
 * What the command says and exits with where something is wrong with the world: its port,
 * its directory, its app, its log.
 */

import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { toFileUrl } from "@std/path";
import { inTime, until } from "../support/in_time.ts";
import { makeTree, type TreeEntry } from "../support/tree.ts";
import {
  answers,
  freePort,
  run,
  type RunOptions,
  start,
  stop,
  test,
} from "../support/cli.ts";

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
  // Nothing comes after it. `.` matches no end of a line.
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
      `Port ${privileged} needs root privileges; choose one from 1024 up with --port`,
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
      `${host} is not an address of this machine; choose another with --host`,
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

test("the command serves none of the system's own directories", async () => {
  for (const name of ["/proc", "/proc/self", "/dev", "/sys"]) {
    await assertFails(
      ["-p", "0", name],
      `"${name}" belongs to the system and is not served; name another directory`,
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

test("the command tells how to serve a module that is named as ROOT", async () => {
  using tree = await makeTree({ "www/app.ts": "" });
  await assertFails(
    ["-p", "0", "app.ts"],
    '"app.ts" is a module; to serve the app in it, write --app app.ts',
    { cwd: tree.root },
  );
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
    sentence:
      /cannot be imported:\nTypeError: Module not found ".*\/app\.ts"\./,
  },
  {
    name: "is a directory",
    source: { kind: "directory" },
    sentence: /cannot be imported:\nTypeError: .*/,
  },
  {
    name: "has a syntax error",
    source: "export default {\n  fetch( {\n};\n",
    // With the line, which is what one needs most.
    sentence:
      /cannot be imported:\nTypeError: SyntaxError: [^]*\n {4}at file:.*\/app\.ts:[0-9]+:[0-9]+/,
  },
  {
    name: "imports what is not there",
    source: 'import "./missing.ts";\nexport default { fetch() {} };\n',
    sentence:
      /cannot be imported:\nTypeError: Module not found ".*\/missing\.ts"\.\n {4}at file:.*\/app\.ts:1:8/,
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
    source: '\nthrow new Error("The database is away");\n',
    sentence:
      /cannot be imported:\nError: The database is away\n {4}at file:\S+app\.ts:2:7/,
  },
  {
    name: "throws an error of several lines, which has a cause",
    source: 'throw new Error("The database is away.\\nSo is the cat.", ' +
      '{ cause: new TypeError("No route") });\n',
    sentence:
      /cannot be imported:\nError: The database is away\.\nSo is the cat\.\n {4}at file:\S+app\.ts:1:7\nCaused by: TypeError: No route\n {4}at file:\S+app\.ts:1:67/,
  },
  {
    name: "throws no error",
    source: 'throw "The database is away";\n',
    sentence: /cannot be imported:\nThrown: "The database is away"/,
  },
  {
    name: "throws in a function, after an await",
    source: 'function fail() { throw new Error("The database is away"); }\n' +
      "await null;\nfail();\n",
    sentence:
      /cannot be imported:\nError: The database is away\n {4}at fail \(file:\S+app\.ts:1:25\)\n {4}at file:\S+app\.ts:3:1/,
  },
  {
    name: "wants what it may not have",
    source: "Deno.hostname();\nexport default { fetch() {} };\n",
    sentence:
      /cannot be imported:\nNotCapable: Requires sys access to "hostname", run again with the --allow-sys flag\n {4}at file:\S+app\.ts:1:6\nTo allow everything: deno run -A \S+main\.ts -p 0 -w 2 --app app\.ts/,
  },
];

for (const { name, source, sentence } of badApps) {
  test(`the command tells of an app that ${name}`, async () => {
    using tree = await makeTree(source === null ? {} : { "app.ts": source });
    const url = toFileUrl(tree.path("app.ts")).href;
    const whole = new RegExp(
      `The app ${RegExp.escape(url)} ${sentence.source}`,
    );
    await assertFails(["-p", "0", "-w", "2", "--app", "app.ts"], whole, {
      cwd: tree.path("."),
    });
  });
}

for (
  const [name, source, what] of [
    ["is never ready", "await new Promise(() => {});", "waits for something"],
    ["computes for ever", "for (;;);", "computes"],
  ]
) {
  test(`the command tells of an app that ${name}`, async () => {
    using tree = await makeTree({ "app.ts": source });
    const limit = "bootTimeoutMs=500";
    await assertFails(
      ["-p", "0", "-w", "2", "--limit", limit, "--app", tree.path("app.ts")],
      new RegExp(
        `\\S+app\\.ts was not ready after 0\\.5 s \\(the limit bootTimeoutMs\\): its modules are loaded, and one of them still ${what}`,
      ),
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
