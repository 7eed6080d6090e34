/**
 * What an app gets for a relative URL: the same as under `deno serve`, where there is no
 * location. The app says what it got, here and there.
 */

import { assertEquals, assertFalse } from "@std/assert";
import { appUrl } from "../support/apps.ts";
import { startChildServer } from "../support/child_server.ts";
import { ask } from "../support/clients.ts";
import { inTime } from "../support/in_time.ts";
import relative from "../apps/relative.ts";

for (const isolation of ["standard", "strict"] as const) {
  Deno.test(
    `relative URLs fail in an app as under deno serve (${isolation})`,
    inTime(async () => {
      await using server = await startChildServer(
        ...["--app", appUrl("relative").pathname, "--workers", "1"],
        ...["--isolation", isolation],
      );
      const here = JSON.parse((await ask(server, "/")).body);
      const there = await (await relative.fetch(new Request("http://h/")))
        .json();
      assertEquals(here, there);
      for (const outcome of Object.values(here)) {
        assertFalse(`${outcome}`.includes("file:"), JSON.stringify(here));
      }
    }),
  );
}
