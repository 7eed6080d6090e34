/**
 * What the command says and exits with where something is wrong with the world: its port,
 * its directory, its app, its log.
 */

import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { inTime, until } from "../support/in_time.ts";
import { makeTree } from "../support/tree.ts";
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
    new RegExp(
      `Port ${port} is in use; end the other server, or choose another port: --port \\d+`,
    ),
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
  // RFC 5737 keeps this address for documents, RFC 6761 the name.
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

test("the command does not serve the system's own directories", async () => {
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
    ? "the command tells of a ROOT that it may not read (skipped: root may read all)"
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
  readonly source: string | null;
  readonly sentence: RegExp;
}

const badApps: BadApp[] = [
  {
    name: "does not exist",
    source: null,
    sentence: /There is no module \/\S+\/app\.ts; did you mean apt\.ts\?/,
  },
  {
    name: "has a syntax error",
    source: "export default {\n  fetch( {\n};\n",
    sentence:
      /\/\S+\/app\.ts:3:2 has a syntax error: .*\n {2}\|\n3 \| };\n {2}\| *~/,
  },
  {
    name: "exports a function",
    source: "export default () => new Response();\n",
    sentence:
      /The app \/\S+\/app\.ts exports a function, .*: write "export default { fetch: handler }"/,
  },
  {
    name: "throws an error of several lines, which has a cause",
    source: 'throw new Error("The database is away.\\nSo is the cat.", ' +
      '{ cause: new TypeError("No route") });\n',
    sentence:
      /The app \/\S+\/app\.ts cannot be imported:\nError: The database is away\.\nSo is the cat\.\n {4}at file:\S+app\.ts:1:7\nCaused by: TypeError: No route\n {4}at file:\S+app\.ts:1:67/,
  },
  {
    name: "wants what it may not have",
    source: "Deno.hostname();\nexport default { fetch() {} };\n",
    sentence:
      /The app \/\S+\/app\.ts cannot be imported:\nNotCapable: Requires sys access to "hostname", run again with the --allow-sys flag\n {4}at file:\S+app\.ts:1:6\nTo allow everything: deno run -A \S+main\.ts -p 0 -w 2 --app app\.ts/,
  },
];

for (const { name, source, sentence } of badApps) {
  test(`the command tells of an app that ${name}`, async () => {
    using tree = await makeTree({
      "apt.ts": "",
      ...(source !== null && { "app.ts": source }),
    });
    await assertFails(["-p", "0", "-w", "2", "--app", "app.ts"], sentence, {
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
