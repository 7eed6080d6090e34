/**
 * Workers that nothing can stop but the end of their process: they are given up, and when
 * there are too many the server ends. With a process of its own.
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { appUrl } from "../support/apps.ts";
import { startChildServer } from "../support/child_server.ts";
import { ask, Crowd } from "../support/clients.ts";
import { inTime } from "../support/in_time.ts";
import { instances } from "../support/clients.ts";

const dying = appUrl("dying");

Deno.test(
  "the pool gives up a worker that computes after a timer, and others are not hurt",
  // Its thread spins on until its process ends.
  inTime(async () => {
    await using server = await startChildServer(
      ...["--app", dying.pathname, "--workers", "2", "--timeout", "0.6"],
      ...["--limit", "workerSilenceMs=100", "--limit", "workerGraceMs=400"],
      ...["--limit", "sweepMs=20"],
    );
    await using crowd = new Crowd(server);
    await crowd.answers(3);
    assertEquals((await ask(server, "/loop-after-timer")).status, 504);
    await crowd.answers(3);
    await server.stderr.waitFor(/A worker is lost: .*1 so far/);
    await instances(server);
    await crowd.answers(3);
  }),
);

Deno.test(
  "the server ends with an error when too many workers are lost",
  inTime(async () => {
    await using server = await startChildServer(
      ...["--app", dying.pathname, "--workers", "2", "--timeout", "0.6"],
      ...["--limit", "workerSilenceMs=100", "--limit", "workerGraceMs=400"],
      ...["--limit", "sweepMs=20", "--lost-workers", "1"],
    );
    // One after the other: both could be given to the same worker.
    assertEquals((await ask(server, "/loop-after-timer")).status, 504);
    await server.stderr.waitFor(/A worker is lost: .*1 so far/);
    assertEquals((await ask(server, "/loop-after-timer")).status, 504);
    assertEquals(await server.ended, 1);
    assertStringIncludes(server.stderr.text, "too many workers are lost");
  }),
);
