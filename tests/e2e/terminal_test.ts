/** What a person at a terminal sees, from the start to Ctrl-C. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { inTime, until } from "../support/in_time.ts";
import { answers, freePort } from "../support/cli.ts";
import { hasTerminals, startOnTerminal } from "../support/terminal.ts";
import { inlineApp } from "../support/apps.ts";
import { makeTree } from "../support/tree.ts";

function test(name: string, body: () => Promise<void>): void {
  Deno.test({
    name,
    ignore: !hasTerminals,
    fn: inTime(body, 120_000),
  });
}

const address = /Local: +(http:\S+)\/\r\n/;

/** The status of a response, whose body is read. */
async function statusOf(url: string): Promise<number> {
  const response = await fetch(url, { headers: { connection: "close" } });
  await response.body?.cancel();
  return response.status;
}

test("a terminal shows the address, each request and who has responded", async () => {
  await using run = startOnTerminal(["-p", "0", "-w", "1"]);
  const [, url] = await run.screen.waitFor(address);
  assertEquals(await statusOf(`${url}/none`), 404);
  await run.screen.waitFor(
    /\d\d:\d\d:\d\d 404 GET \/none \d\S+ k?B \S+ m?s worker 1\r\n/,
  );
  await run.press("\x03");
  assertEquals(await run.ended, 0);
  assertMatch(run.screen.text, /^\r\n {2}Skein \S+ {2}ready in \d+ ms\r\n/);
  assert(!run.screen.text.includes("Finishing"), run.screen.text);
});

test("--quiet shows nothing of that", async () => {
  const port = freePort();
  await using run = startOnTerminal(["-p", `${port}`, "-w", "1", "--quiet"]);
  await until(() => answers(port));
  await run.press("\x03");
  assertEquals(await run.ended, 0);
  assertMatch(run.screen.text, /^(?:\^C)?$/);
});

test("Ctrl-C says what is waited for, and a second one ends that", async () => {
  const app = inlineApp(`export default {
    fetch() {
      console.log("begun");
      return new Promise(() => {});
    },
  };`);
  await using run = startOnTerminal([
    "-p",
    "0",
    "--drain",
    "999",
    "--app",
    app,
  ]);
  const [, url] = await run.screen.waitFor(address);
  const slow = statusOf(url).catch(() => "cut off");
  await run.screen.waitFor(/begun\r\n/);
  await run.press("\x03");
  await run.screen.waitFor(
    /Finishing 1 request; Ctrl-C again to stop now\r\n/,
  );
  // The second press counts once it cannot be an echo of the first.
  const presses = setInterval(() => run.press("\x03").catch(() => {}), 200);
  assertEquals(await slow, "cut off");
  assertEquals(await run.ended, 1);
  clearInterval(presses);
});

test("a directory without a page is listed for a person, unless --no-list", async () => {
  using tree = await makeTree({ "a.txt": "a" });
  for (
    const { flags, status } of [
      { flags: [], status: 200 },
      { flags: ["--no-list"], status: 404 },
      { flags: ["--host", "0.0.0.0"], status: 404 },
    ]
  ) {
    await using run = startOnTerminal([
      "-p",
      "0",
      "-w",
      "1",
      ...flags,
      tree.root,
    ]);
    const [, url] = await run.screen.waitFor(address);
    assertEquals(await statusOf(`${url}/`), status, flags.join(" "));
    await run.press("\x03");
    assertEquals(await run.ended, 0);
  }
});
