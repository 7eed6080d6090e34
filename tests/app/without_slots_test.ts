/**
 * What a request and a response of an app are made of leans on symbols of the runtime
 * that are not documented. Where those are missing everything still works, slower: the
 * tests of both run once more in a runtime that has none.
 */

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { repository } from "../support/command.ts";

Deno.test("the tests of apps' requests pass where the runtime shows no slots", async () => {
  const preload = fromFileUrl(
    new URL("../support/without_slots.ts", import.meta.url),
  );
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["test", "-A", "--no-prompt", "--no-check", "--preload", preload],
      ...[
        "tests/app/lazy_request_test.ts",
        "tests/app/request_context_test.ts",
      ],
    ],
    cwd: repository,
    env: { NO_COLOR: "1" },
  }).output();
  const output = new TextDecoder().decode(stdout) +
    new TextDecoder().decode(stderr);
  assertEquals(code, 0, output);
  const [, passed] = /(\d+) passed/.exec(output)!;
  assert(Number(passed) > 10, output);
});
